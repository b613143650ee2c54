"""What templates of agent files give: native values, texts, variables and errors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from the_edge_agent.yaml_templates import DotDict, TemplateError, Templates

STATE: dict[str, Any] = {
    "name": "Ada",
    "count": 3,
    "ratio": 0.5,
    "flag": False,
    "nothing": None,
    "user": {"name": "Grace", "tags": ["x", "y"], "items": [7]},
    "rows": [{"n": 1, "name": "one"}, {"n": 2}],
    "items": [1, 2, 3],
    "_hidden": 4,
    "__error__": {"type": "ValueError", "message": "no"},
    "json": '{"k": [1]}',
    "quote": 'He said "hi" & <b>',
}
SCOPE: dict[str, Any] = {
    "state": STATE,
    "variables": {"place": "Turin", "limit": 5, "hostile": "{{ state.name }}"},
    "secrets": {"token": "t0"},
    "settings": {"llm": {"model": "m"}},
    "env": {"HOME_TOWN": "Oslo"},
    "result": {"ok": True, "data": [1]},
}


def render(value: Any, **more: Any) -> Any:  # noqa: ANN401 - any value may be rendered
    """Render with the scope of this file."""
    return Templates().render(value, {**SCOPE, **more})


NATIVE = [
    ("{{ state.name }}", "Ada"),
    ("{{state.name}}", "Ada"),
    ("  {{ state.count }}\n", 3),
    ("{{- state.count -}}", 3),
    ("{{ state.ratio }}", 0.5),
    ("{{ state.flag }}", False),
    ("{{ state.nothing }}", None),
    ("{{ state.user }}", STATE["user"]),
    ("{{ state.user.name }}", "Grace"),
    ("{{ state['user']['name'] }}", "Grace"),
    ("{{ state.user.tags[1] }}", "y"),
    ("{{ state.user.tags | length }}", 2),
    ("{{ state.items }}", [1, 2, 3]),
    ("{{ state.user.items }}", [7]),
    ("{{ state.rows[0].n }}", 1),
    ("{{ state.rows | map(attribute='n') | list }}", [1, 2]),
    ("{{ state.count + 1 }}", 4),
    ("{{ state.count > 2 }}", True),
    ("{{ state.name | upper }}", "ADA"),
    ("{{ state.name.lower() }}", "ada"),
    ("{{ state.get('nope', 9) }}", 9),
    ("{{ state.user.keys() | list }}", ["name", "tags", "items"]),
    ("{{ 'a' if state.flag else 'b' }}", "b"),
    ("{{ [state.count, state.name] }}", [3, "Ada"]),
    ("{{ {'a': {'b': state.count}} }}", {"a": {"b": 3}}),
    ("{{ '}}' }}", "}}"),
    ("{{ state._hidden }}", 4),
    ("{{ state.__error__.type }}", "ValueError"),
    ("{{ variables.place }}", "Turin"),
    ("{{ secrets.token }}", "t0"),
    ("{{ settings.llm.model }}", "m"),
    ("{{ env.HOME_TOWN }}", "Oslo"),
    ("{{ result.data }}", [1]),
    ("{{ state.json | fromjson }}", {"k": [1]}),
    ("{{ state.name | fromjson }}", "Ada"),
    ("{{ state.items | json }}", "[1, 2, 3]"),
    (
        "{{ 'abc' | sha256 }}",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    ),
]


@pytest.mark.parametrize(("text", "expected"), NATIVE)
def test_one_expression_keeps_its_type(text: str, expected: Any) -> None:  # noqa: ANN401 - of any type
    """A text that is one pair of braces gives the native value."""
    found = render(text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    "text",
    ["{{ foo }}", "{{ state.missing }}", "{{ state.missing.x }}", "{{ state['missing'] }}"],
)
def test_what_is_not_there_is_none(text: str) -> None:
    """An undefined result, and a missing key of a dotted dict, are None."""
    assert render(text) is None


def test_a_native_value_is_the_states_own() -> None:
    """No copy stands between the state and what an action is given."""
    assert render("{{ state.user }}") is STATE["user"]


TEXTS = [
    ("Hello {{ state.name }}!", "Hello Ada!"),
    ("{{ state.name }} is {{ state.count }}", "Ada is 3"),
    ("[{{ state.missing }}]", "[None]"),
    ("{% if state.flag %}yes{% else %}no{% endif %}", "no"),
    ("{% for r in state.rows %}{{ r.n }},{% endfor %}", "1,2,"),
    ("{% for r in state.rows %}{{ loop.index }}/{{ loop.length }} {% endfor %}", "1/2 2/2 "),
    ("{% set x = state.count * 2 %}{{ x }}", "6"),
    ("{% for r in state.rows %}{{ r.name | default('-') }}{% endfor %}", "one-"),
    ("a{# note #}b{{ state.count }}", "ab3"),
    ("{{ ', '.join(state.user.tags) }} {{ state.items | sum }}", "x, y 6"),
    ("{{ state.user.tags | join('-') }}.", "x-y."),
    ("{{ '%s-%03d' | format(state.name, 7) }}.", "Ada-007."),
    ("{{ '{:>5}'.format(state.name) }}.", "  Ada."),
    ("{{ state.name }} and }}", "Ada and }}"),
    ("{{ state.quote }}.", 'He said "hi" & <b>.'),
    ("x: {{ state.user.tags | tojson }}", 'x: ["x", "y"]'),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_mixed_texts_are_rendered(text: str, expected: str) -> None:
    """Anything beside the braces makes the result a text."""
    assert render(text) == expected


@pytest.mark.parametrize("value", ["plain", "", "{ x }", "{# x #}", "100 %", 5, None, True, 1.5])
def test_what_holds_no_template_passes_through(value: Any) -> None:  # noqa: ANN401 - of any type
    """Texts without marks, and values that are no texts, come back as they are."""
    assert render(value) is value


VARIABLES = [
    ("${place}", "Turin"),
    ("in ${place}, ${place}", "in Turin, Turin"),
    ("${limit}", "5"),
    ("${unknown}", "${unknown}"),
    ("${place} and {{ state.name }}", "Turin and Ada"),
    ("{{ '${place}' }}", "Turin"),
    ("{{ 'to ${place}!' | upper }}", "TO TURIN!"),
    ("{{ ${limit} + 1 }}", 6),
    ("{{ state['${unknown}'] }}", None),
    ("{% raw %}${place}{% endraw %}", "Turin"),
]


@pytest.mark.parametrize(("text", "expected"), VARIABLES)
def test_variables_by_dollar(text: str, expected: Any) -> None:  # noqa: ANN401 - of any type
    """`${name}` is the variable's text; an unknown name is left alone."""
    assert render(text) == expected


