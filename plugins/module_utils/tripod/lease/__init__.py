"""The lease of a machine: who may change it, and what it does when its controller is gone."""
