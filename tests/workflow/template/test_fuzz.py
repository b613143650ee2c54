"""Hostile templates and state: a value, a text or one of our errors, and nothing else happens."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codeanatomy.workflow.template.environment import Templates
from codeanatomy.workflow.template.errors import TemplateError

TEMPLATES = Templates()
PIECES = [
    *"{}%#$()[].,|~+-*/<>=!:'\"\\ \n0123456789_",
    "{{ ",
    " }}",
    "{% ",
    " %}",
    "state",
    "state.a",
    "variables.v",
    ".__class__",
    ".__globals__",
    "['__init__']",
    ".mro()",
    ".format(",
    "'{0.__class__}'",
    "|attr('__class__')",
    "|map(attribute='__dict__')",
    "|tojson",
    "|list",
    "|join",
    "for x in ",
    "endfor",
    "if ",
    "else",
    "endif",
    "set y = ",
    "macro m()",
    "endmacro",
    "range(9)",
    "10**9",
    "raw",
    "endraw",
    "include 'x'",
    "import os",
    "self",
    "loop",
    "cycler",
    "namespace(",
    "${v}",
    "${",
    "not ",
    " and ",
    " in ",
    " is defined",
]
TEXTS = st.one_of(
    st.text(max_size=80),
    st.lists(st.sampled_from(PIECES), max_size=25).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=12).map(lambda p: "{{ " + "".join(p) + " }}"),
)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=12)
)
STATES: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.one_of(st.text(max_size=6), st.sampled_from(["a", "items", "__class__", "_x", "get"])),
    st.recursive(
        LEAVES,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)
        ),
        max_leaves=8,
    ),
    max_size=5,
)


class Canary:
    """A value whose every private part and function would show that it was touched."""

    touched: list[str] = []  # noqa: RUF012 - shared on purpose: it is looked at after each run

    def __reduce__(self) -> str:
        self.touched.append("pickled")
        return "Canary"

    def _private(self) -> None:
        self.touched.append("called")


def boom(*_: object) -> None:
    """Stand for a function in the state, which no template may call."""
    Canary.touched.append("function")


@settings(max_examples=250, deadline=None)
@given(text=TEXTS, state=STATES)
def test_any_template_gives_a_value_or_our_error(text: str, state: dict[str, Any]) -> None:
    """The state is as it was, and nothing private was reached."""
    scope = {
        "state": {**state, "canary": Canary(), "boom": boom},
        "variables": {"v": "{{ state.a }}"},
    }
    before = copy.deepcopy(state)
    for render in (TEMPLATES.render, TEMPLATES.text, TEMPLATES.evaluate):
        try:
            value = render(text, scope)
        except TemplateError:
            continue
        assert not callable(value) or type(value).__module__.startswith(("jinja2", "builtins"))
    assert {k: v for k, v in scope["state"].items() if k not in {"canary", "boom"}} == {
        k: v for k, v in before.items() if k not in {"canary", "boom"}
    }
    assert Canary.touched == []


@settings(max_examples=150, deadline=None)
@given(text=TEXTS, state=STATES)
def test_any_condition_holds_or_not_or_is_an_error(text: str, state: dict[str, Any]) -> None:
    """Never anything between."""
    for evaluate in (TEMPLATES.evaluate_condition, TEMPLATES.evaluate_goto):
        try:
            assert evaluate(text, {"state": state}) in {True, False}
        except TemplateError:
            continue


@settings(max_examples=200, deadline=None)
@given(value=st.text())
def test_what_the_state_holds_is_never_a_template(value: str) -> None:
    """A value that looks like a template, a variable or a block is printed as it is."""
    scope = {"state": {"s": value}, "variables": {"s": value}}
    assert TEMPLATES.render("{{ state.s }}", scope) == value
    assert TEMPLATES.render("<{{ state.s }}>", scope) == f"<{value}>"
    assert TEMPLATES.render("<${s}>", scope) == f"<{value}>"
    assert TEMPLATES.render("{{ '<${s}>' }}", scope) == f"<{value}>"
    assert json.loads(TEMPLATES.render("{{ state.s | json }}", scope)) == value


@pytest.mark.parametrize("name", ["open", "eval", "exec", "__import__", "__builtins__", "globals"])
def test_names_of_python_are_not_there(name: str) -> None:
    """Only the scope and a few functions of templates are."""
    assert TEMPLATES.render("{{ " + name + " }}", {}) is None
    with pytest.raises(TemplateError, match=f"'{name}' is undefined"):
        TEMPLATES.render("{{ " + name + "('x') }}", {})
