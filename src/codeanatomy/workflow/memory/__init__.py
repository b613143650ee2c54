"""What agents remember, for a while and for good."""
