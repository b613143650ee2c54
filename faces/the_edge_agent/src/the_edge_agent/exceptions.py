"""The exceptions of the API that have a module of their own."""

from __future__ import annotations

from codeanatomy.workflow.response import HTTPResponse

__all__ = ["HTTPResponse"]
