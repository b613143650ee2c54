"""What the type checker `pyrefly` says of the whole repository: what calls run, and types.

It reads the repository's files, and its bundled stubs for the rest; with the setting `python` also
the packages installed there. Nothing of either is run.
"""

from __future__ import annotations

import json
import shutil
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from codeanatomy.cpg import evidence
from codeanatomy.cpg.extract._positions import Positions
from codeanatomy.cpg.extract._pysa import Report, ReportError, place
from codeanatomy.cpg.extract._witness import Witnessed, run, table
from codeanatomy.cpg.outside.environment import sites
from codeanatomy.kernel.errors import MissingPartError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from codeanatomy.cpg.config import Config
    from codeanatomy.cpg.extract._pysa import Callees, CallTarget, Meant, Module, Place
    from codeanatomy.cpg.extract._witness import Seen

VERSION = 1
PROGRAM = "pyrefly"
READS = "1.4."
"""The versions of the checker whose report is known."""

_ROLES = {
    "call_targets": "call", "init_targets": "init", "new_targets": "new",
    "property_getters": "getter", "property_setters": "setter", "targets": "call",
}  # fmt: skip
_SORTS = {"Call": "call", "AttributeAccess": "property", "FormatStringStringify": "format"}
"""The sorts of expressions that run something, and our word where the checker has none."""


def key(root: Path, config: Config) -> str:
    """Return the checker's version, and where installed packages are read from.

    Raises `MissingPartError` where it is not installed, `ReportError` for one of another version.
    """
    return f"{PROGRAM} {_version(root)} {config.text('python') or ''}"


def observe(root: Path, files: Sequence[Seen], config: Config) -> Witnessed:
    """Let the checker read the repository, and read its report.

    Raises `MissingPartError`, `WitnessError` where it fails or takes too long, `ReportError`.
    """
    version = _version(root)
    with tempfile.TemporaryDirectory(prefix="codeanatomy-") as folder:
        settings, report = Path(folder, "pyrefly.toml"), Path(folder, "report")
        settings.write_text(_settings(root, files, config), "utf-8")
        words = [
            _program(), "check", "--config", str(settings), "--report-pysa", str(report),
            "--report-pysa-format", "json", "--summary=none", "--progress-bar", "no",
            "--color", "never", "--output", f"omit-errors:{Path(folder, 'errors')}",
        ]  # fmt: skip
        run(words, root, config.number("witness_seconds") or 0)
        return Witnessed(_tables(root, files, Report(report)), _warnings(files, version))


def _program() -> str:
    """Find the checker: beside this Python, or on the path; raises `MissingPartError`."""
    found = shutil.which(PROGRAM, path=sysconfig.get_path("scripts")) or shutil.which(PROGRAM)
    if found is None:
        msg = f'{PROGRAM} is not installed; `pip install "codeanatomy[types]"` installs it'
        raise MissingPartError(msg, part=PROGRAM)
    return found


def _version(root: Path) -> str:
    said = run([_program(), "--version"], root, 60).split()
    version = said[-1] if said else "nothing"
    if not version.startswith(READS):
        msg = (
            f"{PROGRAM} {version} is installed, and this version reads reports of {PROGRAM} "
            f'{READS}*; `pip install "codeanatomy[types]"` installs one'
        )
        raise ReportError(msg, installed=version, reads=READS)
    return version


def _settings(root: Path, files: Sequence[Seen], config: Config) -> str:
    """Write the checker's settings: these files, these roots, and no machine of its own.

    A file is named by the first root that it lies in, and imports may find it by another: the
    deepest come first, so that it is one module and not two.
    """
    python = config.text("python")
    version = sys.version_info[:2]
    installed = sites(Path(python).absolute(), version) if python else ()
    package = any((root / f"__init__{suffix}").is_file() for suffix in (".py", ".pyi"))
    roots = [*config.texts("import_roots"), "src", ".", *([".."] if package else [])]
    roots.sort(key=lambda part: -len(Path(part).parts) if part != ".." else 1)
    values: dict[str, object] = {
        "project-includes": [_pattern(root / f.path) for f in _sources(files)],
        "project-excludes": [],
        "disable-project-excludes-heuristics": True,
        "search-path": [str(root / part) for part in roots if (root / part).is_dir()],
        "disable-search-path-heuristics": True,
        "skip-interpreter-query": True,
        "python-version": ".".join(map(str, (*version, 0))),
        "python-platform": sys.platform,
        "site-package-path": [str(site.folder) for site in installed],
        "use-ignore-files": False,
        "preset": "off",
    }
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())


