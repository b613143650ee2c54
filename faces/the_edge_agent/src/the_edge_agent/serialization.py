"""States as bytes and back, exactly; `register` says which classes they may hold."""

from __future__ import annotations

from codeanatomy.workflow.errors import StateBytesError, UnstorableError
from codeanatomy.workflow.state import decode, encode, register

__all__ = ["StateBytesError", "UnstorableError", "decode", "encode", "register"]
