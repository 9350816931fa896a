-- In the applications' database: the views that were counted.
\connect tripod
SELECT json_build_object('views', (SELECT sum(views) FROM quote));
