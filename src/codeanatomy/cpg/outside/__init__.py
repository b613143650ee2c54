"""Sources of modules that are not in the store, found and read as text: never imported or run."""
