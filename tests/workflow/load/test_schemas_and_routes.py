"""Sections that describe values: checked in a file, and told to the world as OpenAPI."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.load.openapi import Route, openapi_document
from codeanatomy.workflow.load.outputs import retyped, shape_output
from codeanatomy.workflow.load.read import read_yaml
from codeanatomy.workflow.load.validate import validate

SCOPE: dict[str, Any] = {
    "state": {"n": 3, "zero": 0, "name": "Ada", "xs": [1, 2], "text": "[1, 2]", "code": "7"},
    "variables": {"v": "x"},
}

OUTPUTS = [
    ({"a": "{{ state.n }}"}, {"a": 3}),
    ({"a": "{{ state.xs }}"}, {"a": [1, 2]}),
    ({"a": "n={{ state.n }}"}, {"a": "n=3"}),
    ({"a": "{{ state.n }}0"}, {"a": 30}),
    ({"a": "{{ state.text }}"}, {"a": [1, 2]}),
    ({"a": "{{ state.code }}"}, {"a": 7}),
    ({"a": "{{ state.n }}.5"}, {"a": 3.5}),
    ({"a": "{{ state.missing }} "}, {"a": None}),
    ({"a": "plain", "b": 5, "c": None}, {"a": "plain", "b": 5, "c": None}),
    ({"a": {"b": "{{ state.n }}", "c": ["{{ state.name }}"]}}, {"a": {"b": 3, "c": ["Ada"]}}),
    ({"a": {"value": "{{ state.n }}"}}, {"a": 3}),
    ({"a": {"value": "{{ state.missing }}"}}, {}),
    ({"a": {"value": "{{ state.missing }}", "default": 9}}, {"a": 9}),
    ({"a": {"value": "{{ state.n }}", "include_if": "{{ state.n > 5 }}"}}, {}),
    ({"a": {"value": "{{ state.n }}", "include_if": "state.n > 1"}}, {"a": 3}),
    ({"a": {"value": "{{ state.n }}", "include_if": "{{ state.zero }}"}}, {}),
    ({"a": {"value": "{{ state.n }}", "include_if": False}}, {}),
    ({"a": "{{ foo.bar }}", "b": "{{ state.n }}"}, {"b": 3}),
    ({"a": "{{ 1 / 0 }}", "b": 1}, {"b": 1}),
    ({"a": {"value": "{{ foo.bar }}", "default": "d"}}, {"a": "d"}),
    ({"a": "${v}"}, {"a": "x"}),
    ({}, {}),
]


@pytest.mark.parametrize(("schema", "expected"), OUTPUTS)
def test_outputs_are_shaped(schema: dict[str, Any], expected: dict[str, Any]) -> None:
    """Values in their types; what fails or is not to be included is left out."""
    assert shape_output(schema, SCOPE) == expected


def test_an_output_knows_the_time() -> None:
    """`now()` is the time of whoever runs the flow."""
    noon = datetime(2026, 1, 2, 12, tzinfo=UTC)
    found = shape_output({"at": "{{ now() }}"}, SCOPE, now=lambda: noon)
    assert found == {"at": "2026-01-02T12:00:00+00:00"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1),
        ("1.5", 1.5),
        ("true", True),
        ("null", None),
        ("None", None),
        ('{"a": [1]}', {"a": [1]}),
        ("007", 7),
        ("abc", "abc"),
        ("1e3", 1000.0),
        ("{'a': 1}", "{'a': 1}"),
        ("[" * 100_000, "[" * 100_000),
    ],
)
def test_a_text_becomes_what_it_spells(text: str, expected: Any) -> None:  # noqa: ANN401 - of any type
    """JSON first, then numbers, then None, else the text."""
    assert retyped(text) == expected


SECTIONS = [
    ("input_schema: [a]", "'input_schema' must be a mapping, got list", 1, 15),
    ("state_schema: x", "'state_schema' must be a mapping, got str", 1, 15),
    ("output_schema: 3", "'output_schema' must be a mapping, got int", 1, 16),
    (
        "input_schema:\n  a: {type: strng}",
        "input_schema: Invalid type 'strng'. Must be one of: str, int, float, bool, list, dict",
        2,
        13,
    ),
    (
        "input_schema:\n  a: 5",
        "input_schema: Field 'a' must be a mapping or a type, got int",
        2,
        6,
    ),
    ("endpoint: {method: GET}", "endpoint: a 'path' is needed", 1, 11),
]


@pytest.mark.parametrize(("text", "message", "line", "column"), SECTIONS)
def test_a_section_that_is_wrong_is_found(text: str, message: str, line: int, column: int) -> None:
    """With its place, before anything runs."""
    (found,) = validate(read_yaml(text + "\nnodes: []\n"))
    assert (found.code, found.message) == ("INVALID_SCHEMA", message)
    assert (found.line, found.column) == (line, column)


def test_routes_become_an_openapi_document() -> None:
    """The input schema is the request's; 422 is what breaks it."""
    schema = {
        "q": {"type": "str", "required": True, "min_length": 1, "description": "asked"},
        "k": {"type": "int", "min": 1, "max": 9, "default": 3},
        "tags": {"type": "list", "items": {"type": "str", "choices": ["a"]}, "max_length": 2},
        "user": {"type": "dict", "properties": {"age": {"type": "float", "required": True}}},
    }
    answer = {"200": {"description": "ok"}}
    document = openapi_document(
        [
            Route("/ask", "POST", {"summary": "Ask", "responses": answer}, schema),
            Route("/ask", "GET", {"responses": answer}),
        ],
        title="Agents",
    )
    post = document["paths"]["/ask"]["post"]
    assert post["requestBody"]["content"]["application/json"]["schema"] == {
        "type": "object",
        "required": ["q"],
        "properties": {
            "q": {"type": "string", "description": "asked", "minLength": 1},
            "k": {"type": "integer", "minimum": 1, "maximum": 9, "default": 3},
            "tags": {
                "type": "array",
                "maxItems": 2,
                "items": {"type": "string", "enum": ["a"]},
            },
            "user": {
                "type": "object",
                "properties": {"age": {"type": "number"}},
                "required": ["age"],
            },
        },
    }
    assert sorted(post["responses"]) == ["200", "422"]
    assert document["paths"]["/ask"]["get"] == {"responses": answer}
    assert document["openapi"].startswith("3.")


def test_two_agents_at_one_address_are_an_error() -> None:
    """Neither is served in the place of the other."""
    with pytest.raises(SpecError, match="two agents answer POST /a"):
        openapi_document([Route("/a", "POST", {}), Route("/a", "POST", {})], title="x")
