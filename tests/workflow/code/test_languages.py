"""Expressions, Lua and Prolog as the code of a node."""

from __future__ import annotations

from typing import Any

import pytest

from codeanatomy.kernel.errors import MissingPartError
from codeanatomy.workflow.code.errors import CodeError, CodeFailedError, CodeTimeoutError
from codeanatomy.workflow.code.expression import compile_expression
from codeanatomy.workflow.code.lua import compile_lua
from codeanatomy.workflow.code.prolog import compile_prolog
from codeanatomy.workflow.template.errors import TemplateError

STATE: dict[str, Any] = {"n": 2, "xs": [1, 2, 3], "d": {"k": None, "z": 2.5}, "s": "it's"}
SCOPE: dict[str, Any] = {"variables": {"v": 3}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("state['n'] + 1", 3),
        ("state.n + 1", 3),
        ("len(state['xs'])", 3),
        ("state.get('zz', 5)", 5),
        ("state.missing", None),
        ("{{ state.xs }}", [1, 2, 3]),
        ("state.s | upper", "IT'S"),
        ("state.xs | length > 2", True),
        ("state.s ~ '!'", "it's!"),
        ("{{ state.n }}-{{ state.s }}", "2-it's"),
        ("[x * variables['v'] for x in state.xs]", [3, 6, 9]),
        ("state.d", {"k": None, "z": 2.5}),
        ("{'a': state.n}", {"a": 2}),
    ],
)
def test_an_expression_gives_its_value(text: str, expected: Any) -> None:  # noqa: ANN401 - of any type
    """Python, and the language of templates where it is written as such."""
    found = compile_expression(text, "node").run(SCOPE, STATE)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a b", CodeError),
        ("1 / 0", ZeroDivisionError),
        ("foo", NameError),
        ("{{ foo.x }}", TemplateError),
        ("(" * 5000, CodeError),
    ],
)
def test_an_expression_that_fails_is_an_error(text: str, kind: type[Exception]) -> None:
    """There is no value in its place."""
    with pytest.raises(kind):
        compile_expression(text, "node").run(SCOPE, STATE)


LUA = [
    ("return {sum = state.n + #state.xs}", {"sum": 5}),
    ("x = state.n * 2\n_y = 1\nlocal z = 3", {"x": 4}),
    ("return {1, 2, {3}}", [1, 2, [3]]),
    ("return {{1, 2}, {3, 4}}", [[1, 2], [3, 4]]),
    ("return {}", {}),
    ("return state.d.z", 2.5),
    ("return {{ state.xs }}", [1, 2, 3]),
    ("return 'n={{ state.n }} {{ state.s }}'", "n=2 it's"),
    ("return [[{{ state.s }}]]", "it's"),
    ("return 1 -- {{ foo.bar }}", 1),
    ("return variables.v", 3),
    ("return false", False),
    ("local co = coroutine.wrap(function() coroutine.yield(1) end) return co()", 1),
    ("return pcall(error, 'x')", [False, "x"]),
    ("return string.upper('a') .. tostring(math.floor(2.5))", "A2"),
]


@pytest.mark.parametrize(("text", "expected"), LUA)
def test_lua_gives_what_it_returns_or_sets(text: str, expected: Any) -> None:  # noqa: ANN401 - of any type
    """Tables come back as lists and dicts."""
    found = compile_lua(text).run(SCOPE, STATE)
    assert found == expected


@pytest.mark.parametrize(
    "name", ["os", "io", "debug", "package", "require", "load", "python", "_G"]
)
def test_lua_sees_nothing_of_the_machine(name: str) -> None:
    """Files, processes and Python are not there."""
    assert compile_lua(f"return {name} == nil").run(SCOPE, STATE) is True


@pytest.mark.parametrize(
    "text",
    [
        "while true do end",
        "while true do pcall(function() while true do end end) end",
        "local co = coroutine.wrap(function() while true do end end) co()",
        (
            "local co = coroutine.create(function() while true do end end)"
            " while true do coroutine.resume(co) end"
        ),
    ],
)
def test_lua_ends_when_it_is_late(text: str) -> None:
    """Neither `pcall` nor a coroutine outlives the time it has."""
    with pytest.raises(CodeTimeoutError, match=r"timed out after 0\.05 seconds"):
        compile_lua(text).run(SCOPE, STATE, timeout=0.05)


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("x = = 1", CodeError, "agent.yaml:7: unexpected symbol"),
        ("\nerror('boom')", CodeFailedError, "agent.yaml:8: boom"),
        ("return string.rep('x', 1e10)", CodeFailedError, "Lua used more than"),
        ("local t = {} t.t = t return t", CodeFailedError, "a table is nested deeper"),
        (
            "setmetatable({}, {__gc = function() end})",
            CodeFailedError,
            "agent.yaml:7: no finalizers",
        ),
    ],
)
def test_errors_of_lua_have_a_place(text: str, kind: type[Exception], said: str) -> None:
    """The file, and the line in it."""
    with pytest.raises(kind) as caught:
        compile_lua(text, "agent.yaml", 7).run(SCOPE, STATE)
    assert str(caught.value).startswith(said)


def test_state_never_becomes_lua() -> None:
    """What the state holds is a value there too."""
    state = {"s": "' .. os.exit() .. ' ]] \" \n"}
    for text in ("return '{{ state.s }}'", "return [[{{ state.s }}]]", "return {{ state.s }}"):
        assert compile_lua(text).run(SCOPE, state) == state["s"]


def test_prolog_says_what_is_missing() -> None:
    """The error names the part and the place."""
    with pytest.raises(
        MissingPartError, match=r"agent\.yaml:3: 'language: prolog' needs SWI-Prolog"
    ):
        compile_prolog("a(b).", "agent.yaml", 3)
