"""The registry: what it costs, and what it leaves alone."""

from __future__ import annotations

import subprocess
import sys

HEAVY = "duckdb fsspec jsonschema jmespath mcp openai pyarrow requests RestrictedPython".split()


def test_building_the_registry_loads_no_library() -> None:
    """Optional libraries load where an action uses them."""
    program = f"""
import sys
from codeanatomy.workflow.actions._registry import build
build(object())
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
