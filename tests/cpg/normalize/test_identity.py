"""Numbers of nodes: their order within a file, their names, and how a number is looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeanatomy.cpg import ids
from codeanatomy.cpg.nodes import LAYERS, NODES
from codeanatomy.cpg.normalize.identity import identify, line_column, look_up
from codeanatomy.cpg.views import SPACES
from codeanatomy.kernel.errors import CompileError, UnsupportedError

if TYPE_CHECKING:
    from random import Random

COLUMNS = pa.schema(
    {
        "file_no": pa.int32(), "space": pa.string(), "local": pa.int32(), "kind": pa.string(),
        "name": pa.string(), "qualname": pa.string(), "index": pa.int32(), "syntax": pa.string(),
        "bstart": pa.int32(), "bend": pa.int32(), "sources": pa.string(),
    }
)  # fmt: skip
KINDS = [kind.name for kind in NODES if not kind.absent and kind.name != "file"]
LAYER = {kind.name: LAYERS.index(kind.layer) for kind in NODES}
PLACE = {kind.name: place for place, kind in enumerate(NODES)}


def files(*numbers: int, size: int = 100) -> pa.Table:
    """Give files of the repository `r`, each a module of its name on two lines."""
    return pa.table(
        {
            "file_no": pa.array(numbers, pa.int32()), "path": [f"m{n}.py" for n in numbers],
            "size": pa.array([size] * len(numbers), pa.int64()),
            "skipped": pa.nulls(len(numbers), pa.string()), "repo": ["r"] * len(numbers),
        }
    )  # fmt: skip


def modules(*numbers: int) -> pa.Table:
    """Name the modules of `files`."""
    return pa.table(
        {"file_no": pa.array(numbers, pa.int32()), "module": [f"m{n}" for n in numbers]}
    )


def lines(*numbers: int) -> pa.Table:
    """Break each file before byte 10."""
    rows = [(n, line, start) for n in numbers for line, start in ((1, 0), (2, 10))]
    file_no, line, start = zip(*rows, strict=True)
    return pa.table(
        {"file_no": pa.array(file_no, pa.int32()), "line": pa.array(line, pa.int32()),
         "bstart": pa.array(start, pa.int32())}
    )  # fmt: skip


def entity(local: int, kind: str, start: int, end: int, **more: str | int) -> dict[str, Any]:
    """Give one row as a view of kind `project` does; in file 1 and space `node` if not said."""
    return {
        "file_no": 1, "space": "node", "local": local, "kind": kind, "name": None,
        "qualname": None, "index": 0, "syntax": None, "bstart": start, "bend": end,
        "sources": "ast", **more,
    }  # fmt: skip


def identified(*rows: dict[str, Any], numbers: tuple[int, ...] = (1,)) -> list[dict[str, Any]]:
    """Give the rows their numbers, and leave out the files' own nodes."""
    table = pa.Table.from_pylist(list(rows), COLUMNS)
    found = identify(files(*numbers), modules(*numbers), lines(*numbers), table).to_pylist()
    return [row for row in found if row["kind"] != "file"]


def test_nodes_lie_in_order_of_place_the_outer_first() -> None:
    """Of two that start together the longer is first, whatever the order of the rows."""
    spans = [(5, 9), (0, 3), (0, 9)]
    rows = [entity(place, "statement", *span) for place, span in enumerate(spans)]
    assert [row["local"] for row in identified(*rows)] == [2, 1, 0]


def test_equal_spans_lie_in_order_of_kind_then_index() -> None:
    """Kinds are ordered as their page lists them."""
    rows = [
        entity(0, "expression", 0, 3, index=0), entity(1, "literal", 0, 3, index=2),
        entity(2, "literal", 0, 3, index=1),
    ]  # fmt: skip
    assert [row["local"] for row in identified(*rows)] == [2, 1, 0]


def test_each_layer_has_a_range_of_its_own() -> None:
    """A node's number does not depend on nodes of other layers."""
    function, reference = entity(0, "function", 0, 9), entity(1, "reference", 4, 5)
    alone = {row["kind"]: row["nid"] for row in identified(reference)}
    both = {row["kind"]: row["nid"] for row in identified(function, reference)}
    assert alone["reference"] == both["reference"] == (1 << 32) | (2 << 28)
    assert both["function"] == (1 << 32) | 1  # the file itself is the first of its layer


def test_files_are_numbered_apart() -> None:
    """Ordinals start anew in each file; the file is in the upper half of the number."""
    rows = [entity(0, "literal", 3, 4, file_no=n) for n in (7, 2)]
    found = identified(*rows, numbers=(2, 7))
    assert [row["nid"] for row in found] == [(2 << 32) | (1 << 28), (7 << 32) | (1 << 28)]


