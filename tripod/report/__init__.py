"""A run as people see it: rows, table, header, notes; decides nothing about a number."""