@pytest.mark.parametrize("text", ["${hostile}", "{{ '${hostile}' }}", "{{ variables.hostile }}"])
def test_a_variable_is_never_a_template(text: str) -> None:
    """What a variable holds is data, also where it looks like a template."""
    assert render(text) == "{{ state.name }}"


ERRORS = [
    (
        "{{ foo.bar }}",
        "Template error in expression '{{ foo.bar }}': 'foo' is undefined",
    ),
    ("{{ foo + 1 }}", "Template error in expression '{{ foo + 1 }}': 'foo' is undefined"),
    ("{{ state.name | nosuch }}", "Template error in expression"),
    ("{{ a b }}", "Template error in expression '{{ a b }}'"),
    ("hi {{ foo }}", "Template error: 'foo' is undefined"),
    ("hi {{ foo.bar }}", "Template error: 'foo' is undefined"),
    ("hi {% if %}", "Template error: "),
    ("hi {{ state.x", "Template error: "),
    ("{% include 'x' %}", "Template error: 'include' is not available"),
    ("{% import 'x' as y %}", "Template error: 'import' is not available"),
]


@pytest.mark.parametrize(("text", "message"), ERRORS)
def test_errors_of_templates(text: str, message: str) -> None:
    """What is undefined or cannot be read is a ValueError that says so."""
    with pytest.raises(ValueError, match="Template error") as caught:
        render(text)
    assert str(caught.value).startswith(message)
    assert isinstance(caught.value, TemplateError)