@given(
    st.lists(
        st.tuples(st.sampled_from(KINDS), *(st.integers(0, most) for most in (20, 20, 3))),
        min_size=1, max_size=20,
    ),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_numbers_are_the_places_in_the_promised_order(
    drawn: list[tuple[str, int, int, int]], chance: Random
) -> None:
    """(layer, bstart, -bend, kind, index) decides, counted from 0 in each layer."""
    rows = [
        entity(place, kind, start, start + length, index=index)
        for place, (kind, start, length, index) in enumerate(drawn)
    ]
    wanted = sorted(
        rows,
        key=lambda r: (LAYER[r["kind"]], r["bstart"], -r["bend"], PLACE[r["kind"]], r["index"],
                       r["local"]),
    )  # fmt: skip
    chance.shuffle(rows)
    found = identified(*rows)
    assert [row["local"] for row in found] == [row["local"] for row in wanted]
    assert len({row["nid"] for row in found}) == len(found)
    assert all((row["nid"] >> 28) & 15 == LAYER[row["kind"]] for row in found)
    assert [row["nid"] for row in found] == sorted(row["nid"] for row in found)


def test_names_count_equals_in_file_order() -> None:
    """Two definitions of one name have two node ids; the first's is that of one alone."""
    one = entity(0, "function", 0, 3, name="f", qualname="f")
    two = entity(1, "function", 12, 15, name="f", qualname="f")
    alone, both = identified(one), identified(one, two)
    assert both[0]["node_id"] == alone[0]["node_id"]
    assert both[0]["node_id"] != both[1]["node_id"]


def test_a_named_node_keeps_its_id_when_it_moves_and_other_nodes_do_not() -> None:
    """A function is its qualified name; a literal is its span."""
    before = identified(entity(0, "function", 0, 9, qualname="f"), entity(1, "literal", 3, 4))
    after = identified(entity(0, "function", 1, 10, qualname="f"), entity(1, "literal", 4, 5))
    assert before[0]["node_id"] == after[0]["node_id"]
    assert before[1]["node_id"] != after[1]["node_id"]


def test_kind_and_path_are_part_of_an_id() -> None:
    """A class and a function of one name differ, and so do those of two files."""
    function, cls = (entity(0, kind, 0, 9, qualname="f") for kind in ("function", "class"))
    other = entity(0, "function", 0, 9, qualname="f", file_no=2)
    rows = [*identified(function), *identified(cls), *identified(other, numbers=(2,))]
    assert len({row["node_id"] for row in rows}) == 3
    assert {len(row["node_id"]) for row in rows} == {16}


def test_qualified_names_start_with_the_module() -> None:
    """The empty name below the module is the module's own; no name stays none."""
    rows = [
        entity(0, "module", 0, 100, qualname=""), entity(1, "class", 0, 9, qualname="A.B"),
        entity(2, "literal", 3, 4),
    ]  # fmt: skip
    found = {row["kind"]: row["qualified_name"] for row in identified(*rows)}
    assert found == {"module": "m1", "class": "m1.A.B", "literal": None}


def test_lines_and_columns_are_those_of_the_first_byte() -> None:
    """Lines count from 1, columns from 0; a break belongs to the line it ends."""
    file_no, start = np.array([1, 1, 1, 2]), np.array([0, 9, 10, 13])
    line, column = line_column(lines(1, 2), file_no, start)
    assert line.tolist() == [1, 1, 2, 2]
    assert column.tolist() == [0, 9, 0, 3]


def test_a_file_that_was_not_read_has_no_node() -> None:
    """What was skipped is a row of `files` and nothing in the graph."""
    listed = files(1, 2).set_column(3, "skipped", pa.array([None, "too large"], pa.string()))
    found = identify(listed, modules(1, 2), lines(1, 2))
    assert found.select(["path", "kind"]).to_pylist() == [{"path": "m1.py", "kind": "file"}]


def test_an_unknown_kind_is_an_error() -> None:
    """Nothing is filed under a kind that no page declares."""
    with pytest.raises(CompileError, match="gizmo"):
        identified(entity(0, "gizmo", 0, 1))


def test_more_nodes_than_a_range_holds_is_an_error() -> None:
    """Numbers of one layer never run into the next layer's."""
    one = np.array([1], np.int64)
    assert ids.number(one, one, one * (ids.MOST - 1)).tolist() == [(1 << 32) | (2 << 28) - 1]
    with pytest.raises(UnsupportedError):
        ids.number(one, one, one * ids.MOST)


PLACES = pa.table(
    {
        "space": pa.array([SPACES.index("node")] * 2 + [SPACES.index("scope")], pa.int64()),
        "key": pa.array([1 << 32, (1 << 32) | 4, 1 << 32], pa.int64()),
        "nid": pa.array([10, 14, 20], pa.int64()),
    }
)


def found(space: str, *numbers: int, file_no: int = 1) -> list[int]:
    """Look numbers of one file up."""
    local = np.array(numbers, np.int64)
    nids = look_up(PLACES, space, np.full(len(local), file_no, np.int64), local)
    return [int(nid) for nid in nids]


def test_a_number_means_what_its_space_says() -> None:
    """Node 0 and scope 0 of one file are two things."""
    assert found("node", 4, 0, 4) == [14, 10, 14]
    assert found("scope", 0) == [20]
    assert found("node") == []


@pytest.mark.parametrize(
    ("space", "number", "file_no"),
    [("node", 3, 1), ("node", 9, 1), ("node", 0, 2), ("error", 0, 1)],
)
def test_a_number_without_a_node_is_an_error(space: str, number: int, file_no: int) -> None:
    """An end that no node has never becomes an edge; the error says which and how many."""
    with pytest.raises(CompileError, match=f"{space!r}: file {file_no}, number {number}") as raised:
        found(space, number, file_no=file_no)
    assert (raised.value.facts["space"], raised.value.facts["count"]) == (space, 1)
