"""A SCIP index becomes tables as far as it is of these sources; what is not is refused by name."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from codeanatomy.cpg import config, scip
from codeanatomy.cpg.extract import scip as extractor
from codeanatomy.cpg.extract._witness import Seen, Witnessed, WitnessError
from codeanatomy.kernel.errors import MissingPartError
from tests.builds import write
from tests.indexes import PREFIX, index, save

if TYPE_CHECKING:
    from pathlib import Path

F, G = PREFIX + "a/f().", PREFIX + "a/g()."
SOURCE = "def f():\n    pass\n\ndef g():\n    f()\n"
INDEX = {
    "a.py": [
        ((0, 0, 0), PREFIX + "a/__init__:", 1), ((0, 4, 5), F, 1), ((3, 4, 5), G, 1),
        ((4, 4, 5), F, 8),
    ]
}  # fmt: skip


def seen(files: dict[str, str | bytes]) -> list[Seen]:
    """Give files numbers, as a build does."""
    raws = {p: t.encode() if isinstance(t, str) else t for p, t in files.items()}
    return [Seen(number + 1, path, raw) for number, (path, raw) in enumerate(raws.items())]


def observe(
    root: Path,
    files: dict[str, str | bytes],
    made: Any,  # noqa: ANN401 - protobuf makes its classes while it runs
) -> Witnessed:
    """Read an index of files."""
    settings = {"scip_index": save(made, root / "made.scip")}
    return extractor.observe(root, seen(files), config.resolve(root, settings, {}))


def rows(found: Witnessed, table: str, *columns: str) -> list[tuple[Any, ...]]:
    """Return columns of a table, row by row."""
    return [tuple(row[c] for c in columns) for row in found.tables[table].to_pylist()]


def test_occurrences_have_spans_of_the_file(tmp_path: Path) -> None:
    """Bytes of the file as stored; the module's definition is empty at its start."""
    made = index(INDEX)
    made.documents[0].occurrences[1].enclosing_range.extend([0, 0, 1, 8])
    found = observe(tmp_path, {"a.py": SOURCE}, made)
    columns = ("occurrence", "symbol", "roles", "bstart", "bend", "enclosing_bend")
    assert rows(found, "scip_occurrences", *columns) == [
        (0, PREFIX + "a/__init__:", 1, 0, 0, None), (1, F, 1, 4, 5, 17), (2, G, 1, 23, 24, None),
        (3, F, 8, 32, 33, None),
    ]  # fmt: skip
    assert found.warnings == []


def test_what_is_said_of_symbols_is_kept(tmp_path: Path) -> None:
    """Names, documentation, signatures, relationships, and remarks."""
    made = index(INDEX)
    about = made.documents[0].symbols.add(symbol=G, display_name="g", kind=17)
    about.documentation.append("Does it.")
    about.signature_documentation.text = "def g()"
    about.relationships.add(symbol=F, is_implementation=True)
    made.external_symbols.add(symbol=F)
    remark = made.documents[0].occurrences[3].diagnostics.add(severity=2, code="W1")
    remark.message, remark.source = "odd", "lint"
    found = observe(tmp_path, {"a.py": SOURCE}, made)
    columns = ("file_no", "symbol", "display_name", "kind", "documentation", "signature")
    assert rows(found, "scip_symbols", *columns) == [
        (0, F, None, 0, [], None), (1, G, "g", 17, ["Does it."], "def g()"),
    ]  # fmt: skip
    flags = ("reference", "implementation", "type_definition", "definition")
    assert rows(found, "scip_relationships", "symbol", "related", *flags) == [
        (G, F, False, True, False, False)
    ]
    columns = ("severity", "code", "message", "source", "bstart", "bend")
    assert rows(found, "scip_diagnostics", *columns) == [(2, "W1", "odd", "lint", 32, 33)]


@pytest.mark.parametrize(("encoding", "at"), [("utf-8", 16), ("utf-16", 12), ("utf-32", 10)])
def test_an_encoding_that_is_not_given_is_found(tmp_path: Path, encoding: str, at: int) -> None:
    """By the names of definitions: they stand where only one way of counting finds them."""
    source = "_ = '🍏🍐'; name = 1\n"
    made = index({"a.py": [((0, at, at + 4), PREFIX + "a/name.", 1)]})
    found = observe(tmp_path, {"a.py": source}, made)
    start = source.encode().index(b"name")
    assert rows(found, "scip_occurrences", "bstart", "bend") == [(start, start + 4)]
    columns = ("position_encoding", "encoding_given", "mismatches")
    assert rows(found, "scip_documents", *columns) == [(encoding, False, 0)]


