"""The rows of bytecode against `dis`, on modules of the standard library."""

from __future__ import annotations

import ast
import dis
import sysconfig
import types
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codeanatomy.cpg.extract._source import Source
from codeanatomy.cpg.extract.bytecode import extract

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDS = ("RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE")
UNCONDITIONAL = ("JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT")


def tables(raw: str | bytes) -> dict[str, list[dict[str, Any]]]:
    """Extract all tables as lists of rows."""
    found = extract(Source(raw.encode() if isinstance(raw, str) else raw))
    out = {}
    for table, columns in found.items():
        lists = [c if isinstance(c, list) else c.tolist() for c in columns.values()]
        out[table] = [dict(zip(columns, row, strict=True)) for row in zip(*lists, strict=True)]
    return out


def code_objects(source: Source) -> list[types.CodeType]:
    """Compile as the extractor does; list outermost first."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        top = compile(source.tree, "<test>", "exec", dont_inherit=True, optimize=0)
    found: list[types.CodeType] = []

    def walk(code: types.CodeType) -> None:
        found.append(code)
        for constant in code.co_consts:
            if isinstance(constant, types.CodeType):
                walk(constant)

    walk(top)
    return found


def library(every: int) -> Iterator[tuple[str, Source]]:
    """Yield some modules of the standard library that compile."""
    folder = Path(sysconfig.get_paths()["stdlib"])
    paths = sorted(p for p in folder.rglob("*.py") if "site-packages" not in p.parts)
    for path in paths[::every]:
        source = Source(path.read_bytes())
        try:
            code_objects(source)
        except (SyntaxError, ValueError):
            continue
        yield path.name, source


def by_unit(rows: list[dict[str, Any]], count: int) -> list[list[dict[str, Any]]]:
    """Split rows by code object."""
    found: list[list[dict[str, Any]]] = [[] for _ in range(count)]
    for row in rows:
        found[row["unit"]].append(row)
    return found


def expected_value(one: dis.Instruction) -> str | None:
    """Say what `dis` gives for a name; None for what is not one."""
    if one.opcode in {*dis.hasname, *dis.haslocal, *dis.hasfree}:
        return ",".join(one.argval) if isinstance(one.argval, tuple) else one.argval
    return None


def test_the_instructions_are_those_of_dis() -> None:
    """Offsets, names, arguments, lines and named values, of every code object."""
    checked = 0
    for name, source in library(60):
        codes = code_objects(source)
        rows = by_unit(tables(source.raw)["instructions"], len(codes))
        for code, found in zip(codes, rows, strict=True):
            said = [i for i in dis.get_instructions(code) if i.opname != "EXTENDED_ARG"]
            assert [
                (r["offset"], r["opname"], r["arg"], r["line"], r["end_line"]) for r in found
            ] == [
                (i.offset, i.opname, i.arg, i.positions.lineno, i.positions.end_lineno)
                for i in said
                if i.positions
            ], (name, code)
            for row, one in zip(found, said, strict=True):
                if expected_value(one) is not None:
                    assert row["value"] == expected_value(one), (name, code, row)
                elif one.opcode in dis.hasconst and isinstance(one.argval, int | None):
                    assert row["value"] == repr(one.argval), (name, code, row)
            checked += len(found)
    assert checked > 10_000


def test_spans_are_the_interpreters_positions_in_bytes() -> None:
    """First and last column become file bytes; what has no column, or no line, has no span."""
    checked = 0
    for name, source in library(60):
        codes = code_objects(source)
        rows = by_unit(tables(source.raw)["instructions"], len(codes))
        starts = source.line_starts
        for code, found in zip(codes, rows, strict=True):
            positions = list(code.co_positions())
            for row in found:
                line, end_line, column, end_column = positions[row["offset"] // 2]
                if not line or column is None or end_line is None or end_column is None:
                    assert (row["bstart"], row["bend"]) == (None, None), (name, row)
                    continue
                text = (int(starts[line - 1]) + column, int(starts[end_line - 1]) + end_column)
                head = 3 if source.bom else 0
                if source.newline in ("lf", "none") and source.encoding == "utf-8":
                    assert (row["bstart"] - head, row["bend"] - head) == text, (name, row)
                    checked += 1
    assert checked > 10_000


def test_the_exception_table_is_that_of_dis() -> None:
    """Every protected range, in order."""
    checked = 0
    for name, source in library(60):
        codes = code_objects(source)
        rows = by_unit(tables(source.raw)["exception_table"], len(codes))
        for code, found in zip(codes, rows, strict=True):
            said = dis._parse_exception_table(code)  # type: ignore[attr-defined]  # not public, and the only other reader there is
            assert [(r["start"], r["end"], r["target"], r["depth"], r["lasti"]) for r in found] == [
                (e.start, e.end, e.target, e.depth, e.lasti) for e in said
            ], (name, code)
            checked += len(said)
    assert checked > 500


def test_blocks_tile_the_code_and_edges_follow_every_jump() -> None:
    """Blocks leave no gap; the ways out of each are those of its last instruction in `dis`."""
    for name, source in library(120):
        codes = code_objects(source)
        found = tables(source.raw)
        blocks = by_unit(found["blocks"], len(codes))
        edges = by_unit(found["block_edges"], len(codes))
        for code, own, ways in zip(codes, blocks, edges, strict=True):
            assert [b["start"] for b in own] == [0, *(b["end"] for b in own[:-1])], name
            assert own[-1]["end"] == len(code.co_code), name
            said = {(w["src"], own[w["dst"]]["start"]) for w in ways if w["kind"] != "exception"}
            assert said == ways_of_dis(code, own), (name, code)
            raised = {(w["src"], own[w["dst"]]["start"]) for w in ways if w["kind"] == "exception"}
            assert raised == {
                (block["block"], e.target)
                for e in dis._parse_exception_table(code)  # type: ignore[attr-defined]  # not public, and the only other reader there is
                for block in own
                if e.start <= block["start"] < e.end
            }, (name, code)


def ways_of_dis(code: types.CodeType, blocks: list[dict[str, Any]]) -> set[tuple[int, int]]:
    """Derive (block, offset it may go to) from the instructions that `dis` lists."""
    ways = set()
    last: dict[int, dis.Instruction] = {}
    place = 0
    for one in dis.get_instructions(code):
        while one.offset >= blocks[place]["end"]:
            place += 1
        last[place] = one
    jumps = {*dis.hasjrel, *dis.hasjabs}
    inner = {i.offset for i in dis.get_instructions(code) if i.opcode in jumps}
    assert inner <= {one.offset for one in last.values()}
    for number, one in last.items():
        if one.opcode in jumps:
            ways.add((number, one.argval))
        if one.opname not in (*ENDS, *UNCONDITIONAL):
            ways.add((number, blocks[number]["end"]))
    return ways


def test_extended_arguments_are_folded() -> None:
    """The three-hundredth name has one instruction, with its whole argument."""
    names = [f"n{i}" for i in range(300)]
    rows = tables("".join(f"{n} = 1\n" for n in names))["instructions"]
    stores = [(r["arg"], r["value"]) for r in rows if r["opname"] == "STORE_NAME"]
    assert stores == list(enumerate(names))
    assert "EXTENDED_ARG" not in {r["opname"] for r in rows}


def test_constants_are_shown_short_and_the_same_in_every_run() -> None:
    """Long ones are left out; code objects have no address; sets are written in order."""
    text = (
        "a = 'x' * 2; b = ('" + "y" * 50 + "'); c = lambda: 0\n"
        "d in {'q', 'b', 'c'}; e = 1, 2.5, None; f = 0x" + "f" * 5000 + "; g = (1,)[h:]\n"
    )
    rows = tables(text)["instructions"]
    shown = [r["value"] for r in rows if r["opname"] == "LOAD_CONST"]
    assert "<code <lambda>>" in shown
    assert "frozenset({'b', 'c', 'q'})" in shown
    assert "(1, 2.5, None)" in shown
    assert "(1,)" in shown
    assert max(len(s) for s in shown if s) <= 40
    assert shown.count(None) == 2


def test_nothing_is_run(tmp_path: Path) -> None:
    """Source that would write a file when run leaves none behind."""
    target = tmp_path / "ran"
    tables(f"open({str(target)!r}, 'w').close()\n")
    assert not target.exists()


def test_spans_are_bytes_of_the_file_as_stored() -> None:
    """In Latin-1 with CRLF behind a name that is not ASCII, a span still cuts the name out."""
    raw = "# coding: latin-1\r\né = 1\r\né.foo\r\n".encode("latin-1")
    rows = tables(raw)["instructions"]
    cut = {r["opname"]: raw[r["bstart"] : r["bend"]] for r in rows if r["bstart"] is not None}
    assert cut["LOAD_NAME"] == "é".encode("latin-1")
    assert cut["LOAD_ATTR"] == "é.foo".encode("latin-1")


def test_what_python_cannot_compile_raises() -> None:
    """A `return` outside a function parses, but does not compile."""
    ast.parse("return 1\n")
    with pytest.raises(SyntaxError):
        tables("return 1\n")


def test_an_expression_of_a_thousand_parts_compiles() -> None:
    """It is deeper than a tree may be when it is compiled, but no deeper than its text may be."""
    rows = tables("x = a" + " + a" * 1500 + "\n")["instructions"]
    assert [r["opname"] for r in rows].count("BINARY_OP") == 1500
