"""What every test of workflows can ask for."""

from __future__ import annotations

from tests.workflow.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]
