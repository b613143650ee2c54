"""Spans and events of a run, and where they go."""
