"""Blocks of Python in a file, compiled once; state never becomes source."""
