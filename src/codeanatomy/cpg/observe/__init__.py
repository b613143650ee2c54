"""Evidence of every file: worker processes, and a cache by content."""
