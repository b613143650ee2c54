"""How long reading, checking and rendering take: a file of 50 nodes, one template, one block."""

from __future__ import annotations

import json
import timeit
from typing import TYPE_CHECKING, Any

import yaml

from codeanatomy.workflow.code.block import compile_block
from codeanatomy.workflow.load.inputs import InputSchema
from codeanatomy.workflow.load.read import read_yaml
from codeanatomy.workflow.load.validate import structural, validate
from codeanatomy.workflow.template.environment import Templates

if TYPE_CHECKING:
    from collections.abc import Callable

SCOPE: dict[str, Any] = {
    "state": {"a": {"b": {"c": 1}}, "name": "Ada", "xs": [{"n": 1}, {"n": 2}], "score": 7},
    "variables": {"v": 3},
    "secrets": {},
    "settings": {},
    "data": {},
    "env": {},
}


def file_of(nodes: int) -> str:
    """Return an agent file with templates, code and conditions in it."""
    lines = ["name: bench", "nodes:"]
    for i in range(nodes):
        lines += [
            f"  - name: node{i}",
            "    uses: data.merge",
            "    with:",
            f"      sources: ['{{{{ state.a{i} }}}}', '{{{{ state.b | tojson }}}}']",
            "      strategy: deep",
            f"    output: out{i}",
        ]
        if i % 5 == 0:
            lines[-5:] = ["    run: |", "      x = state.get('a', 1)", "      return {'y': x + 1}"]
    lines.append("edges:")
    for i in range(nodes - 1):
        lines += [f"  - from: node{i}", f"    to: node{i + 1}", f"    when: state.out{i} > 3"]
    return "\n".join(lines)


def best(call: Callable[[], object], number: int = 1) -> float:
    """Return the best time of one call, in microseconds."""
    call()
    return min(timeit.repeat(call, number=number, repeat=7)) / number * 1e6


def main() -> None:
    """Print one line of JSON for each figure."""
    text = file_of(50)
    loader = yaml.CSafeLoader
    assert read_yaml(text).value == yaml.load(text, Loader=loader)  # noqa: S506 - a safe loader
    templates, document = Templates(), read_yaml(text)
    render = templates.render
    block = compile_block("x = state['score'] + 1\nreturn {'y': x}")
    schema = InputSchema.from_dict({"a": {"type": "int", "min": 1}, "b": {"type": "str"}})
    figures = {
        "read 50 nodes": best(lambda: read_yaml(text)),
        "read 50 nodes (PyYAML, libyaml, no places)": best(lambda: yaml.load(text, Loader=loader)),  # noqa: S506 - as above
        "check 50 nodes at load": best(lambda: structural(document)),
        "read and check 50 nodes": best(lambda: structural(read_yaml(text))),
        "check 50 nodes wholly": best(lambda: validate(document, strict=True)),
        "places of 50 nodes": best(lambda: read_yaml(text).position(("nodes", 49))),
        "render a path": best(lambda: render("{{ state.a.b.c }}", SCOPE), 2000),
        "render an expression": best(lambda: render("{{ state.score + 1 }}", SCOPE), 2000),
        "render a filter": best(lambda: render("{{ state.xs | length }}", SCOPE), 2000),
        "render a mixed text": best(lambda: render("Hello {{ state.name }}!", SCOPE), 2000),
        "render a variable": best(lambda: render("v=${v}", SCOPE), 2000),
        "compile an expression": best(lambda: Templates().render("{{ 1 + 1 }}", SCOPE), 20),
        "condition: key": best(lambda: templates.evaluate_condition("!done", SCOPE), 2000),
        "condition: expression": best(
            lambda: templates.evaluate_condition("state.score > 3", SCOPE), 2000
        ),
        "run a block": best(lambda: block.run(SCOPE, SCOPE["state"]), 2000),
        "check an input": best(lambda: schema.validate({"a": "3", "b": "x"}), 2000),
    }
    for name, microseconds in figures.items():
        print(json.dumps({"what": name, "us": round(microseconds, 2)}))


if __name__ == "__main__":
    main()
