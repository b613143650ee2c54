"""Retry loops as agent files write them."""

from __future__ import annotations

from typing import Any

import yaml

from codeanatomy.workflow.yaml_engine.engine import YAMLEngine

AGENT = """
name: fixer
nodes:
  - name: check
    uses: retry.loop
    with:
      validate: my.long_enough
      validate_args: {text: "{{ state.text }}"}
      correct: fix
      max_retries: 5
    goto: __end__
  - name: fix
    run: |
      text = state["text"] + "x"
"""


def test_arguments_are_rendered_for_every_check() -> None:
    """The check sees what the correction made of the state, not what the state was at first."""
    seen: list[str] = []

    def long_enough(text: str, **_: object) -> dict[str, Any]:
        seen.append(text)
        return {"valid": len(text) >= 3}

    engine = YAMLEngine({"my.long_enough": long_enough}, enable_tracing=False, enable_ltm=False)
    graph = engine.load_from_dict(yaml.safe_load(AGENT))
    final = list(graph.invoke({"text": "a"}))[-1]
    engine.close()
    assert final["type"] == "final", final
    assert seen == ["a", "ax", "axx"]
    assert (final["state"]["valid"], final["state"]["_retry_count"]) == (True, 2)
