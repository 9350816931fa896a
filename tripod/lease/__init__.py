"""The controller's side of the lease, which ties each host of a run to one ansible-playbook."""
