-- The views that were counted; goes over to the applications' database.
\connect tripod
SELECT json_build_object('views', (SELECT sum(views) FROM quote));
