"""Graphs in the DOT language, read and run."""
