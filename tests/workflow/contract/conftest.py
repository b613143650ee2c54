"""What contract tests can ask for."""

from __future__ import annotations

from tests.workflow.contract.llm_fixtures import ask, engine, model, waits

__all__ = ["ask", "engine", "model", "waits"]
