"""What hostile or odd data does to the data actions: nothing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeanatomy.workflow.actions.data import csv_stringify, json_parse, merge, validate
from tests.workflow.local_server import serving
from tests.workflow.plain_host import host_with

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def test_a_schema_fetches_nothing() -> None:
    """A reference to the net is an error, and no request."""
    with serving() as site:
        site.says("/s", {"type": "string"})
        found = validate({}, {"a": 1}, {"properties": {"a": {"$ref": f"{site.url}/s"}}})
    assert (found["success"], found["error_type"]) == (False, "validate")
    assert site.asked == []


@given(VALUES)
def test_forgiving_reading_keeps_what_is_right(value: object) -> None:
    """JSON that is correct means the same when it is read forgivingly."""
    text = json.dumps(value)
    broken = text + " // end"
    assert json_parse({}, text, strict=False)["data"] == value
    assert json_parse({}, broken, strict=False)["data"] == value


@given(st.text())
def test_any_text_has_an_answer(text: str) -> None:
    """Parsing never raises."""
    assert json_parse({}, text)["success"] in {True, False}
    assert json_parse({}, text, strict=False)["success"] in {True, False}


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(st.lists(st.lists(CELLS, min_size=1).filter(lambda row: row != [""])))
def test_csv_comes_back(rows: list[list[str]]) -> None:
    """What is written is read again; only a row of one empty cell is an empty line."""
    text = csv_stringify({}, rows)["text"]
    parse = host_with("data").actions_registry["csv.parse"]
    assert parse({}, text=text, has_header=False)["data"] == rows


@given(st.lists(st.dictionaries(st.text(max_size=2), VALUES, max_size=3), max_size=3))
def test_merging_changes_no_source(sources: list[dict[str, object]]) -> None:
    """And shares nothing that can be changed with them."""
    before = json.dumps(sources)
    merged = merge({}, sources)["result"]
    for value in merged.values():
        if isinstance(value, list):
            value.append("changed")
    assert json.dumps(sources) == before


@pytest.mark.parametrize("schema", [True, False])
def test_a_schema_may_be_a_truth(schema: object) -> None:
    """Draft 7 knows the schemas true and false."""
    assert validate({}, {}, schema)["valid"] is schema
