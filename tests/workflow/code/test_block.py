"""Blocks of Python: what they give, what they see, and that state never becomes source."""

from __future__ import annotations

import asyncio
import json
import traceback
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeanatomy.workflow.code.block import compile_block
from codeanatomy.workflow.code.errors import CodeError
from codeanatomy.workflow.template.environment import Templates
from codeanatomy.workflow.template.errors import TemplateError

HOSTILE = '"); import os; os.abort(); (" \' """ \\ {x} {{ 1 }}\n{% raw %}'


def run(text: str, state: dict[str, Any] | None = None, **scope: Any) -> Any:  # noqa: ANN401 - of any type
    """Run a block with a small scope."""
    given_state = {"n": 2, "xs": [1, 2], "name": "Ada", "none": None} if state is None else state
    return compile_block(text, "agent.yaml", 10).run(
        {"variables": {"v": 3}, "json": json, "actions": {}, **scope}, given_state
    )


GIVES = [
    ("return {'y': state['n'] + 1}", {"y": 3}),
    ("return 5", 5),
    ("if state['n'] > 1:\n    return 'big'\nreturn 'small'", "big"),
    ("x = state['n'] * 2", {"x": 4}),
    ("x = 1\n_y = 2", {"x": 1}),
    ("import re\nx = re.sub('a', 'b', 'a')", {"x": "b"}),
    ("from math import sqrt\nx = sqrt(4)", {"x": 2.0}),
    ("def f(a):\n    return a + 1\nx = f(1)", {"x": 2}),
    ("class K:\n    y = 1\nx = K.y", {"x": 1}),
    ("for i in range(3):\n    pass", {"i": 2}),
    ("a, (b, *c) = 1, (2, 3, 4)", {"a": 1, "b": 2, "c": [3, 4]}),
    ("x = [k * state['n'] for k in state['xs']]", {"x": [2, 4]}),
    ("x = 1\ndel x", {}),
    ("state['new'] = 1", {}),
    ("def f():\n    return 1", {}),
    ("base = 2\ndef f(a):\n    return a * base\nx = f(4)", {"base": 2, "x": 8}),
    ("data = variables['v']\nreturn data", 3),
    ("state = {**state, 'k': 1}\nreturn state['k']", 1),
    ("x = json.dumps({'a': variables['v']})", {"x": '{"a": 3}'}),
    ("", {}),
    ("pass", {}),
    ("    x = 1\n    y = 2\n", {"x": 1, "y": 2}),
    ("match state['n']:\n    case 2:\n        x = 'two'", {"x": "two"}),
    ("try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    x = str(e)", {"x": "division by zero"}),
    ("if (k := state['n']) > 1:\n    x = k", {"k": 2, "x": 2}),
]


@pytest.mark.parametrize(("text", "expected"), GIVES)
def test_what_a_block_gives(text: str, expected: Any) -> None:  # noqa: ANN401 - of any type
    """A return gives its value; without one, the names that were set and are no machinery."""
    assert run(text) == expected


TEMPLATES = [
    ("x = {{ state.n }}", 2),
    ("x = {{ state.name }}", "Ada"),
    ("x = {{ state.xs }}", [1, 2]),
    ("x = {{ state.missing }}", None),
    ("x = {{ state.xs | length }} + 1", 3),
    ("x = {'a': {'b': {{ state.n }}}}", {"a": {"b": 2}}),
    ("x = {{ state.xs | tojson }}", [1, 2]),
    ("x = {'k': {{ variables.v }}}['k']", 3),
    ("x = '{{ state.name }}'", "Ada"),
    ('x = "n={{ state.n }}, {{ state.none }}"', "n=2, None"),
    ("x = 'a' '{{ state.n }}' 'b'", "a2b"),
    ("x = '''{{ state.name }}\n'''", "Ada\n"),
    ("x = r'\\d{{ state.n }}'", "\\d2"),
    ("x = b'{{ state.n }}'", b"2"),
    ("x = f'{state[\"n\"]} {{ state.name }}'", "2 Ada"),
    ("x = f'{{literal}} {{ state.n }}'", "{literal} 2"),
    ("x = f'{{{state[\"n\"]}}}'", "{2}"),
    ("x = '{{ state.n }}' f'{1}'", "21"),
    ("x = '{{}}'.format(1)", "{}"),
    ("x = '{{\"k\": {}}}'.format(1)", '{"k": 1}'),
    ("x = '{% if state.n %}yes{% endif %}'", "yes"),
    ("x = '100 {% x'", "100 {% x"),
    ("x = json.loads('{{ state.xs | tojson }}')", [1, 2]),
    ("x = 1  # {{ nothing.here }} '", 1),
    ("x = {{ state['name'] }}.upper()", "ADA"),
    ("x = {{ state.xs\n    | length }}", 2),
    ("x = '${v} {{ state.n }}'", "${v} 2"),
]


