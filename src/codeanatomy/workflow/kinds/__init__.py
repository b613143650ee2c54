"""The node types of the YAML format that run other nodes."""
