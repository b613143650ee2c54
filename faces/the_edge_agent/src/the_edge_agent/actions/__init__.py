"""The built-in actions of an engine, by name."""

from __future__ import annotations

from codeanatomy.workflow.actions._registry import build as build_actions_registry
from codeanatomy.workflow.response import HTTPResponse

__all__ = ["HTTPResponse", "build_actions_registry"]
