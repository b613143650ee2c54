"""A dotted path gives without Jinja2 what it gives with it."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from codeanatomy.workflow.template.compiled import dotted_path, expression, path_getter
from codeanatomy.workflow.template.dotdict import DotDict
from codeanatomy.workflow.template.environment import Templates
from codeanatomy.workflow.template.sandbox import Sandbox

SANDBOX = Sandbox()
SCOPE: dict[str, Any] = {
    "state": {
        "a": {"b": {"c": 1}},
        "n": None,
        "items": 2,
        "o": SimpleNamespace(x=3, _y=4),
        "l": [1],
        "d": DotDict(k=DotDict(j=5)),
        "_u": 6,
        "s": "text",
    },
    "DotDict": 1,
}
PATHS = (
    "state state.a state.a.b.c state.a.zz state.a.zz.y state.n state.n.x state.items state.a.items"
    " state.o.x state.o.zz state.o._y state.l.append state.l.count state.d.k.j state.d.k.zz"
    " state._u state._zz state.__class__ state.a.__len__ state.s.upper state.s._x zz zz.y range"
    " state.get state.a.pop state.n._x state.a.zz.y.x range.start"
).split()


@pytest.mark.parametrize("path", PATHS)
def test_a_path_is_what_jinja_makes_of_it(path: str) -> None:
    """Values, undefined ones and errors are the same on both ways."""
    names = dotted_path(path)
    assert names is not None
    assert outcome(path_getter(names, lambda: SANDBOX)) == outcome(expression(path, SANDBOX))


@pytest.mark.parametrize(
    "text", ["true", "None", "not", "a.0", "a b", "a['b']", "loop.x", "self", "é"]
)
def test_other_expressions_are_left_to_jinja(text: str) -> None:
    """Words of the language and anything with another sign in it."""
    assert dotted_path(text) is None


def test_paths_do_not_load_jinja() -> None:
    """A file whose templates are paths and texts never pays for the import."""
    code = (
        "import sys\n"
        "from codeanatomy.workflow.template.environment import Templates\n"
        "t = Templates()\n"
        "assert t.render({'a': '{{ state.x.y }}', 'b': '${v}'},"
        " {'state': {'x': {'y': 1}}, 'variables': {'v': 2}}) == {'a': 1, 'b': '2'}\n"
        "assert t.evaluate_condition('!done', {'state': {}})\n"
        "assert 'jinja2' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_texts_keep_their_last_newline_when_asked() -> None:
    """`text` gives every character back; `render` drops one newline as Jinja2 does."""
    templates, scope = Templates(), {"state": {"x": 1}}
    assert templates.text("a{{ state.x }}\n\n", scope) == "a1\n\n"
    assert templates.render("a{{ state.x }}\n\n", scope) == "a1\n"


def outcome(get: Any) -> object:  # noqa: ANN401 - a function of the scope
    """Return the value, or what kind of undefined or error it is."""
    try:
        value = get(SCOPE)
    except Exception as exc:  # noqa: BLE001 - compared, not handled
        return type(exc), str(exc)
    if type(value).__name__.endswith("Undefined"):
        return "undefined", value._undefined_name
    return value
