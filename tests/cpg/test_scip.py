"""SCIP's messages are those of its schema, and its symbols are read and written as they are."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeanatomy.cpg import scip
from codeanatomy.cpg.scip import Descriptor
from codeanatomy.kernel.errors import MissingPartError
from tests.indexes import PREFIX, index, official, schema

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIXES = ("/", "#", ".", "().", ":", "!", "[]", "()")
names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)
words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1).filter(
    lambda text: text != "." and not text.startswith(" ") and not text.endswith(" ")
)


def test_every_field_is_one_of_the_schema() -> None:
    """By name, number, type and whether it repeats; an enum is a number on the wire."""
    kinds = {"int32", "string", "bool", *scip.MESSAGES}
    for message, fields in scip.MESSAGES.items():
        theirs = {
            (name, number, kind if kind in kinds else "int32", many)
            for name, number, kind, many in schema()[message]
        }
        assert {tuple(field) for field in fields} == theirs


def test_what_is_written_is_read_by_the_schema() -> None:
    """The same bytes mean the same in both."""
    made = index({"a.py": [((0, 4, 5), PREFIX + "a/f().", 1)]}, encoding=1)
    read = official()()
    read.ParseFromString(made.SerializeToString())
    (document,) = read.documents
    assert (document.relative_path, document.position_encoding) == ("a.py", 1)
    (occurrence,) = document.occurrences
    assert (list(occurrence.range), occurrence.symbol) == ([0, 4, 5], PREFIX + "a/f().")


@pytest.mark.parametrize(
    ("symbol", "descriptors", "dotted", "name"),
    [
        (PREFIX + "`a.b`/C#f().", [("a.b", "/"), ("C", "#"), ("f", "().")], "a.b.C.f", "f"),
        (PREFIX + "a/__init__:", [("a", "/"), ("__init__", ":")], "a", None),
        (PREFIX + "a/f().(x)", [("a", "/"), ("f", "()."), ("x", "()")], "a.f.x", "x"),
        (PREFIX + "a/C#[T]", [("a", "/"), ("C", "#"), ("T", "[]")], "a.C.T", "T"),
        (PREFIX + "`a``b`/", [("a`b", "/")], "a`b", None),
    ],
)
def test_symbols_are_read(
    symbol: str, descriptors: list[tuple[str, str]], dotted: str, name: str | None
) -> None:
    """Their parts, the qualified name they stand for, and the name where they are defined."""
    found = scip.parsed(symbol)
    assert found is not None
    assert [(d.name, d.suffix) for d in found.descriptors] == descriptors
    assert (found.scheme, found.manager, found.package, found.version) == (
        "scip-python", "python", "shop", "0",
    )  # fmt: skip
    assert (scip.dotted(symbol), scip.own_name(symbol)) == (dotted, name)


def test_a_method_keeps_its_mark() -> None:
    """What tells methods of one name apart is no part of the name."""
    found = scip.parsed(PREFIX + "a/f(+1).")
    assert found is not None
    assert found.descriptors[-1] == Descriptor("f", "().", "+1")
    assert scip.written("shop", "0", found.descriptors) == PREFIX + "a/f(+1)."


@pytest.mark.parametrize("text", ["local 3", "local 5(x)", "", "junk", "a b c d e", "a b c d e/f"])
def test_other_texts_are_no_symbols_of_many_documents(text: str) -> None:
    """Local symbols, and what breaks the grammar."""
    assert scip.parsed(text) is None
    assert scip.dotted(text) is None


@given(words, words, st.lists(st.tuples(names, st.sampled_from(SUFFIXES)), min_size=1))
def test_symbols_are_read_as_they_are_written(
    package: str, version: str, parts: list[tuple[str, str]]
) -> None:
    """Whatever the names: blanks, quotes, dots and other scripts come back."""
    descriptors = [Descriptor(name, suffix) for name, suffix in parts]
    found = scip.parsed(scip.written(package, version, descriptors))
    assert found is not None
    assert (found.package, found.version, list(found.descriptors)) == (
        package, version, descriptors,
    )  # fmt: skip


def test_ranges_have_four_forms() -> None:
    """Three numbers, four, and the two messages of newer indexes; others are none."""
    made = index({"a.py": [((1, 2, 3), "s", 0), ((1, 2, 3, 4), "s", 0), ((1,), "s", 0)]})
    document = made.documents[0]
    one, many = document.occurrences.add(), document.occurrences.add()
    one.single_line_range.line, one.single_line_range.end_character = 7, 2
    many.multi_line_enclosing_range.end_line = 5
    assert [scip.range_of(o) for o in document.occurrences] == [
        (1, 2, 1, 3), (1, 2, 3, 4), (), (7, 0, 7, 2), (),
    ]  # fmt: skip
    assert scip.range_of(many, "enclosing_") == (0, 0, 5, 0)


def whole() -> bytes:
    """Return the bytes of a small index."""
    raw: bytes = index({"a.py": [((0, 4, 5), PREFIX + "a/f().", 1)]}).SerializeToString()
    return raw


@pytest.mark.parametrize(
    "raw",
    [b"", b"\x89PNG\r\n\x1a\n", b"import os\n", b'{"documents": []}', whole()[:-1], whole()[:20],
     b"\xff" * 64, b"\x1f\x8b\x08\x00" + b"\0" * 20],
    ids=["empty", "image", "source", "json", "last byte gone", "cut", "noise", "packed"],
)  # fmt: skip
def test_what_is_no_index_is_refused(raw: bytes) -> None:
    """Other files, and the beginning of an index."""
    with pytest.raises(scip.ScipIndexError, match=r"x\.scip: not a SCIP index") as error:
        scip.decoded(raw, "x.scip")
    assert error.value.facts == {"file": "x.scip", "size": len(raw)}


@pytest.fixture
def without_protobuf(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hide protobuf, as where the extra is not installed."""
    monkeypatch.setitem(sys.modules, "google.protobuf", None)
    scip._index_class.cache_clear()
    yield
    monkeypatch.undo()
    scip._index_class.cache_clear()


@pytest.mark.usefixtures("without_protobuf")
def test_a_missing_part_is_named() -> None:
    """The message says what installs it."""
    with pytest.raises(MissingPartError, match=r'pip install "codeanatomy\[scip\]"') as error:
        scip.new_index()
    assert error.value.exit_status == 10
