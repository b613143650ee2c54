"""Branches: how they are run, retried, broken off and joined."""
