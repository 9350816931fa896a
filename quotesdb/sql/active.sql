-- During a trial, again and again: how many of the applications' sessions are at work.
SELECT count(*) FROM pg_stat_activity
WHERE usename = 'tripod' AND backend_type = 'client backend' AND state = 'active'
\watch 0.25
