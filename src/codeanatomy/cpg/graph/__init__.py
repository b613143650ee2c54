"""A published graph, opened: its tables in SQL, its nodes and edges as objects."""
