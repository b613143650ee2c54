"""Graphs and runs, drawn."""
