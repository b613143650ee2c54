"""The command `world`: worlds at a storage address or on a server, one verb a file."""
