"""What a host and its services do while trials run: a sampler of each host, and what a trial reads of it."""
