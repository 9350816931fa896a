-- What the server has counted in the applications' database so far.
-- A crash loses all statistics; those of the archiver say since when they count.
SELECT json_build_object(
    'version', split_part(current_setting('server_version'), ' ', 1),
    'sessions', sessions, 'transactions', xact_commit + xact_rollback, 'rows_returned', tup_returned,
    'deadlocks', deadlocks,
    'statements', EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_stat_statements')
        AND current_setting('shared_preload_libraries') ~ 'pg_stat_statements',
    'crashed', (SELECT stats_reset FROM pg_stat_archiver))
FROM pg_stat_database WHERE datname = 'tripod';
