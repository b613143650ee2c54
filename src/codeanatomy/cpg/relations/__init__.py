"""Relations, one a file: what meets what, under which conditions."""
