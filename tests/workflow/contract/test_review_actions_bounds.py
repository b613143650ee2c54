"""Agent files of an attacker: what would take all memory or never end is refused."""

from __future__ import annotations

from typing import Any

import pytest
from the_edge_agent import YAMLEngine


def test_a_matrix_has_a_size() -> None:
    """More combinations than memory holds are counted, not made."""
    matrix = {letter: list(range(30)) for letter in "abcdef"}
    nodes: list[dict[str, Any]] = [
        {"name": "m", "strategy": {"matrix": matrix}, "run": "return {}", "fan_in": "f"},
        {"name": "f", "fan_in": True},
    ]
    engine = YAMLEngine(enable_ltm=False)
    with pytest.raises(ValueError, match="729000000 combinations; it can have 100000"):
        engine.load_from_dict({"nodes": nodes})
    engine.close()
