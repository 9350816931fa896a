-- In the applications' database: how many authors and quotes there are.
SELECT json_build_object('authors', (SELECT count(*) FROM author), 'quotes', (SELECT count(*) FROM quote));
