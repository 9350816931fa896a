-- Who answers, and how many sessions the applications' database has had. Each file here prints one JSON value for
-- each question; roles, databases and tables are those that deploy made.
-- postmaster.pid is read by the server itself, in its own data directory.
SELECT json_build_object(
    'pid', split_part(pg_read_file('postmaster.pid'), E'\n', 1)::int,
    'version', split_part(current_setting('server_version'), ' ', 1),
    'sessions', (SELECT sessions FROM pg_stat_database WHERE datname = 'tripod'));
