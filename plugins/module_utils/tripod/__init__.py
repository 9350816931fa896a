"""Code for hosts, beside the modules: standard library only, since a host has nothing else of Tripod."""
