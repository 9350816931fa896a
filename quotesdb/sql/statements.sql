-- After a trial, where the server has pg_stat_statements: what the applications asked, the 20 costliest by name.
WITH told AS (
    SELECT left(query, 2000) AS query, sum(calls)::bigint AS calls, sum(rows)::bigint AS rows,
        sum(total_exec_time)::numeric AS total_ms
    FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid
    WHERE r.rolname = 'tripod' GROUP BY 1
), shown AS (SELECT * FROM told ORDER BY total_ms DESC LIMIT 20)
SELECT json_build_object(
    'queries', coalesce(sum(calls) FILTER (
        WHERE query ~* '^\s*(select|insert|update|delete|merge|with|values|table)\M'), 0),
    'round_trips', coalesce(sum(calls), 0),
    'rows_to_client', coalesce(sum(rows) FILTER (
        WHERE query ~* '^\s*(select|with|values|table)\M|\mreturning\M'), 0),
    'total_ms', coalesce(round(sum(total_ms), 3), 0),
    'statements', coalesce((SELECT json_agg(json_build_object(
        'query', query, 'calls', calls, 'rows', rows, 'mean_ms', round(total_ms / calls, 4),
        'total_ms', round(total_ms, 3)) ORDER BY total_ms DESC) FROM shown), '[]'))
FROM told;