@pytest.mark.parametrize(("text", "expected"), TEMPLATES)
def test_templates_in_code_are_values(text: str, expected: Any) -> None:  # noqa: ANN401 - of any type
    """Outside a string the value is bound; inside one its text is a part of the string."""
    assert run(text)["x"] == expected


PLACES = [
    "x = {{ state.s }}",
    "x = '{{ state.s }}'",
    'x = "{{ state.s }}"',
    'x = """{{ state.s }}"""',
    "x = r'{{ state.s }}'",
    "x = f'{{ state.s }}'",
    'x = f"""{{ state.s }}"""',
    "return {'x': '{{ state.s }}'}",
    "return {'x': {{ state.s }}}",
]


@pytest.mark.parametrize("text", PLACES)
@given(value=st.one_of(st.text(), st.just(HOSTILE)))
def test_state_never_becomes_source(text: str, value: str) -> None:
    """Whatever the state holds arrives as that text, in every place of a block."""
    assert run(text, {"s": value}) == {"x": value}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1 +", "agent.yaml:10: invalid syntax"),
        ("x = 1\ny = (", "agent.yaml:11: '(' was never closed"),
        ("{% if state.n %}\nx = 1\n{% endif %}", "agent.yaml: line 1 of the code"),
        ("x = 1\0", "agent.yaml:10: "),
        ("break", "agent.yaml:10: 'break' outside loop"),
        ("x = " + "(" * 5000, "agent.yaml:10: "),
    ],
)
def test_what_is_not_python_is_an_error_with_a_place(text: str, said: str) -> None:
    """The error names the file and the line in it."""
    block = compile_block(text, "agent.yaml", 10)
    with pytest.raises(CodeError) as caught:
        block.run({}, {})
    assert str(caught.value).startswith(said)
    with pytest.raises(SyntaxError):
        block.check()


@pytest.mark.parametrize("text", ["x = {{ foo.bar }}", "x = '{{ foo }}'", "x = {{ 1 / 0 }}"])
def test_a_template_that_fails_is_an_error(text: str) -> None:
    """Nothing runs with a value that is not there."""
    with pytest.raises(TemplateError):
        run(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x = 1\nraise ValueError('no')", 11),
        ("x = {{ state.xs\n  | length }}\nraise ValueError('no')", 12),
        ('x = """{{ state.n }}\n\n"""\nraise ValueError', 13),
        ("if True:\n    raise ValueError\nreturn 1", 11),
    ],
)
def test_a_traceback_points_into_the_file(text: str, line: int) -> None:
    """Name and line are those of the file the block stands in."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - only its place matters
        run(text)
    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert (last.filename, last.lineno) == ("agent.yaml", line)


def test_a_block_may_await() -> None:
    """With a return or without, it is a coroutine then."""
    text = "import asyncio\nawait asyncio.sleep(0)\n"
    assert asyncio.run(run(text + "x = 1")) == {"x": 1}
    assert asyncio.run(run(text + "return 2")) == 2


def test_a_block_is_compiled_when_it_first_runs() -> None:
    """A file with a broken block can be loaded, and one that never runs costs nothing."""
    assert compile_block("x = (", "agent.yaml").text == "x = ("


def test_runs_do_not_see_each_other() -> None:
    """What one run sets is not there in the next."""
    block = compile_block("x = 'seen' if 'y' in globals() else 'new'\ny = 1")
    assert [block.run({}, {})["x"] for _ in range(2)] == ["new", "new"]


def test_templates_of_an_engine_bring_their_filters() -> None:
    """The names and filters that a block's templates see can be given."""
    templates = Templates(filters={"twice": lambda v: v * 2})
    block = compile_block("x = {{ secrets.k | twice }}")
    assert block.run({}, {}, templates=templates, names={"secrets": {"k": "a"}}) == {"x": "aa"}