def _sources(files: Iterable[Seen]) -> Iterator[Seen]:
    """Yield the files that the checker takes for Python: it goes by the suffix."""
    return (file for file in files if file.path.endswith((".py", ".pyi")))


def _pattern(path: Path) -> str:
    """Escape what means something in a pattern."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(path))


WARNINGS = {"types-missing": "files that the type checker does not read: nothing is said of them"}
"""What a build says of files that this witness does not see, by code."""


def _warnings(files: Sequence[Seen], version: str) -> list[dict[str, Any]]:
    left = sorted({f.path for f in files} - {f.path for f in _sources(files)})
    if not left:
        return []
    message = f"{PROGRAM} {version} does not read {len(left):,} files: {', '.join(left[:3])}"
    facts = {"count": len(left), "paths": left[:3]}
    return [{"code": "types-missing", "stage": "types", "message": message, "facts": facts}]


class _Name(NamedTuple):
    """What is said of a definition in a row: its name and, in this build, where that stands."""

    name: str | None = None
    file_no: int | None = None
    start: int | None = None
    end: int | None = None


class _Call(NamedTuple):
    place: Place
    kind: str
    role: str
    overridden: bool
    target: _Name
    receiver: _Name


class _Reader:
    """Turns a report into rows; places become bytes of the files as stored."""

    def __init__(self, root: Path, files: Sequence[Seen], report: Report) -> None:
        self._report = report
        by_path = {str(at): f for f in files for at in (root / f.path, (root / f.path).resolve())}
        self._positions: dict[int, Positions] = {}
        self._files = {
            number: by_path[module.path]
            for number, module in report.modules.items()
            if module.path in by_path
        }
        self._names: dict[object, _Name] = {}

    def modules(self) -> list[tuple[Seen, Module]]:
        """List the files of the build that are modules of the report, a file once, in order."""
        found: dict[int, tuple[Seen, Module]] = {}
        for number in sorted(self._files):
            module = self._report.modules[number]
            if module.info_filename is not None:
                found.setdefault(self._files[number].file_no, (self._files[number], module))
        return [found[number] for number in sorted(found)]

    def spans(self, file: Seen, places: Sequence[Place]) -> tuple[list[int], list[int]]:
        """Return the spans of places; -1 for what is not in the file."""
        if file.file_no not in self._positions:
            self._positions[file.file_no] = Positions(file.raw)
        positions = self._positions[file.file_no]
        grid = np.array(places, np.int64).reshape(-1, 4)
        starts = positions.offsets(grid[:, 0] - 1, grid[:, 1], "utf-8")
        ends = positions.offsets(grid[:, 2] - 1, grid[:, 3], "utf-8")
        good = (starts >= 0) & (ends >= starts)
        first, after = positions.to_file(np.where(good, starts, 0), np.where(good, ends, 0))
        return np.where(good, first, -1).tolist(), np.where(good, after, -1).tolist()

    def calls(self, module: Module) -> tuple[set[_Call], set[tuple[Place, str, str]]]:
        """Return what the places of a module run, and the places of which that is not known."""
        found: set[_Call] = set()
        unknown: set[tuple[Place, str, str]] = set()
        for by_place in self._report.graph(module).call_graphs.values():
            for text, by_sort in by_place.items():
                where, _, more = text.partition("|")
                for sort, callees in by_sort.items():
                    if sort in _SORTS:
                        kind = more.partition("|")[2] if sort == "Call" and more else _SORTS[sort]
                        at = place(where)
                        found.update(self._callees(at, kind, callees))
                        if isinstance(callees.unresolved, dict):
                            reason = ",".join(sorted(callees.unresolved.values()))
                            unknown.add((at, kind, reason))
        return found, unknown

    def types(self, module: Module) -> dict[Place, str]:
        """Return the type of each place of a module."""
        return {
            place(where): located.type_table[number].string
            for located in self._report.types(module).functions.values()
            for where, number in located.locations.items()
        }

    def _callees(self, at: Place, kind: str, callees: Callees) -> Iterator[_Call]:
        for field, role in _ROLES.items():
            for target in getattr(callees, field):
                yield from self._call(at, kind, role, target)
        for passed in callees.higher_order_parameters.values():
            for target in passed.call_targets:
                yield from self._call(at, kind, "callback", target)

    def _call(self, at: Place, kind: str, role: str, target: CallTarget) -> Iterator[_Call]:
        if isinstance(target.target, str):
            return
        receiver = target.receiver_class
        who = self._name(receiver, self._report.class_(receiver)) if receiver else _Name()
        for sort, function in target.target.items():
            meant = self._name(function, self._report.function(function))
            yield _Call(at, kind, role, sort == "Overrides", meant, who)

    def _name(self, ref: object, meant: Meant | None) -> _Name:
        """Return what a row says of a definition; that of one outside the build is its name."""
        if ref not in self._names:
            self._names[ref] = self._located(meant) if meant else _Name(_plain(ref))
        return self._names[ref]

    def _located(self, meant: Meant) -> _Name:
        file = self._files.get(meant.module.module_id)
        if file is None or meant.place is None:
            return _Name(meant.name)
        (start,), (end,) = self.spans(file, [meant.place])
        return _Name(meant.name, file.file_no, start, end) if start >= 0 else _Name(meant.name)


def _plain(ref: Any) -> str:  # noqa: ANN401 - a reference to a function or a class
    name = getattr(ref, "function_name", None) or getattr(ref, "class_name", "")
    return f"{ref.module_name}.{name}"


def _tables(root: Path, files: Sequence[Seen], report: Report) -> dict[str, Any]:
    reader = _Reader(root, files, report)
    calls: list[tuple[object, ...]] = []
    unresolved: list[tuple[object, ...]] = []
    types: list[tuple[object, ...]] = []
    for file, module in reader.modules():
        found, unknown = reader.calls(module)
        calls += _rows(reader, file, [(c.place, *_facts(c)) for c in found], numbered=True)
        unresolved += _rows(reader, file, unknown, numbered=True)
        types += _rows(reader, file, reader.types(module).items(), numbered=False)
    name = ("target", "target_file", "target_bstart", "target_bend")
    who = ("receiver", "receiver_file", "receiver_bstart", "receiver_bend")
    numbered = ("file_no", "call", "bstart", "bend", "kind")
    return {
        evidence.TYPE_CALLS.name: table(
            evidence.TYPE_CALLS,
            _columns((*numbered, "role", "overridden", *name, *who), calls),
        ),
        evidence.TYPE_UNRESOLVED.name: table(
            evidence.TYPE_UNRESOLVED, _columns((*numbered, "reason"), unresolved)
        ),
        evidence.TYPE_EXPRESSIONS.name: table(
            evidence.TYPE_EXPRESSIONS, _columns(("file_no", "bstart", "bend", "type"), types)
        ),
    }


def _facts(call: _Call) -> tuple[object, ...]:
    return (call.kind, call.role, call.overridden, *call.target, *call.receiver)


def _rows(
    reader: _Reader, file: Seen, found: Iterable[tuple[Any, ...]], *, numbered: bool
) -> list[tuple[object, ...]]:
    """Put what was found of a file in order of its place; what is in no place is left out."""
    rows = list(found)
    spans = zip(*reader.spans(file, [row[0] for row in rows]), strict=True)
    placed = [(*span, *row[1:]) for span, row in zip(spans, rows, strict=True) if span[0] >= 0]
    placed.sort(key=lambda row: [(part is not None, part) for part in row])
    return [
        (file.file_no, number, *row) if numbered else (file.file_no, *row)
        for number, row in enumerate(placed)
    ]


def _columns(
    names: Sequence[str], rows: Sequence[tuple[object, ...]]
) -> Mapping[str, Sequence[object]]:
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}
