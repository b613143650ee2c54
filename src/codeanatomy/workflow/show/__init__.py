"""Graphs and runs for the eye: text, Mermaid, DOT, SVG, a page, a live terminal."""
