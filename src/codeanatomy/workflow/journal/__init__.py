"""What a run did, row by row, so that it can go on after a crash."""
