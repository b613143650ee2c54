"""Values that at least two subsystems share: pure, synchronous, no input or output."""
