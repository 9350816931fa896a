"""Facts about legs, servers, databases, k6 and workloads that hold for every run; nothing of one run."""
