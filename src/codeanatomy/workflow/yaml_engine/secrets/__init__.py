"""Where the secrets of an agent come from: one source a file, chosen by name in the settings."""