def test_an_encoding_that_is_given_is_used(tmp_path: Path) -> None:
    """The document says how it counts."""
    source = "_ = '🍏🍐'; name = 1\n"
    made = index({"a.py": [((0, 12, 16), PREFIX + "a/name.", 1)]}, encoding=2)
    found = observe(tmp_path, {"a.py": source}, made)
    columns = ("position_encoding", "encoding_given", "stale")
    assert rows(found, "scip_documents", *columns) == [("utf-16", True, False)]


def test_a_document_of_another_text_is_left_out(tmp_path: Path) -> None:
    """Its definitions do not stand on their names; the others are read, and it is told."""
    made = index({**INDEX, "b.py": INDEX["a.py"]})
    found = observe(tmp_path, {"a.py": SOURCE, "b.py": "\n" + SOURCE}, made)
    assert rows(found, "scip_documents", "file_no", "stale", "mismatches") == [
        (1, False, 0), (2, True, 2),
    ]  # fmt: skip
    assert {row[0] for row in rows(found, "scip_occurrences", "file_no")} == {1}
    assert [w["code"] for w in found.warnings] == ["scip-stale"]


def test_a_document_that_holds_another_text_is_left_out(tmp_path: Path) -> None:
    """An index may hold the text that it was made from."""
    texts = {"a.py": SOURCE.replace("\n", "\r\n"), "b.py": SOURCE + "#\n"}
    made = index({**INDEX, "b.py": INDEX["a.py"]}, texts=texts)
    found = observe(tmp_path, {"a.py": SOURCE, "b.py": SOURCE}, made)
    assert rows(found, "scip_documents", "stale") == [(False,), (True,)]


@pytest.mark.parametrize("documents", [["x.py"], ["a.py", "x.py", "y.py"]])
def test_an_index_of_another_repository_is_refused(tmp_path: Path, documents: list[str]) -> None:
    """Most of its documents are no file of the build."""
    made = index(dict.fromkeys(documents, INDEX["a.py"]))
    with pytest.raises(extractor.ForeignIndexError, match="another commit or repository") as error:
        observe(tmp_path, {"a.py": SOURCE}, made)
    foreign = len(documents) - ("a.py" in documents)
    assert error.value.facts["foreign"] == foreign
    assert error.value.code == "scip-foreign"


def test_an_index_of_another_commit_is_refused(tmp_path: Path) -> None:
    """Its documents are files of the build, and of other texts."""
    with pytest.raises(extractor.ForeignIndexError) as error:
        observe(tmp_path, {"a.py": "import os\n\n" + SOURCE}, index(INDEX))
    assert (error.value.facts["foreign"], error.value.facts["stale"]) == (0, 1)


def test_what_the_index_does_not_have_is_told(tmp_path: Path) -> None:
    """Files without a document, and a few documents without a file."""
    made = index({**INDEX, "gone.py": []})
    found = observe(tmp_path, {"a.py": SOURCE, "b.py": ""}, made)
    assert [(w["code"], w["facts"]["paths"]) for w in found.warnings] == [
        ("scip-other-files", ["gone.py"]), ("scip-missing", ["b.py"]),
    ]  # fmt: skip
    assert rows(found, "scip_index", "tool", "documents", "foreign") == [("hand", 2, 1)]


@pytest.mark.parametrize(
    "span", [(99, 0, 1), (0, 90, 99), (0, 5, 4), (-1, 0, 1), (0,), (), (0, 1, 2, 3, 4)]
)
def test_a_range_outside_the_file_is_left_out(tmp_path: Path, span: tuple[int, ...]) -> None:
    """Beyond its end, backwards, or no range at all; it is counted."""
    made = index({"a.py": [*INDEX["a.py"], (span, F, 8)]})
    found = observe(tmp_path, {"a.py": SOURCE}, made)
    assert len(rows(found, "scip_occurrences", "occurrence")) == 4
    assert rows(found, "scip_documents", "occurrences", "outside") == [(5, 1)]
    assert [w["code"] for w in found.warnings] == ["scip-outside"]


def test_two_documents_of_one_path_are_one(tmp_path: Path) -> None:
    """Indexers that work in parts may write so."""
    made = index({"a.py": INDEX["a.py"][:2]})
    made.documents.append(index({"a.py": INDEX["a.py"][2:]}).documents[0])
    found = observe(tmp_path, {"a.py": SOURCE}, made)
    assert rows(found, "scip_occurrences", "occurrence") == [(0,), (1,), (2,), (3,)]
    assert rows(found, "scip_documents", "occurrences") == [(4,)]


