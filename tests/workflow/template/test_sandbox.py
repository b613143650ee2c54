"""Nothing but the scope is reachable from a template, and nothing in it can be changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from codeanatomy.workflow.template.environment import Templates
from codeanatomy.workflow.template.errors import TemplateError, TemplateUnsafeError


@dataclass
class Point:
    """A value of the person's own."""

    x: int = 2
    _private: str = "s"

    def double(self) -> int:
        """Look, and change nothing."""
        return self.x * 2


def function() -> str:
    """Stand for any function that got into the state."""
    return "called"


STATE: dict[str, Any] = {
    "text": "abc",
    "list": [3, 1],
    "dict": {"k": 1},
    "set": {1},
    "point": Point(),
    "function": function,
    "module": pytest,
    "kind": Point,
    "path": Path("somewhere/file.txt"),
    "when": datetime(2026, 1, 2, tzinfo=UTC),
    "amount": Decimal("1.5"),
    "id": UUID(int=7),
    "bytes": b"ab",
}
SCOPE = {"state": STATE, "now": lambda: "noon"}

UNSAFE = [
    "state.__class__",
    "state.text.__class__",
    "state.text['__class__']",
    "state.text | attr('__class__')",
    "[state.text] | map(attribute='__class__') | list",
    "'{0.__class__}'.format(state.text)",
    "'{0[x].__class__}'.format({'x': 1})",
    "'{a.__init__}'.format_map({'a': 1})",
    "''.__class__.__mro__[1].__subclasses__()",
    "state.list.append(1)",
    "state.list.sort()",
    "state.dict.pop('k')",
    "state.dict.update({})",
    "state.dict.clear()",
    "state.set.add(2)",
    "state.function()",
    "state.function.__globals__",
    "state.function.func_code",
    "state.kind()",
    "state.kind.mro",
    "state.module.skip",
    "state.point._private",
    "state.point.__dict__",
    "state.path.read_text()",
    "state.path.exists()",
    "state.path.unlink()",
    "state.when.now()",
    "cycler.__init__.__globals__",
    "joiner.__init__",
    "range.__class__",
    "namespace.__init__",
    "dict.fromkeys",
    "self.__init__",
    "loop.__class__",
    "(1).to_bytes(1000000000, 'big')",
]


@pytest.mark.parametrize("expression", UNSAFE)
def test_what_leads_out_is_refused(expression: str) -> None:
    """Machinery of Python, methods that change, and what was never offered to be called."""
    templates = Templates()
    for text in ("{{ " + expression + " }}", "x {{ " + expression + " }}"):
        with pytest.raises(TemplateError) as caught:
            templates.render(text, SCOPE)
        said = str(caught.value)
        assert isinstance(caught.value, TemplateUnsafeError) or "undefined" in said
    assert STATE["list"] == [3, 1]
    assert STATE["dict"] == {"k": 1}


SAFE = [
    ("state.text.upper()", "ABC"),
    ("state.text.replace('a', 'x')", "xbc"),
    ("'-'.join(state.list | map('string'))", "3-1"),
    ("state.list | sort", [1, 3]),
    ("state.dict.items() | list", [("k", 1)]),
    ("state.point.x", 2),
    ("state.point.double()", 4),
    ("state.path.name", "file.txt"),
    ("state.path.with_suffix('.md').name", "file.md"),
    ("state.when.isoformat()", "2026-01-02T00:00:00+00:00"),
    ("state.when.year", 2026),
    ("state.amount * 2", Decimal(3)),
    ("state.id.hex", "0" * 31 + "7"),
    ("state.bytes.decode()", "ab"),
    ("now()", "noon"),
    ("state.set.union([2]) | sort", [1, 2]),
    ("dict(a=1)", {"a": 1}),
    ("range(3) | list", [0, 1, 2]),
    ("namespace(a=1).a", 1),
    ("'{:>4}'.format(state.text)", " abc"),
    ("'{k}'.format_map(state.dict)", "1"),
]


@pytest.mark.parametrize(("expression", "expected"), SAFE)
def test_what_only_looks_is_allowed(expression: str, expected: Any) -> None:  # noqa: ANN401 - of any type
    """Values, their harmless methods, and the functions of the scope."""
    assert Templates().render("{{ " + expression + " }}", SCOPE) == expected


def test_a_loop_has_its_variable() -> None:
    """The methods of `loop` and of macros can be called."""
    text = (
        "{% macro m(x) %}<{{ x }}>{% endmacro %}"
        "{% for i in state.list %}{{ m(i) }}{{ loop.cycle('a', 'b') }}{% endfor %}"
    )
    assert Templates().render(text, SCOPE) == "<3>a<1>b"


def test_one_engine_may_add_filters_and_names() -> None:
    """What is given at the beginning is there for every template."""
    templates = Templates(filters={"twice": lambda v: v * 2}, names={"pi": lambda: 3})
    assert templates.render("{{ pi() | twice }}", {}) == 6
