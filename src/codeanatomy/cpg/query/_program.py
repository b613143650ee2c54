"""The definitions of a program with what surrounds them, and which of them run from outside."""

from __future__ import annotations

from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from codeanatomy.cpg.query._asked import CODE
from codeanatomy.cpg.query._project import Project, project
from codeanatomy.kernel.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.cpg.graph.snapshot import Snapshot

    Definition = dict[str, Any]

ENTRIES = ("scripts", "tests", "public")
OUTSIDE = ("tests", "test", "testing", "docs", "doc", "examples", "benchmarks", "setup", "conftest")
"""First parts of module names that no distribution offers to others."""
_RUN_BY_TESTS = ("test", "setUp", "tearDown", "setup_", "teardown_", "asyncSetUp", "asyncTearDown")


class Program:
    """Every definition with code, by `nid`; who is its parent; what its repository says."""

    def __init__(self, snapshot: Snapshot) -> None:
        kinds = ", ".join(f"'{kind}'" for kind in CODE)
        found = snapshot.rows(
            "select nid, kind, name, coalesce(qualified_name, name) as title, path, line, file_no, "  # noqa: S608 - our own words
            f"repo from _nodes where kind in ({kinds}) order by nid"
        )
        self.snapshot = snapshot
        self.by_nid: dict[int, Definition] = {row["nid"]: row for row in found}
        contains = snapshot.rows("select src, dst from _edges where kind = 'CONTAINS'")
        self.parent = {
            row["dst"]: row["src"]
            for row in contains
            if row["dst"] in self.by_nid and row["src"] in self.by_nid
        }
        self.projects = {
            name: project(Path(facts["root"])) if facts.get("root") else Project(False, ())  # noqa: FBT003 - unknown
            for name, facts in snapshot.repositories.items()
        }
        self.modules = {r["title"]: nid for nid, r in self.by_nid.items() if r["kind"] == "module"}

    def runs_in(self, nid: int) -> int:
        """Return whose code runs when that of a class or lambda does."""
        while self.by_nid.get(nid, _NONE)["kind"] in ("class", "lambda") and nid in self.parent:
            nid = self.parent[nid]
        return nid

    def module_of(self, nid: int) -> int:
        """Return the module that a definition lies in."""
        while nid in self.parent:
            nid = self.parent[nid]
        return nid

    def is_test(self, nid: int) -> bool:
        """Whether pytest runs it: in a test file its module, tests, set-up and tear-down."""
        row = self.by_nid[nid]
        if not _is_test_file(row["path"] or ""):
            return False
        if row["kind"] == "module":
            return True
        return row["kind"] in ("function", "method") and row["name"].startswith(_RUN_BY_TESTS)

    def offers(self, nid: int) -> bool:
        """Whether it is public, or what its class or module does for others, in a distribution."""
        row = self.by_nid[nid]
        repo = self.projects.get(row["repo"])
        parts = row["title"].split(".")
        if repo is None or not repo.distribution or parts[0] in OUTSIDE or self.in_tests(nid):
            return False
        above = self.by_nid.get(self.parent.get(nid, -1), _NONE)["kind"]
        return above in ("module", "class", "") and not any(map(_private, parts))

    def in_tests(self, nid: int) -> bool:
        """Whether its file is one of tests."""
        path = self.by_nid[nid]["path"] or ""
        return _is_test_file(path) or not {"tests", "test"}.isdisjoint(path.split("/")[:-1])


def entries(program: Program, asked: tuple[str, ...], imported: set[int]) -> set[int]:
    """Return what runs from outside; `imported` are the modules that some module imports.

    Raises `UnknownNameError` for a name that no definition has.
    """
    words = asked or ENTRIES
    found: set[int] = set()
    for word in words:
        if word == "scripts":
            found |= set(_scripts(program, imported))
        elif word == "tests":
            found |= {nid for nid in program.by_nid if program.is_test(nid)} | _fixtures(program)
        elif word == "public":
            found |= {nid for nid in program.by_nid if program.offers(nid)} | _listed(program)
        else:
            found |= _named(program, word)
    return found


def _scripts(program: Program, imported: set[int]) -> Iterator[int]:
    """Find what is started: `__main__`, files that ask for that name, what entry points name."""
    asking = _main_files(program.snapshot)
    names = {name for project in program.projects.values() for name in project.scripts}
    for nid, row in program.by_nid.items():
        title = row["title"]
        if title in names:
            yield nid
        elif row["kind"] == "module":
            alone = "." not in title and nid not in imported
            package = PurePosixPath(row["path"] or "").stem == "__init__"
            main = title.rpartition(".")[2] == "__main__" or row["file_no"] in asking
            if main or (alone and not package):
                yield nid


def _main_files(snapshot: Snapshot) -> set[int]:
    """Return the files that hold the text `__main__`: those that compare their name with it."""
    found = snapshot.rows(
        "select distinct n.file_no from props p join _nodes n on n.nid = p.nid "
        "where n.kind = 'literal' and p.key = 'value' and p.value = $text",
        text=repr("__main__"),
    )
    return {row["file_no"] for row in found}


def _fixtures(program: Program) -> set[int]:
    found = program.snapshot.rows(
        "select e.dst from _edges e join _nodes n on n.nid = e.src "
        "where e.kind = 'DECORATES' and n.name like '%fixture%'"
    )
    return {row["dst"] for row in found if row["dst"] in program.by_nid}


def _listed(program: Program) -> set[int]:
    """Return what `__all__` of a distribution lists: definitions, and imports of some."""
    found = program.snapshot.rows("select dst, repo from _edges where kind = 'EXPORTS'")
    return {
        row["dst"]
        for row in found
        if (repo := program.projects.get(row["repo"])) and repo.distribution
    }


def _named(program: Program, word: str) -> set[int]:
    """Return a definition and, of a module or class, all that is in it."""
    inside = f"{word}."
    found = {
        nid
        for nid, row in program.by_nid.items()
        if row["title"] == word or row["title"].startswith(inside)
    }
    roots = [nid for nid in found if program.by_nid[nid]["title"] == word]
    if not roots:
        known = ", ".join(ENTRIES)
        raise UnknownNameError(f"no entry {word!r}: {known}, or a qualified name", name=word)
    whole = any(program.by_nid[nid]["kind"] in ("module", "class") for nid in roots)
    return found if whole else set(roots)


@cache
def _is_test_file(path: str) -> bool:
    """Whether pytest collects it, or takes fixtures from it."""
    name = path.rpartition("/")[2]
    return name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py"


def _private(part: str) -> bool:
    special = part.startswith("__") and part.endswith("__")
    return part.startswith(("_", "<")) and not special


_NONE: Definition = {"kind": ""}
