"""collect.py's commands, one module each: options and exit codes; what they show is made elsewhere."""
