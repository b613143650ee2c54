"""Input schemas: coercions, limits and every message, word for word."""

from __future__ import annotations

from typing import Any

import pytest
from the_edge_agent.validation import FieldSchema, InputSchema, ValidationError, validate_input

ABSENT: Any = {}

COERCED = [
    ("int", "5", 5),
    ("int", " 7 ", 7),
    ("int", 2.0, 2),
    ("int", True, True),
    ("float", 3, 3.0),
    ("float", "1.5", 1.5),
    ("bool", "true", True),
    ("bool", "1", True),
    ("bool", "YES", True),
    ("bool", "false", False),
    ("bool", "0", False),
    ("bool", "no", False),
    ("str", 5, "5"),
    ("str", 1.5, "1.5"),
    ("str", True, "True"),
    ("list", [1], [1]),
    ("dict", {"a": 1}, {"a": 1}),
    ("string", "x", "x"),
    ("integer", "4", 4),
]


@pytest.mark.parametrize(("kind", "value", "expected"), COERCED)
def test_values_become_their_type(kind: str, value: Any, expected: Any) -> None:  # noqa: ANN401 - of any type
    """A value that spells one of the field's type is taken as that."""
    found = validate_input({"f": value}, {"f": {"type": kind}})["f"]
    assert found == expected
    assert type(found) is type(expected)


WRONG_TYPE = [
    ("int", "x"),
    ("int", 1.5),
    ("int", [1]),
    ("int", "9" * 5000),
    ("float", "x"),
    ("float", "nan"),
    ("float", True),
    ("bool", "maybe"),
    ("bool", 1),
    ("str", [1]),
    ("list", "a,b"),
    ("list", {"a": 1}),
    ("dict", [1]),
    ("dict", "{}"),
]


@pytest.mark.parametrize(("kind", "value"), WRONG_TYPE)
def test_what_is_not_of_the_type_is_said(kind: str, value: Any) -> None:  # noqa: ANN401 - of any type
    """The problem names the field, the value and the type that was expected."""
    with pytest.raises(ValidationError) as caught:
        validate_input({"f": value}, {"f": {"type": kind}})
    assert caught.value.errors == [
        {
            "field": "f",
            "error": "type",
            "message": f"Field 'f' must be {kind}",
            "value": value,
            "expected": kind,
        }
    ]


LIMITS = [
    ({"min_length": 3}, "ab", "min_length", "Field 'f' must have at least 3 character(s)", 3),
    ({"max_length": 1}, "ab", "max_length", "Field 'f' must have at most 1 character(s)", 1),
    ({"pattern": "^x"}, "ab", "pattern", "Field 'f' must match pattern: ^x", "^x"),
    ({"type": "int", "min": 3}, 2, "min", "Field 'f' must be at least 3", 3),
    ({"type": "int", "max": 3}, 4, "max", "Field 'f' must be at most 3", 3),
    ({"type": "float", "min": 0.5}, 0.1, "min", "Field 'f' must be at least 0.5", 0.5),
    (
        {"choices": ["a", "b"]},
        "c",
        "choices",
        "Field 'f' must be one of: ['a', 'b']",
        ["a", "b"],
    ),
]


@pytest.mark.parametrize(("schema", "value", "error", "message", "constraint"), LIMITS)
def test_a_broken_limit_is_said(
    schema: dict[str, Any],
    value: Any,  # noqa: ANN401 - of any type
    error: str,
    message: str,
    constraint: Any,  # noqa: ANN401 - of any type
) -> None:
    """Each limit has its code and its message."""
    with pytest.raises(ValidationError) as caught:
        validate_input({"f": value}, {"f": schema})
    assert caught.value.errors == [
        {"field": "f", "error": error, "message": message, "value": value, "constraint": constraint}
    ]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"min_length": 2, "max_length": 2}, "ab"),
        ({"pattern": "a"}, "abc"),
        ({"type": "int", "min": 1, "max": 1}, 1),
        ({"choices": ["a"]}, "a"),
        ({"type": "list", "min_length": 1}, [1]),
    ],
)
def test_limits_that_hold(schema: dict[str, Any], value: Any) -> None:  # noqa: ANN401 - of any type
    """A limit is inclusive; a pattern matches from the beginning and need not reach the end."""
    assert validate_input({"f": value}, {"f": schema}) == {"f": value}


