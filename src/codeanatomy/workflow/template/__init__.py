"""Sandboxed templates and conditions over declared names."""
