"""A SCIP index as evidence: the one that the settings name, or what `scip-python` makes.

An index is believed where its definitions stand on their names. A document of which more than one
in fifty do not was made from another text, and is left out; where most documents are of other
texts, or of files that are not in this build, the index is of another commit or repository: it is
refused.
"""

from __future__ import annotations

import shutil
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from codeanatomy.cpg import evidence, scip
from codeanatomy.cpg.extract._positions import NOWHERE, Positions
from codeanatomy.cpg.extract._witness import Witnessed, run, table
from codeanatomy.kernel.errors import MissingPartError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pyarrow as pa

    from codeanatomy.cpg.config import Config
    from codeanatomy.cpg.extract._positions import Ints
    from codeanatomy.cpg.extract._witness import Seen

VERSION = 1
PROGRAM = "scip-python"
STALE = 0.02
"""A document is of another text if more than this share of its definitions miss their names."""
FOREIGN = 0.5
"""An index is of other sources if more than this share of its documents cannot be used."""

_GUESSES = (scip.UTF16, scip.UTF32, scip.UTF8)  # where the names fit several, the first
_SHOWN = 3  # paths in a message


class ForeignIndexError(scip.ScipIndexError):
    """A SCIP index is of another commit or another repository; nothing of it is used."""

    code = "scip-foreign"


def key(root: Path, config: Config) -> str:
    """Return the digest of the index that is there, or the version of the program that makes one.

    Raises `ScipIndexError` where the index cannot be read, `MissingPartError` without the program.
    """
    named = config.text("scip_index")
    if named is None:
        return f"{PROGRAM} {run([_program(), '--version'], root, 60).strip()}"
    return sha256(_bytes(named)).hexdigest()


def observe(root: Path, files: Sequence[Seen], config: Config) -> Witnessed:
    """Read the index as tables.

    Raises `ScipIndexError`, `ForeignIndexError`, and where the index has to be made first,
    `MissingPartError` and `WitnessError`.
    """
    named = config.text("scip_index")
    raw = _made(root, config) if named is None else _bytes(named)
    index = scip.decoded(raw, named or f"what {PROGRAM} wrote")
    by_path = {file.path: file for file in files}
    whole = _whole(index.documents)
    documents = [_Document(d, by_path[path]) for path, d in whole.items() if path in by_path]
    encoding = _encoding([d for d in documents if not d.given])
    for document in documents:
        document.place(document.given or encoding)
    foreign = [path for path in whole if path not in by_path]
    stale = [d.file.path for d in documents if d.stale]
    _judge(named or PROGRAM, len(whole), foreign, stale)
    return Witnessed(
        _tables(index, documents, encoding, len(foreign)),
        _warnings(files, documents, foreign, stale),
    )


def _whole(documents: Iterable[Any]) -> dict[str, Any]:
    """Return the documents by path; what several say of one path is put together."""
    found: dict[str, Any] = {}
    for document in documents:
        known = found.setdefault(document.relative_path, document)
        if known is not document:
            known.MergeFrom(document)
    return found


class _Range(NamedTuple):
    """Where the ranges of a document start and end; -1 stands for what is not there."""

    line: Ints
    character: Ints
    end_line: Ints
    end_character: Ints


class _Document:
    """One document of the index, beside the file that it is of."""

    def __init__(self, message: Any, file: Seen) -> None:  # noqa: ANN401 - protobuf makes its classes while it runs
        self.message, self.file = message, file
        self.given = scip.ENCODINGS.get(message.position_encoding)
        self.encoding = self.given or scip.UTF8
        self.positions = Positions(file.raw)
        self.symbols = [o.symbol for o in message.occurrences]
        self.roles = [o.symbol_roles for o in message.occurrences]
        self.ranges = _ranges(message.occurrences)
        self.starts = self.ends = np.zeros(0, np.int64)
        self.definitions, self.mismatches = 0, 0

    @property
    def stale(self) -> bool:
        """Whether the document was made from another text than the file's."""
        return self.mismatches > STALE * self.definitions

    @property
    def outside(self) -> int:
        """How many occurrences have a range that is not in the file."""
        return int((self.starts < 0).sum())

    def place(self, encoding: str) -> None:
        """Find every range in the text, and see whether definitions stand on their names."""
        self.encoding = encoding
        self.starts, self.ends = self.found(self.ranges, encoding)
        self.definitions, hits = self.hits(encoding)
        self.mismatches = self.definitions - hits
        text = self.message.text.replace("\r\n", "\n").replace("\r", "\n")
        if text and text.encode() != self.positions.text:
            self.definitions = self.mismatches = max(1, self.definitions)

    def hits(self, encoding: str) -> tuple[int, int]:
        """Count the definitions that have a name, and those of them whose text is the name."""
        starts, ends = self.found(self.ranges, encoding)
        named = found = 0
        for place, (symbol, roles) in enumerate(zip(self.symbols, self.roles, strict=True)):
            name = scip.own_name(symbol) if roles & scip.DEFINITION else None
            if name is not None:
                named += 1
                found += self.positions.text[starts[place] : ends[place]] == name.encode()
        return named, found

    def found(self, ranges: _Range, encoding: str) -> tuple[Ints, Ints]:
        """Return where ranges lie in the text; `NOWHERE` at both ends where they do not."""
        starts = self.positions.offsets(ranges.line, ranges.character, encoding)
        ends = self.positions.offsets(ranges.end_line, ranges.end_character, encoding)
        good = (starts >= 0) & (ends >= starts)
        return np.where(good, starts, NOWHERE), np.where(good, ends, NOWHERE)

    def spans(self, starts: Ints, ends: Ints) -> tuple[list[int | None], list[int | None]]:
        """Turn places in the text into spans of the file; None where there is no place."""
        good = starts >= 0
        first, after = self.positions.to_file(starts[good], ends[good])
        columns: list[list[int | None]] = []
        for part in (first, after):
            whole = np.full(len(starts), NOWHERE, np.int64)
            whole[good] = part
            columns.append([value if value >= 0 else None for value in whole.tolist()])
        return columns[0], columns[1]


