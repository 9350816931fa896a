"""PostgreSQL with the quotes, on the DB host: makes the cluster and its data, and watches it around a trial.

Standard library only, and psql: a DB host has nothing else. Ansible's modules import it from where role
postgres put it.
"""