def test_an_index_without_documents_is_read(tmp_path: Path) -> None:
    """Nothing is there, and the tables are."""
    found = observe(tmp_path, {"a.py": SOURCE}, index({}))
    assert rows(found, "scip_occurrences", "symbol") == []
    assert [w["code"] for w in found.warnings] == ["scip-missing"]


def test_an_index_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """The message names the file."""
    settings = config.resolve(tmp_path, {"scip_index": str(tmp_path / "no.scip")}, {})
    with pytest.raises(scip.ScipIndexError, match=r"no\.scip: no SCIP index can be read"):
        extractor.key(tmp_path, settings)


def test_the_key_is_the_content(tmp_path: Path) -> None:
    """Another index is another key; the same bytes elsewhere are not."""
    names = [save(index(INDEX), tmp_path / "a"), save(index(INDEX), tmp_path / "b"),
             save(index({}), tmp_path / "c")]  # fmt: skip
    keys = [
        extractor.key(tmp_path, config.resolve(tmp_path, {"scip_index": name}, {}))
        for name in names
    ]
    assert keys[0] == keys[1] != keys[2]


def programs(folder: Path, monkeypatch: pytest.MonkeyPatch, **scripts: str) -> None:
    """Put programs on the path, and nothing else; an underscore in a name stands for a dash."""
    folder.mkdir()
    for name, text in scripts.items():
        path = folder / name.replace("_", "-")
        path.write_text(f"#!{sys.executable}\n{text}")
        path.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


@pytest.mark.parametrize(("scripts", "part"), [({}, "scip-python"), ({"scip_python": ""}, "node")])
def test_a_missing_program_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scripts: dict[str, str], part: str
) -> None:
    """The indexer, or Node, which it needs; the message says how to get it."""
    programs(tmp_path / "bin", monkeypatch, **scripts)
    with pytest.raises(MissingPartError) as error:
        extractor.key(tmp_path, config.resolve(tmp_path, {}, {}))
    assert (error.value.facts, error.value.exit_status) == ({"part": part}, 10)


COPIES = """
import os, shutil, sys
assert os.environ["NODE_OPTIONS"] == "--max-old-space-size=64", os.environ["NODE_OPTIONS"]
words = dict(zip(sys.argv[1:], sys.argv[2:]))
assert os.path.samefile(os.getcwd(), words["--cwd"])
assert (words["--project-name"], words["--project-version"]) == ("shop", "0")
shutil.copy("made", words["--output"])
"""


def test_the_indexer_is_run_on_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In its folder, with the memory that the settings give it."""
    save(index(INDEX), tmp_path / "made")
    programs(tmp_path / "bin", monkeypatch, node="", scip_python=COPIES)
    settings = config.resolve(tmp_path, {"name": "shop", "witness_memory": "64 MiB"}, {})
    found = extractor.observe(tmp_path, seen({"a.py": SOURCE}), settings)
    assert len(rows(found, "scip_occurrences", "symbol")) == 4


SLEEPS, LATE = "import time; time.sleep(60)", "did not end within 1 s"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("import sys; sys.exit('out of memory')", "exit status 1: out of memory"),
        (SLEEPS, LATE),
        (f"import subprocess; subprocess.run([{sys.executable!r}, '-c', {SLEEPS!r}])", LATE),
    ],
    ids=["fails", "hangs", "child hangs"],
)  # fmt: skip
def test_an_indexer_that_fails_or_hangs_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, message: str
) -> None:
    """What it started is ended too, and its last words are told."""
    programs(tmp_path / "bin", monkeypatch, node="", scip_python=script)
    settings = config.resolve(tmp_path, {"witness_seconds": 1}, {})
    with pytest.raises(WitnessError, match=message):
        extractor.observe(tmp_path, seen({"a.py": SOURCE}), settings)


def test_an_indexer_that_writes_nothing_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends well, and there is no index."""
    programs(tmp_path / "bin", monkeypatch, node="", scip_python="")
    with pytest.raises(scip.ScipIndexError, match="no SCIP index can be read"):
        extractor.observe(tmp_path, [], config.resolve(tmp_path, {}, {}))


def test_folders_of_other_names_are_found(tmp_path: Path) -> None:
    """Paths are those below the root."""
    write(tmp_path, {"p/a.py": SOURCE})
    made = index({"p/a.py": INDEX["a.py"]})
    found = observe(tmp_path, {"p/a.py": SOURCE}, made)
    assert len(rows(found, "scip_occurrences", "symbol")) == 4