def _ranges(occurrences: Iterable[Any], part: str = "") -> _Range:
    """Read ranges; those that are not there are nowhere."""
    rows = [scip.range_of(occurrence, part) or (NOWHERE,) * 4 for occurrence in occurrences]
    return _Range(*np.array(rows, np.int64).reshape(-1, 4).T)


def _encoding(documents: Sequence[_Document]) -> str:
    """Find what characters count by the names of definitions, in the documents that do not say."""
    telling = [d for d in documents if not d.positions.ascii]
    scores = {guess: sum(d.hits(guess)[1] for d in telling) for guess in _GUESSES}
    return max(_GUESSES, key=lambda guess: scores[guess])


def _judge(name: str, total: int, foreign: Sequence[str], stale: Sequence[str]) -> None:
    """Raise `ForeignIndexError` if most documents of the index cannot be used."""
    unusable = len(foreign) + len(stale)
    if total and unusable > FOREIGN * total:
        msg = (
            f"{name}: the index is of another commit or repository: of its {total:,} documents "
            f"{len(foreign):,} are no file of this build ({_some(foreign)}) and {len(stale):,} "
            f"were made from another text ({_some(stale)}); index these sources again"
        )
        raise ForeignIndexError(
            msg, index=name, documents=total, foreign=len(foreign), stale=len(stale)
        )


def _some(paths: Sequence[str]) -> str:
    return ", ".join(sorted(paths)[:_SHOWN]) or "none"


WARNINGS = {
    "scip-other-files": "documents of the index are no file of this build",
    "scip-stale": "documents of the index were made from another text: left out",
    "scip-missing": "files have no document in the index",
    "scip-outside": "documents have ranges outside their file: left out",
}
"""What a build says of an index that does not fit its files, by code."""


def _warnings(
    files: Sequence[Seen],
    documents: Sequence[_Document],
    foreign: Sequence[str],
    stale: Sequence[str],
) -> list[dict[str, Any]]:
    """Say what of the index is not used, and which files it does not have."""
    missing = sorted({file.path for file in files} - {d.file.path for d in documents})
    outside = [d.file.path for d in documents if d.outside and not d.stale]
    found = []
    for code, paths in (
        ("scip-other-files", foreign), ("scip-stale", stale), ("scip-missing", missing),
        ("scip-outside", outside),
    ):  # fmt: skip
        if paths:
            message = f"{len(paths):,} {WARNINGS[code]}: {_some(paths)}"
            facts = {"count": len(paths), "paths": sorted(paths)[:_SHOWN]}
            found.append({"code": code, "stage": "scip", "message": message, "facts": facts})
    return found


def _tables(
    index: Any,  # noqa: ANN401 - as above
    documents: Sequence[_Document],
    encoding: str,
    foreign: int,
) -> dict[str, pa.Table]:
    used = [d for d in documents if not d.stale]
    tool = index.metadata.tool_info
    about = {
        "tool": [tool.name], "version": [tool.version], "documents": [len(documents) + foreign],
        "foreign": [foreign], "stale": [len(documents) - len(used)],
        "position_encoding": [encoding],
    }  # fmt: skip
    symbols = [(d.file.file_no, s) for d in used for s in d.message.symbols]
    symbols += [(0, s) for s in index.external_symbols]
    once = list({(file_no, s.symbol): (file_no, s) for file_no, s in symbols}.values())
    once.sort(key=lambda pair: (pair[0], pair[1].symbol))
    found = {
        evidence.SCIP_INDEX: about,
        evidence.SCIP_DOCUMENTS: _document_rows(documents),
        evidence.SCIP_OCCURRENCES: _occurrence_rows(used),
        evidence.SCIP_SYMBOLS: _symbol_rows(once),
        evidence.SCIP_RELATIONSHIPS: _relationship_rows(once),
        evidence.SCIP_DIAGNOSTICS: _diagnostic_rows(used),
    }
    return {declared.name: table(declared, columns) for declared, columns in found.items()}


