-- In the applications' database: whether the tables are there.
SELECT to_json(to_regclass('author') IS NOT NULL AND to_regclass('quote') IS NOT NULL);
