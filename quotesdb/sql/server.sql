-- The server as it is in a trial: its version, and settings that are no defaults.
-- The command line speaks of this moment only; the configuration file of the trials.
SELECT json_build_object('kind', 'postgres', 'version', split_part(current_setting('server_version'), ' ', 1),
    'settings', (SELECT json_object_agg(s.name, CASE s.source WHEN 'command line' THEN f.setting
            ELSE current_setting(s.name) END ORDER BY s.name)
        FROM pg_settings s LEFT JOIN pg_file_settings f ON f.name = s.name
        WHERE s.source NOT IN ('default', 'override', 'client', 'session')
            AND (s.source <> 'command line' OR f.setting IS NOT NULL)));
