-- After a trial: statistics.sql, once the applications' sessions have ended, since live ones report late. After 16 s
-- they are ended.
DO $$ BEGIN
    FOR tick IN 1..800 LOOP
        EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = 'tripod'
            AND backend_type = 'client backend' AND usename = 'tripod');
        PERFORM pg_sleep(0.02), pg_stat_clear_snapshot();
    END LOOP;
    PERFORM pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE datname = 'tripod'
        AND backend_type = 'client backend' AND usename = 'tripod';
END $$;
\ir statistics.sql
