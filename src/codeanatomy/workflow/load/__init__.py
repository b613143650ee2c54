"""From the text of an agent file to a checked declaration."""
