"""What the data actions answer: JSON, CSV, schemas, merging, filtering, Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.workflow.contract.engines import actions_of, open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PEOPLE = [
    {"name": "Ann", "age": 30, "tags": ["x"], "home": {"city": "Rome"}},
    {"name": "Bob", "age": 20, "tags": [], "home": {"city": "Oslo"}},
    {"name": "Cy", "age": None},
]


@pytest.fixture(scope="module")
def registry() -> Iterator[dict[str, Any]]:
    """Give the actions of an engine."""
    with open_engine() as engine:
        yield actions_of(engine)


JSON_READ = [
    ({"text": '{"a": [1, 2.5, null]}'}, {"success": True, "data": {"a": [1, 2.5, None]}}),
    ({"text": "null"}, {"success": True, "data": None}),
    ({"text": "{bad", "strict": False, "default": {"d": 1}}, {"success": True, "data": {"d": 1}}),
    ({"text": '{"a": 1, // one\n "b": [2,],}', "strict": False}, {"data": {"a": 1, "b": [2]}}),
    ({"text": '/* c */ {"u": "http://x/,]"}', "strict": False}, {"data": {"u": "http://x/,]"}}),
    ({"text": None}, {"success": False, "error_type": "parse"}),
    ({"text": "{", "strict": False}, {"success": False, "error_type": "parse"}),
    ({"text": "[" * 100_000}, {"success": False, "error_type": "parse"}),
    ({"text": "9" * 10_000}, {"success": False, "error_type": "parse"}),
    ({"text": 5}, {"success": False, "error_type": "parse"}),
    (
        {"text": '{"a": 1\n "b"}'},
        {
            "success": False,
            "error": "JSON parse error: Expecting ',' delimiter",
            "error_type": "parse",
            "position": {"line": 2, "column": 2},
        },
    ),
]


@pytest.mark.parametrize(("given", "expected"), JSON_READ)
def test_json_is_parsed(
    registry: dict[str, Any], given: dict[str, Any], expected: dict[str, Any]
) -> None:
    """Strictly, or with comments and trailing commas, or to a default."""
    assert expected.items() <= registry["json.parse"](state={}, **given).items()


JSON_FOUND = [
    ("people[0].name", {}, "Ann"),
    ("people[?age > `25`].name", {}, ["Ann"]),
    ("nothing.here", {}, None),
    ("length(people)", {"engine": "jmespath"}, 3),
    ("$.people[0].name", {"engine": "jsonpath"}, "Ann"),
    ("$.people[*].name", {"engine": "jsonpath"}, ["Ann", "Bob", "Cy"]),
    ("$.people[0].name", {"engine_type": "jsonpath"}, "Ann"),
]


@pytest.mark.parametrize(("expression", "extra", "result"), JSON_FOUND)
def test_json_is_searched(
    registry: dict[str, Any], expression: str, extra: dict[str, Any], result: object
) -> None:
    """JMESPath, or JSONPath that unwraps a single match; nothing found is a success."""
    found = registry["json.transform"](
        state={}, data={"people": PEOPLE}, expression=expression, **extra
    )
    assert found == {"success": True, "result": result, "expression": expression}


@pytest.mark.parametrize(
    ("expression", "engine", "start", "told"),
    [
        ("a[", "jmespath", "JMESPath error:", True),
        ("$[", "jsonpath", "JSONPath error:", True),
        ("a", "xpath", "Unknown engine: xpath", False),
    ],
)
def test_json_search_failures(
    registry: dict[str, Any], expression: str, engine: str, start: str, told: object
) -> None:
    """Each begins with what failed; an expression that failed is named."""
    found = registry["json.transform"](state={}, data={}, expression=expression, engine=engine)
    assert (found["success"], found["error_type"]) == (False, "transform")
    assert found["error"].startswith(start)
    assert ("expression" in found) is told


def test_json_is_written(registry: dict[str, Any], tmp_path: Path) -> None:
    """What JSON does not know becomes its text; a circle cannot be written."""
    circle: list[Any] = []
    circle.append(circle)
    write = registry["json.stringify"]
    assert write(state={}, data={"b": 1, "a": tmp_path}, sort_keys=True) == {
        "success": True,
        "text": f'{{"a": "{tmp_path}", "b": 1}}',
    }
    assert write(state={}, data=[1], indent=2)["text"] == "[\n  1\n]"
    assert write(state={}, data=circle)["error_type"] == "serialize"


CSV_READ = [
    ({"text": "a,b\n1,2\n"}, [{"a": "1", "b": "2"}], ["a", "b"], 1),
    ({"text": "a,b\n1\n"}, [{"a": "1", "b": None}], ["a", "b"], 1),
    ({"text": "a\n1,2\n"}, [{"a": "1"}], ["a"], 1),
    ({"text": 'a;b\n"x;y";2', "delimiter": ";"}, [{"a": "x;y", "b": "2"}], ["a", "b"], 1),
    ({"text": "1,2\n3,4", "has_header": False}, [["1", "2"], ["3", "4"]], None, 2),
    ({"text": ""}, [], None, 0),
    ({"text": "", "has_header": False}, [], None, 0),
    ({"text": 'a\n"x\ny"\n'}, [{"a": "x\ny"}], ["a"], 1),
]


@pytest.mark.parametrize(("given", "data", "headers", "count"), CSV_READ)
def test_csv_is_parsed(
    registry: dict[str, Any],
    given: dict[str, Any],
    data: list[Any],
    headers: list[str] | None,
    count: int,
) -> None:
    """Dicts by header, or lists; short rows are padded, long ones cut."""
    assert registry["csv.parse"](state={}, **given) == {
        "success": True,
        "data": data,
        "headers": headers,
        "row_count": count,
    }


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({}, "parse"),
        ({"text": "a", "path": "b"}, "parse"),
        ({"path": "memory://there/is/none.csv"}, "io"),
        ({"text": "a", "delimiter": "ab"}, "parse"),
    ],
)
def test_csv_parse_failures(registry: dict[str, Any], given: dict[str, Any], kind: str) -> None:
    """One source, that is there, and a delimiter of one character."""
    found = registry["csv.parse"](state={}, **given)
    assert (found["success"], found["error_type"]) == (False, kind)


def test_csv_is_parsed_from_a_file(registry: dict[str, Any], tmp_path: Path) -> None:
    """A path is read as UTF-8."""
    path = tmp_path / "x.csv"
    path.write_text("a\nä\n", encoding="utf-8")
    assert registry["csv.parse"](state={}, path=str(path))["data"] == [{"a": "ä"}]


@pytest.mark.parametrize(
    ("given", "lines", "count"),
    [
        ({"data": [{"a": 1, "b": "x,y"}]}, ["a,b", '1,"x,y"'], 1),
        ({"data": [{"a": 1}], "headers": ["b", "a"]}, ["b,a", ",1"], 1),
        ({"data": [[1, 2], [3, 4]]}, ["1,2", "3,4"], 2),
        ({"data": [[1, 2]], "headers": ["p", "q"]}, ["p,q", "1,2"], 1),
        ({"data": [[1, 2]], "delimiter": "|"}, ["1|2"], 1),
        ({"data": []}, [], 0),
    ],
)
def test_csv_is_written(
    registry: dict[str, Any], given: dict[str, Any], lines: list[str], count: int
) -> None:
    """Rows of dicts or of lists, with or without headers."""
    found = registry["csv.stringify"](state={}, **given)
    assert (found["success"], found["text"].splitlines(), found["row_count"]) == (
        True,
        lines,
        count,
    )


@pytest.mark.parametrize(
    "given",
    [{"data": None}, {"data": "a"}, {"data": [{"a": 1, "b": 2}], "headers": ["a"]}],
)
def test_csv_write_failures(registry: dict[str, Any], given: dict[str, Any]) -> None:
    """Only lists are written, and only keys that are headers."""
    found = registry["csv.stringify"](state={}, **given)
    assert (found["success"], found["error_type"]) == (False, "serialize")


NESTED = {
    "type": "object",
    "properties": {"a": {"type": "object", "properties": {"b": {"type": "integer"}}}},
    "required": ["a"],
}


@pytest.mark.parametrize(
    ("data", "valid", "paths"),
    [
        ({"a": {"b": 1}}, True, []),
        ({"a": {"b": "x"}}, False, ["a.b"]),
        ({}, False, [""]),
        ("text", False, [""]),
    ],
)
def test_data_is_validated(
    registry: dict[str, Any], data: object, valid: object, paths: list[str]
) -> None:
    """By a JSON Schema of draft 7; a path is dotted."""
    found = registry["data.validate"](state={}, data=data, schema=NESTED)
    assert (found["success"], found["valid"]) == (True, valid)
    assert [error["path"] for error in found["errors"]] == paths
    assert all(error["message"] for error in found["errors"])


def test_no_data_is_invalid(registry: dict[str, Any]) -> None:
    """None breaks every schema, by a message of its own."""
    found = registry["data.validate"](state={}, data=None, schema={})
    assert found["success"] is True
    assert found["valid"] is False
    assert [error["message"] for error in found["errors"]] == ["Data is None"]


@pytest.mark.parametrize("schema", [None, {"type": "nonsense"}, "text", {"properties": 5}])
def test_bad_schemas(registry: dict[str, Any], schema: object) -> None:
    """A schema that is none is a failure of the action."""
    found = registry["data.validate"](state={}, data={}, schema=schema)
    assert (found["success"], found["error_type"]) == (False, "validate")


ONE, TWO = {"a": {"x": 1, "y": [1]}, "b": 1}, {"a": {"y": [2], "z": 3}, "c": None}


@pytest.mark.parametrize(
    ("given", "result", "count"),
    [
        ({"sources": [ONE, TWO]}, {"a": {"x": 1, "y": [2], "z": 3}, "b": 1, "c": None}, 2),
        (
            {"sources": [ONE, TWO], "strategy": "shallow"},
            {"a": {"y": [2], "z": 3}, "b": 1, "c": None},
            2,
        ),
        ({"sources": [ONE, TWO], "strategy": "replace"}, TWO, 2),
        ({"sources": [ONE, None]}, ONE, 2),
        ({"sources": []}, {}, 0),
        ({"sources": [None]}, {}, 1),
    ],
)
def test_data_is_merged(
    registry: dict[str, Any], given: dict[str, Any], result: dict[str, Any], count: int
) -> None:
    """Deeply, shallowly, or by the last one; None is skipped but counted."""
    found = registry["data.merge"](state={}, **given)
    assert found == {"success": True, "result": result, "source_count": count}
    assert ONE == {"a": {"x": 1, "y": [1]}, "b": 1}


@pytest.mark.parametrize(
    "given",
    [{"sources": [1]}, {"sources": [{}], "strategy": "odd"}, {"sources": None}, {"sources": {}}],
)
def test_merge_failures(registry: dict[str, Any], given: dict[str, Any]) -> None:
    """Only dicts, by a known strategy."""
    found = registry["data.merge"](state={}, **given)
    assert (found["success"], found["error_type"]) == (False, "merge")


@pytest.mark.parametrize(
    ("predicate", "names"),
    [
        ({"field": "name", "value": "Ann"}, ["Ann"]),
        ({"field": "name", "op": "eq", "value": "Bob"}, ["Bob"]),
        ({"field": "name", "op": "ne", "value": "Ann"}, ["Bob", "Cy"]),
        ({"field": "age", "op": "gt", "value": 20}, ["Ann"]),
        ({"field": "age", "op": "gte", "value": 20}, ["Ann", "Bob"]),
        ({"field": "age", "op": "lt", "value": 30}, ["Bob"]),
        ({"field": "age", "op": "lte", "value": 30}, ["Ann", "Bob"]),
        ({"field": "name", "op": "in", "value": ["Ann", "Cy"]}, ["Ann", "Cy"]),
        ({"field": "name", "op": "not_in", "value": ["Ann", "Cy"]}, ["Bob"]),
        ({"field": "tags", "op": "contains", "value": "x"}, ["Ann"]),
        ({"field": "name", "op": "startswith", "value": "B"}, ["Bob"]),
        ({"field": "name", "op": "endswith", "value": "y"}, ["Cy"]),
        ({"field": "home.city", "value": "Oslo"}, ["Bob"]),
        ({"field": "name", "op": "like", "value": "A"}, []),
        ({"op": "eq", "value": 1}, ["Ann", "Bob", "Cy"]),
        ([{"field": "age", "op": "gt", "value": 1}, {"field": "name", "value": "Bob"}], ["Bob"]),
        ([], ["Ann", "Bob", "Cy"]),
    ],
)
def test_data_is_filtered(registry: dict[str, Any], predicate: object, names: list[str]) -> None:
    """By field, operator and value; a list of predicates holds together."""
    found = registry["data.filter"](state={}, data=PEOPLE, predicate=predicate)
    assert [one["name"] for one in found["result"]] == names
    assert (found["success"], found["original_count"], found["filtered_count"]) == (
        True,
        3,
        len(names),
    )


@pytest.mark.parametrize("given", [{"data": None, "predicate": {}}, {"data": [], "predicate": "x"}])
def test_filter_failures(registry: dict[str, Any], given: dict[str, Any]) -> None:
    """Only lists, by predicates."""
    found = registry["data.filter"](state={}, **given)
    assert (found["success"], found["error_type"]) == (False, "filter")


NOTE = """---
title: Given
owner: me
---
# First

