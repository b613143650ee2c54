"""Append-only, versioned tables of Arrow batches behind one contract."""
