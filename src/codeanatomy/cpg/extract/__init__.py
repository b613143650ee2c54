"""Evidence: one producer a file, each a pure function from one file's bytes to declared tables."""