Hello {{ who }} and {{ state.x }}.

- [x] done
- [ ] open

## Second

```
# no heading
- [ ] no task
```
"""


def test_markdown_is_parsed(registry: dict[str, Any]) -> None:
    """Title, sections, variables, front matter and tasks."""
    found = registry["markdown.parse"](state={}, content=NOTE)
    assert set(found) == {"success", "title", "sections", "variables", "frontmatter", "tasks"}
    assert (found["title"], found["frontmatter"]) == ("Given", {"title": "Given", "owner": "me"})
    assert [(one["level"], one["title"]) for one in found["sections"]] == [
        (1, "First"),
        (2, "Second"),
    ]
    assert found["variables"] == ["who", "state.x"]
    assert [(one["text"], one["completed"]) for one in found["tasks"]] == [
        ("done", True),
        ("open", False),
    ]


@pytest.mark.parametrize(
    ("extract", "keys"), [(["title"], {"title"}), (["tasks", "sections"], {"tasks", "sections"})]
)
def test_markdown_parts_are_chosen(
    registry: dict[str, Any], extract: list[str], keys: set[str]
) -> None:
    """Only what is asked for comes back."""
    assert set(registry["markdown.parse"](state={}, content=NOTE, extract=extract)) == {
        "success",
        *keys,
    }


def test_no_markdown(registry: dict[str, Any]) -> None:
    """None is no text."""
    found = registry["markdown.parse"](state={}, content=None)
    assert (found["success"], found["error_type"]) == (False, "parse")
