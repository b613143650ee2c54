"""The words of the house: plain class names, a first sentence in every file, nothing unfinished."""

from __future__ import annotations

import ast
import re

import pytest

from tests.house.source import committed, modules, shown, tree

BANNED = "Manager Helper Helpers Util Utils Handler Context Policy Info Facade Bundle".split()
ABSTRACT = (
    "Adapter Base Builder Component Config Controller Coordinator Data Engine Executor Factory "
    "Impl Interface Item Logic Mixin Model Module Object Options Processor Provider Proxy Registry "
    "Resolver Resource Runner Service State Strategy Support System Type Visitor Wrapper"
).split()
# Words of the field that the design gives an exact meaning; they say which thing, not what sort.
OURS = {"Component", "Processor", "Resource"}


def classes() -> list[tuple[str, str]]:
    """List every class of the package with its file; an old API's names live in `compat`."""
    return [
        (node.name, shown(path))
        for path in modules().values()
        if path.parent.name != "compat"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef)
    ]


def last_word(name: str) -> str:
    """Return the last word of a class name; that of an error is the one before `Error`."""
    words: list[str] = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*", name) or [name]
    return words[-2] if words[-1] == "Error" and len(words) > 1 else words[-1]


def test_no_class_is_named_by_an_empty_word() -> None:
    """Manager, Helper and the like say nothing about what a class is."""
    assert [(name, path) for name, path in classes() if last_word(name) in BANNED] == []


def test_few_classes_end_in_an_abstract_word() -> None:
    """Under one in ten; a class whose whole name is a word of the design is not abstract."""
    names = [name for name, _ in classes()]
    abstract = [n for n in names if n not in OURS and last_word(n) in ABSTRACT]
    assert len(abstract) * 10 < len(names), abstract


@pytest.mark.parametrize(
    ("name", "word"),
    [("TaskManager", "Manager"), ("HTTPHandler", "Handler"), ("PolicyError", "Policy"), ("X", "X")],
)
def test_the_last_word_of_a_name_is_found(name: str, word: str) -> None:
    """Capitals start words; `Error` only marks what can be raised."""
    assert last_word(name) == word


def sentences(line: str) -> int:
    """Count the sentences of a line; 0 if the last one does not end in it."""
    return len(re.findall(r"[.?!](?= [A-Z`]|$)", line)) if re.search(r"[.?!]$", line) else 0


def test_a_file_opens_with_one_sentence() -> None:
    """The first line of a module says what it is; a second sentence may say what it is not."""
    paths = [p for p in committed(".py") if "corpus" not in p.parts and p.read_bytes().strip()]
    first = {shown(p): (ast.get_docstring(tree(p)) or "").partition("\n")[0] for p in paths}
    assert {path: line for path, line in first.items() if sentences(line) not in (1, 2)} == {}


def test_sentences_are_counted() -> None:
    """A dot inside a name ends nothing; a line that breaks off is no sentence."""
    assert [sentences(x) for x in ("A b.", "Not `a.b`. C.", "A b", "")] == [1, 2, 0, 0]


def test_nothing_is_marked_unfinished() -> None:
    """What is left to do is not written into the sources."""
    marks = re.compile(r"\b(TODO|FIXME" + r"|XXX)\b|NotImplementedError\(\)")
    found = [
        f"{shown(path)}:{number}"
        for path in modules().values()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if marks.search(line)
    ]
    assert found == []
