"""The command `tea`."""
