-- The quotes: 100 authors with 1,000 quotes each, made in the database and the same on every host.
-- Run by a superuser or the database's owner, in the database that the applications use; the role `tripod` must exist:
--
--     psql -X -v ON_ERROR_STOP=1 -d tripod -f quotes.sql        (not with -1: VACUUM runs in no transaction)
--
-- Running it again replaces the tables, and sets all view counts back to 0: it is also the way to reload.

BEGIN;

DROP TABLE IF EXISTS public.quote, public.author;

CREATE TABLE public.author (
    id integer PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE public.quote (
    id integer PRIMARY KEY,
    quote_text text NOT NULL,
    author_id integer NOT NULL REFERENCES public.author,
    views integer NOT NULL DEFAULT 0
);

INSERT INTO public.author (id, name)
SELECT n, 'Author No. ' || n
FROM generate_series(1, 100) AS n
ORDER BY n;

-- A sentence of 98 characters, the length of a usual quote; no two are alike.
INSERT INTO public.quote (id, quote_text, author_id)
SELECT n, md5('quote ' || n) || ' ' || md5('of ' || n) || ' ' || md5('author ' || n), (n - 1) / 1000 + 1
FROM generate_series(1, 100000) AS n
ORDER BY n;

-- What the applications may do, and no more: read all, count views.
GRANT SELECT ON public.author, public.quote TO tripod;
GRANT UPDATE (views) ON public.quote TO tripod;

COMMIT;

-- The tables are as a long-lived database has them: statistics known, nothing left for autovacuum in a trial.
VACUUM (FREEZE, ANALYZE) public.author, public.quote;