@pytest.mark.parametrize("data", [{}, {"f": None}, None])
def test_a_required_field_is_asked_for(data: dict[str, Any] | None) -> None:
    """None counts as absent."""
    with pytest.raises(ValidationError) as caught:
        validate_input(data, {"f": {"type": "int", "required": True}})
    assert caught.value.errors == [
        {"field": "f", "error": "required", "message": "Field 'f' is required"}
    ]


def test_defaults_and_fields_that_are_absent() -> None:
    """A default fills in; a field without one stays out; fields of no schema are dropped."""
    schema = {"a": {"type": "int", "default": 4}, "b": "str", "c": {"required": True}}
    assert validate_input({"c": "x", "z": 1}, schema) == {"a": 4, "c": "x"}


def test_a_default_is_not_shared() -> None:
    """What one run does to a default is not seen by the next."""
    schema = InputSchema.from_dict({"a": {"type": "list", "default": []}})
    schema.validate({})["a"].append(1)
    assert schema.validate({}) == {"a": []}


def test_nested_fields_keep_their_other_keys() -> None:
    """Inside a dict, keys without a schema stay."""
    schema = {"u": {"type": "dict", "properties": {"age": {"type": "int"}}}}
    assert validate_input({"u": {"age": "3", "x": 1}}, schema) == {"u": {"age": 3, "x": 1}}


NESTED = [
    ({"u": {"age": "x"}}, "u.age", "Field 'u.age' must be int"),
    ({"u": {}}, "u.age", "Field 'u.age' is required"),
    ({"u": {"age": 1}, "l": [1, "x"]}, "l[1]", "Field 'l[1]' must be int"),
    ({"u": {"age": 1}, "m": [{"k": "x"}]}, "m[0].k", "Field 'm[0].k' must be int"),
]


@pytest.mark.parametrize(("data", "field", "message"), NESTED)
def test_problems_inside_name_the_way(data: dict[str, Any], field: str, message: str) -> None:
    """Dots lead into dicts, numbers in brackets into lists."""
    schema = {
        "u": {"type": "dict", "properties": {"age": {"type": "int", "required": True}}},
        "l": {"type": "list", "items": {"type": "int"}},
        "m": {"type": "list", "items": {"type": "dict", "properties": {"k": {"type": "int"}}}},
    }
    with pytest.raises(ValidationError) as caught:
        validate_input(data, schema)
    assert [(e["field"], e["message"]) for e in caught.value.errors] == [(field, message)]


def test_every_problem_is_collected() -> None:
    """One check tells all there is to tell."""
    schema = {"a": {"required": True}, "b": "int", "c": {"min_length": 3, "pattern": "^z"}}
    with pytest.raises(ValidationError) as caught:
        validate_input({"b": "x", "c": "y"}, schema)
    assert [e["error"] for e in caught.value.errors] == [
        "required",
        "type",
        "min_length",
        "pattern",
    ]


def test_coercion_can_be_switched_off() -> None:
    """Then only values of the type pass."""
    with pytest.raises(ValidationError):
        validate_input({"f": "5"}, {"f": {"type": "int", "coercion": False}})


@pytest.mark.parametrize("kind", ["strng", "any", "None"])
def test_an_unknown_type_is_refused(kind: str) -> None:
    """The schema itself is checked first."""
    with pytest.raises(ValueError, match=f"Invalid type '{kind}'. Must be one of: str, int"):
        InputSchema.from_dict({"f": {"type": kind}})


def test_a_bad_pattern_is_a_problem_of_the_field() -> None:
    """A pattern that is no regular expression does not pass anything."""
    with pytest.raises(ValidationError) as caught:
        validate_input({"f": "x"}, {"f": {"pattern": "("}})
    assert caught.value.errors[0]["message"].startswith("Invalid regex pattern for 'f': ")


def test_a_schema_tells_its_fields() -> None:
    """Fields are values with names, types and limits."""
    schema = InputSchema.from_dict({"f": {"type": "int", "min": 1, "required": True}})
    assert schema.fields["f"] == FieldSchema("f", "int", required=True, min=1)
