"""The command `tea`: runs, resumes, checks and shows agent files."""