@pytest.mark.parametrize("text", ["{{ 1 / 0 }}", "{{ state.nothing + 1 }}", "{{ state.name + 1 }}"])
def test_another_failure_leaves_the_text(text: str) -> None:
    """An expression that fails for a reason of its values is its own text."""
    assert render(text) == text


def test_tojson_is_markup_and_json_is_not() -> None:
    """`tojson` marks its text as safe for HTML; `json` gives a plain text."""
    marked, plain = render("{{ state.quote | tojson }}"), render("{{ state.quote | json }}")
    assert hasattr(marked, "__html__")
    assert type(plain) is str
    assert json.loads(marked) == json.loads(plain) == STATE["quote"]
    assert "<" not in marked


def test_lists_and_dicts_are_rendered_through() -> None:
    """Parameters are rendered in dicts and lists, in each other too; keys stay."""
    params = {"a": ["{{ state.count }}", {"b": "x{{ state.name }}"}, 1], "{{ k }}": None}
    assert render(params) == {"a": [3, {"b": "xAda"}, 1], "{{ k }}": None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ item.name }}", "it"),
        ("{{ item.missing }}", None),
        ("{{ item.sub.missing }}", None),
        ("{{ index + 1 }}", 2),
        ("{{ matrix.size }}", "big"),
    ],
)
def test_more_names_in_scope(text: str, expected: Any) -> None:  # noqa: ANN401 - of any type
    """Dicts of the extra scope are dotted as state is."""
    more = {"item": {"name": "it", "sub": {}}, "index": 1, "matrix": {"size": "big"}}
    assert render(text, **more) == expected


def test_dotdict_finds_keys_before_methods() -> None:
    """A key called `items` shadows the method; the others work."""
    d: Any = DotDict({"items": [1], "a": {"b": {"c": 2}}})
    assert d.items == [1]
    assert d.a.b.c == 2
    assert d.missing is None
    assert d.a.missing is None
    assert sorted(d.keys()) == ["a", "items"]
    assert d.get("nope", 5) == 5


def test_dotdict_is_written_by_attribute() -> None:
    """Setting an attribute sets the key, in a nested dict too."""
    d: Any = DotDict({"a": {}})
    d.x = 1
    d.a.y = 2
    assert d == {"a": {"y": 2}, "x": 1}
    assert isinstance(d, DotDict)
    del d.x
    assert "x" not in d


def test_dotdict_methods_of_a_dict() -> None:
    """pop, update, setdefault, copy and clear work as those of a dict."""
    d = DotDict(a=1)
    d.update(b=2)
    assert d.setdefault("c", 3) == 3
    assert d.pop("a") == 1
    copied = d.copy()
    d.clear()
    assert (d, copied, type(copied)) == ({}, {"b": 2, "c": 3}, DotDict)
    assert json.dumps(copied) == '{"b": 2, "c": 3}'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ state.rows | map(attribute='nokey') | list }}", "has no attribute 'nokey'"),
        ("{{ {'all': [[state.count.foo]]} }}", "has no attribute 'foo'"),
        ("{{ [place] }}", "'place' is undefined"),
        ("rows: {{ state.rows | map(attribute='nokey') | list }}", "has no attribute 'nokey'"),
    ],
)
def test_what_is_undefined_in_a_list_is_an_error(text: str, said: str) -> None:
    """It never becomes a value of the state."""
    with pytest.raises(TemplateError, match=said):
        Templates().render(text, SCOPE)


def test_a_default_stands_for_what_is_undefined_in_a_list() -> None:
    """What was looked for and replaced is no error."""
    text = "{{ state.rows | map(attribute='x', default=0) | list }}"
    assert Templates().render(text, SCOPE) == [0, 0]
