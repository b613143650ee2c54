"""One loop that yields typed events, and the views of it."""
