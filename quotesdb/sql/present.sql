-- What deploy has made already.
SELECT json_build_object(
    'verifier', (SELECT rolpassword FROM pg_authid WHERE rolname = 'tripod'),
    'role', EXISTS (SELECT FROM pg_roles WHERE rolname = 'tripod'),
    'database', EXISTS (SELECT FROM pg_database WHERE datname = 'tripod'),
    'statements', EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_stat_statements'));
