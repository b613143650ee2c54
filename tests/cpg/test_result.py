"""Results: shown to people, turned into frames, written to files."""

from __future__ import annotations

import csv
import json
import sys
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from pyarrow import feather, parquet

from codeanatomy import Result
from codeanatomy.cpg.graph import formats
from codeanatomy.cpg.graph.formats import OutputError
from codeanatomy.kernel.errors import MissingPartError, SpecError, UnknownNameError

if TYPE_CHECKING:
    from pathlib import Path

ROWS = [
    {"name": "a,b", "n": 1, "id": b"\x01\xff", "of": [{"k": "x", "v": 1}], "ok": True},
    {"name": None, "n": -20, "id": None, "of": [], "ok": False},
    {"name": 'say "hi"\nthere', "n": 300, "id": b"", "of": None, "ok": None},
]


@pytest.fixture
def result() -> Result:
    """Hold rows with what is hard to write: nulls, bytes, lists, quotes and line ends."""
    return Result(pa.Table.from_pylist(ROWS))


def test_text_is_aligned(result: Result) -> None:
    """Numbers stand to the right, null is nothing, a line end is escaped."""
    assert repr(result).splitlines() == [
        "name               n  id    of                 ok",
        "---------------  ---  ----  -----------------  -----",
        'a,b                1  01ff  [{"k":"x","v":1}]  true',
        "                 -20        []                 false",
        'say "hi"\\nthere  300',
    ]


def test_text_is_shortened() -> None:
    """The last line says how many rows there are."""
    lines = repr(Result(pa.table({"n": range(1000)}))).splitlines()
    assert len(lines) == 23
    assert lines[-1] == "... 1,000 rows in all"


def test_html_is_escaped() -> None:
    """What is in a cell is text, whatever it looks like."""
    html = Result(pa.table({"<b>": ["<script>"]}))._repr_html_()
    assert "<td>&lt;script&gt;</td>" in html
    assert "<th>&lt;b&gt;</th>" in html


def test_json_is_a_list_of_objects(result: Result, tmp_path: Path) -> None:
    """Bytes are hex digits; all else comes back as it was."""
    found = json.loads(result.write(tmp_path / "rows.json").read_bytes())
    assert found == [
        {"name": "a,b", "n": 1, "id": "01ff", "of": [{"k": "x", "v": 1}], "ok": True},
        {"name": None, "n": -20, "id": None, "of": [], "ok": False},
        {"name": 'say "hi"\nthere', "n": 300, "id": "", "of": None, "ok": None},
    ]


def test_no_rows_are_an_empty_list(tmp_path: Path) -> None:
    """JSON of nothing is still JSON."""
    path = Result(pa.table({"n": pa.array([], pa.int64())})).write(tmp_path / "rows.json")
    assert json.loads(path.read_bytes()) == []


def test_jsonl_is_an_object_a_line(result: Result, tmp_path: Path) -> None:
    """Line ends inside values are escaped."""
    lines = result.write(tmp_path / "rows.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["n"] for line in lines] == [1, -20, 300]


def test_csv_can_be_read_back(result: Result, tmp_path: Path) -> None:
    """Null is an empty cell, what is nested is JSON."""
    path = result.write(tmp_path / "rows.csv")
    with path.open(encoding="utf-8", newline="") as source:
        rows = list(csv.reader(source))
    assert rows == [
        ["name", "n", "id", "of", "ok"],
        ["a,b", "1", "01ff", '[{"k":"x","v":1}]', "true"],
        ["", "-20", "", "[]", "false"],
        ['say "hi"\nthere', "300", "", "", ""],
    ]


def test_binary_files_keep_every_type(result: Result, tmp_path: Path) -> None:
    """Parquet and Arrow give the same rows back."""
    assert parquet.read_table(result.write(tmp_path / "rows.parquet")).to_pylist() == ROWS
    assert feather.read_table(result.write(tmp_path / "rows.arrow")).to_pylist() == ROWS


def test_frames_have_the_rows(result: Result) -> None:
    """As pandas and polars have them."""
    assert result.to_pandas()["n"].tolist() == [1, -20, 300]
    assert result.to_polars()["n"].to_list() == [1, -20, 300]


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_a_missing_part_names_what_installs_it(
    result: Result, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the command as it would be typed."""
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingPartError, match=f"{name} is not installed; pip install {name}$"):
        getattr(result, f"to_{name}")()


def test_a_format_is_named_or_known_by_the_ending(result: Result, tmp_path: Path) -> None:
    """Others are refused with those there are."""
    with pytest.raises(SpecError, match=r"\.parquet"):
        result.write(tmp_path / "rows.xls")
    with pytest.raises(UnknownNameError, match="jsonl"):
        result.write(tmp_path / "rows.xls", "excel")
    assert result.write(tmp_path / "rows.xls", "csv").read_bytes().startswith(b"name,n")


def test_a_place_that_cannot_be_written_is_an_error(result: Result, tmp_path: Path) -> None:
    """With the path, and exit status 5."""
    with pytest.raises(OutputError, match=r"no\.such") as caught:
        result.write(tmp_path / "no.such" / "rows.csv")
    assert caught.value.exit_status == 5


def test_every_format_says_what_it_is() -> None:
    """The page of formats is the list that the command line offers."""
    assert formats.names() == ("table", "csv", "json", "jsonl", "parquet", "arrow")
    assert [f.name for f in formats.FORMATS if f.binary] == ["parquet", "arrow"]
