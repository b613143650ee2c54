"""The runtime: named worlds over one storage address, behind a gate of roles, quotas and audit."""
