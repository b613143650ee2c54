"""The command `tea`, as `python -m the_edge_agent.cli`."""

from __future__ import annotations

from the_edge_agent.cli import app

if __name__ == "__main__":
    app(prog_name="tea")
