"""Tripod: the library behind the benchmark (no SSH, no Ansible)."""
