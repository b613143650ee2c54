"""Agent files: from the declaration to a graph that runs."""
