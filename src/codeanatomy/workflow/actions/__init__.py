"""What an agent can do: one namespace a file."""
