"""The command line: one verb a file."""

from __future__ import annotations

from codeanatomy.cli.app import app

__all__ = ["app"]
