"""Names that the old API promises and this house would not choose."""
