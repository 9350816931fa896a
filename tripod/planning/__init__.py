"""The ordered list of a run's trials and where it comes from; nothing that only a host could tell."""
