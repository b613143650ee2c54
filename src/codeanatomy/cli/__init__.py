"""The command line: an app and one verb a file."""
