-- Before a trial: views.sql; then, in the database `postgres`, statistics.sql.
\ir views.sql
-- Each trial finds the table as the first one did, whatever the trials before have written.
VACUUM quote;
\connect postgres
-- A session reports before it leaves pg_stat_activity: ours must have left, which takes 1 s at most.
DO $$ BEGIN
    FOR tick IN 1..50 LOOP
        EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = 'tripod'
            AND backend_type = 'client backend' AND usename = 'postgres' AND application_name = 'tripod');
        PERFORM pg_sleep(0.02), pg_stat_clear_snapshot();
    END LOOP;
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_stat_statements')
        AND current_setting('shared_preload_libraries') ~ 'pg_stat_statements'
    THEN PERFORM pg_stat_statements_reset(); END IF;
END $$;
\ir statistics.sql