def _document_rows(documents: Sequence[_Document]) -> dict[str, list[Any]]:
    rows = sorted(documents, key=lambda d: d.file.file_no)
    return {
        "file_no": [d.file.file_no for d in rows],
        "language": [d.message.language for d in rows],
        "position_encoding": [d.encoding for d in rows],
        "encoding_given": [d.given is not None for d in rows],
        "occurrences": [len(d.symbols) for d in rows],
        "outside": [d.outside for d in rows],
        "definitions": [d.definitions for d in rows],
        "mismatches": [d.mismatches for d in rows],
        "stale": [d.stale for d in rows],
    }


def _occurrence_rows(documents: Sequence[_Document]) -> dict[str, list[Any]]:
    names = ("file_no", "occurrence", "symbol", "roles", "syntax_kind", "bstart", "bend",
             "enclosing_bstart", "enclosing_bend")  # fmt: skip
    columns: dict[str, list[Any]] = {name: [] for name in names}
    for document in sorted(documents, key=lambda d: d.file.file_no):
        occurrences = document.message.occurrences
        around = document.found(_ranges(occurrences, "enclosing_"), document.encoding)
        spans = document.spans(document.starts, document.ends)
        rows = zip(
            [document.file.file_no] * len(occurrences), range(len(occurrences)), document.symbols,
            document.roles, [o.syntax_kind for o in occurrences], *spans, *document.spans(*around),
            strict=True,
        )  # fmt: skip
        placed = [row for row in rows if row[5] is not None]
        for name, values in zip(names, zip(*placed, strict=True), strict=False):
            columns[name].extend(values)
    return columns


def _symbol_rows(symbols: Sequence[tuple[int, Any]]) -> dict[str, list[Any]]:
    return {
        "file_no": [file_no for file_no, _ in symbols],
        "symbol": [s.symbol for _, s in symbols],
        "display_name": [s.display_name or None for _, s in symbols],
        "kind": [s.kind for _, s in symbols],
        "documentation": [list(s.documentation) for _, s in symbols],
        "signature": [s.signature_documentation.text or None for _, s in symbols],
        "enclosing_symbol": [s.enclosing_symbol or None for _, s in symbols],
    }


def _relationship_rows(symbols: Sequence[tuple[int, Any]]) -> dict[str, list[Any]]:
    rows = {
        (file_no, s.symbol, r.symbol): (
            r.is_reference, r.is_implementation, r.is_type_definition, r.is_definition
        )
        for file_no, s in symbols
        for r in s.relationships
    }  # fmt: skip
    names = ("file_no", "symbol", "related", "reference", "implementation", "type_definition",
             "definition")  # fmt: skip
    columns = zip(*((*place, *facts) for place, facts in sorted(rows.items())), strict=True)
    return dict(zip(names, map(list, columns), strict=True)) if rows else {n: [] for n in names}


def _diagnostic_rows(documents: Sequence[_Document]) -> dict[str, list[Any]]:
    names = ("file_no", "diagnostic", "severity", "code", "message", "source", "bstart", "bend")
    rows: list[tuple[Any, ...]] = []
    for document in sorted(documents, key=lambda d: d.file.file_no):
        spans = zip(*document.spans(document.starts, document.ends), strict=True)
        said = [
            (d.severity, d.code, d.message, d.source, *span)
            for o, span in zip(document.message.occurrences, spans, strict=True)
            for d in o.diagnostics
            if span[0] is not None
        ]
        rows += [(document.file.file_no, number, *row) for number, row in enumerate(said)]
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def _bytes(named: str) -> bytes:
    try:
        return Path(named).expanduser().read_bytes()
    except OSError as error:
        msg = f"{named}: no SCIP index can be read here: {error.strerror or error}"
        raise scip.ScipIndexError(msg, file=named) from error


def _program() -> str:
    """Find `scip-python` and Node; raises `MissingPartError` naming what is not there."""
    found = shutil.which(PROGRAM)
    if found is None:
        msg = (
            f"{PROGRAM} is not on the path; `npm install -g @sourcegraph/scip-python` installs "
            f"it; or name an index that is there with the setting `scip_index`"
        )
        raise MissingPartError(msg, part=PROGRAM)
    if shutil.which("node") is None:
        msg = f"{PROGRAM} needs Node, which is not on the path; install Node.js 16 or newer"
        raise MissingPartError(msg, part="node")
    return found


def _made(root: Path, config: Config) -> bytes:
    """Let `scip-python` index the repository; what is installed beside it is left out.

    The version in symbols is 0: a commit's would make every symbol new with every commit.
    """
    memory = max(64, (config.number("witness_memory") or 0) >> 20)
    with tempfile.TemporaryDirectory(prefix="codeanatomy-") as folder:
        nothing, out = Path(folder, "environment.json"), Path(folder, "index.scip")
        nothing.write_text("[]", "utf-8")
        words = [
            _program(), "index", "--quiet", "--cwd", str(root), "--output", str(out),
            "--project-name", config.text("name") or root.name, "--project-version", "0",
            "--environment", str(nothing),
        ]  # fmt: skip
        run(words, root, config.number("witness_seconds") or 0, _heap(memory))
        return _bytes(str(out))


def _heap(megabytes: int) -> Mapping[str, str]:
    return {"NODE_OPTIONS": f"--max-old-space-size={megabytes}"}
