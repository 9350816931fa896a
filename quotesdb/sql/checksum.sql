-- In the applications' database: the checksum of all that quotes.sql made, without the views that trials add.
SELECT to_json(md5(
    (SELECT string_agg(concat_ws('|', id, quote_text, author_id), E'\n' ORDER BY id) FROM quote)
    || E'\n' || (SELECT string_agg(concat_ws('|', id, name), E'\n' ORDER BY id) FROM author)));
