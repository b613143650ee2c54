"""The graph says of every name, node, span and import what Python itself says of it."""

from __future__ import annotations

import re
import shutil
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

import codeanatomy as ca
from benchmarks import bytecode_names, files, imports, names, reproducible, spans, syntax
from benchmarks.corpora import python_files
from benchmarks.graph import rows

if TYPE_CHECKING:
    from codeanatomy.cpg.api import Graph

ORACLES = {
    "names": names.check,
    "bytecode_names": bytecode_names.check,
    "syntax": syntax.check,
    "spans": spans.check,
    "imports": imports.check,
    "files": files.check,
}
LIBRARY = Path(sysconfig.get_path("stdlib"))
TRAPS = Path(__file__).resolve().parents[1] / "corpus"
FACT = re.compile(r"([^\W\d]\w*): (\w+) ([\w ]+?) ([\w-]+)(?:;|$)")
MEANINGS = """
SELECT r.path, r.line, r.name, e.kind, e.method, d.kind AS target, d.line AS target_line,
       e.props['reason'] AS reason
FROM nodes r JOIN edges e ON r.nid = e.src JOIN nodes d ON e.dst = d.nid
WHERE r.kind = 'reference' AND e.kind IN ('REF', 'UNRESOLVED')"""


class Built(NamedTuple):
    """A folder and its graph."""

    graph: Graph
    root: Path


@pytest.fixture(scope="module", params=["traps", "json", "email"])
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build the traps, and two packages of the standard library."""
    name = str(request.param)
    root = TRAPS
    if name != "traps":
        root = tmp_path_factory.mktemp(name) / name
        shutil.copytree(LIBRARY / name, root, ignore=shutil.ignore_patterns("__pycache__"))
    store = tmp_path_factory.mktemp(name) / "store"
    return Built(ca.build(root, store=store, name=name, jobs=1), root)


@pytest.fixture(scope="module")
def traps(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build a copy of the traps that a test may change."""
    root = tmp_path_factory.mktemp("copied") / "corpus"
    shutil.copytree(TRAPS, root)
    store = tmp_path_factory.mktemp("copied") / "store"
    return Built(ca.build(root, store=store, name="copied", jobs=1), root)


@pytest.mark.parametrize("oracle", ORACLES)
def test_the_graph_agrees_with_python(oracle: str, built: Built) -> None:
    """Every total oracle finds something to check, and nothing to object to."""
    found = ORACLES[oracle](built.graph, built.root, "tests")
    assert found.checked["files"] > 0
    assert found.unexplained() == []


@pytest.mark.parametrize("oracle", ORACLES)
def test_an_oracle_sees_what_is_wrong(oracle: str, traps: Built, tmp_path: Path) -> None:
    """Against sources that say something else than those that were built, every oracle objects."""
    other = tmp_path / "corpus"
    shutil.copytree(traps.root, other)
    path = other / "postponed.py"
    text = path.read_text(encoding="utf-8")
    text = text.replace("def inner(value: kind)", "def inner(kind: value)")
    path.write_text(text.replace("from decimal", "from pkg.shapes"), encoding="utf-8")
    found = ORACLES[oracle](traps.graph, other, "tests")
    assert {where for _, where, _, _ in found.wrong} == {"postponed.py"}


def facts() -> list[tuple[str, int, str, str, str, str]]:
    """List the facts that the comments of the traps state, of those that this Python can parse."""
    found = []
    for path in python_files(TRAPS):
        raw = (TRAPS / path).read_bytes()
        if path == "type_params.py" and sys.version_info < (3, 12):
            continue
        encoding = {"latin.py": "latin-1", "shift_jis.py": "shift_jis"}.get(path, "utf-8-sig")
        for number, line in enumerate(
            re.split("\r\n|\r|\n", raw.decode(encoding, errors="replace")), start=1
        ):
            for name, method, kind, target in FACT.findall(line.partition("#> ")[2]):
                found.append((path, number, name, method, kind, target))
    return found


def test_the_traps_mean_what_they_say(traps: Built) -> None:
    """Each name that a comment speaks of has the class and the target that the comment states."""
    met: dict[tuple[object, ...], set[tuple[object, ...]]] = {}
    for path, line, name, kind, method, target, target_line, reason in rows(traps.graph, MEANINGS):
        place = {"builtin": "-", "unresolved": reason}.get(target, str(target_line))
        assert (kind == "UNRESOLVED") == (target == "unresolved")
        met.setdefault((path, line, name), set()).add((method, target, place))
    stated = {tuple(fact[:3]): {tuple(fact[3:])} for fact in facts()}
    assert len(stated) > 150
    wrong = {key: (met.get(key), fact) for key, fact in stated.items() if met.get(key) != fact}
    assert wrong == {}


def test_files_that_do_not_parse_are_still_there(traps: Built) -> None:
    """A broken file is a file with a module, an error and what the tolerant tree shows of it."""
    text = """
    SELECT path, count(*) FILTER (WHERE kind = 'module') AS modules,
           count(*) FILTER (WHERE kind = 'diagnostic') > 0 AS trouble
    FROM nodes WHERE path LIKE 'broken/%' AND path LIKE '%.py' GROUP BY path ORDER BY path"""
    found = {path: (modules, trouble) for path, modules, trouble in rows(traps.graph, text)}
    assert found == dict.fromkeys(
        [p for p in python_files(TRAPS) if p.startswith("broken/")], (1, True)
    )


def test_another_folder_and_other_settings_give_the_same_bytes(tmp_path: Path) -> None:
    """Hash seed, number of workers, order of files, folder and cache leave no trace in a table."""
    found = reproducible.check(TRAPS, "traps", tmp_path)
    assert found.checked["tables"] > 100
    assert found.wrong == []
