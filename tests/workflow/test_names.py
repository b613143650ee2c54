"""The names that the room gives."""

from __future__ import annotations

import codeanatomy.workflow as room
from codeanatomy.workflow.response import HTTPResponse
from codeanatomy.workflow.yaml_engine.engine import YAMLEngine


def test_every_public_name_is_there() -> None:
    """Those of `__all__`, each found where it lives."""
    assert all(getattr(room, name) is not None for name in room.__all__)


def test_an_agent_file_needs_no_other_package() -> None:
    """The engine and the answer of a node are public here too."""
    assert (room.YAMLEngine, room.HTTPResponse) == (YAMLEngine, HTTPResponse)
