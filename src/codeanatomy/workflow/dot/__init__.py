"""Drawings in DOT: read, ordered in phases, run as graphs, written as agent files."""
