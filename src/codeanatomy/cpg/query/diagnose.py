"""The question `diagnose`: whether a graph can be trusted, what is missing from it, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa

from codeanatomy.cpg.graph.formats import grid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from codeanatomy.cpg.graph.snapshot import Snapshot

WORST = 10  # files of least score that are named


class Rule(msgspec.Struct, frozen=True):
    """One rule of the gate: how much it was checked on, how often it does not hold, an example."""

    rule: str
    meaning: str
    checked: int
    failures: int
    example: str = ""


class Diagnosis(msgspec.Struct, frozen=True):
    """What is known of the quality of one version; `holds` is whether every rule does."""

    version: int
    holds: bool
    rules: tuple[Rule, ...]
    anomalies: tuple[dict[str, Any], ...]
    files: dict[str, Any]
    worst: tuple[dict[str, Any], ...]
    skipped: tuple[dict[str, Any], ...]
    coverage: tuple[dict[str, Any], ...]
    relations: tuple[dict[str, Any], ...]
    unresolved: tuple[dict[str, Any], ...]
    agreement: tuple[dict[str, Any], ...]
    absent: dict[str, str]
    warnings: tuple[dict[str, Any], ...]

    def to_text(self) -> str:
        """Write it as a report."""
        verdict = "every rule holds" if self.holds else "NOT every rule holds"
        parts = [f"version {self.version}: {verdict}"]
        for title, rows in _sections(self):
            if rows:
                parts += ["", title, *_aligned(rows)]
        parts += ["", "absent", *_absent(self.absent)] if self.absent else []
        return "\n".join(parts)

    def __repr__(self) -> str:
        return self.to_text()


_FILES = """select count(*) as files, count(*) filter (where read) as read,
    count(*) filter (where read and not parses) as do_not_parse,
    count(*) filter (where failed > 0) as with_failures,
    avg(case when read then score end) as mean_score from file_quality"""
_WORST = """select path, repo, score, parses, tolerant_errors, failed from file_quality
    where read and score < 1000 order by score, repo, path limit {limit}"""
_SKIPPED = """select skipped as reason, count(*) as files from files where skipped is not null
    group by skipped order by files desc, reason"""
_COVERAGE = """select extractor, count(*) as files, sum("rows") as "rows",
    count(*) filter (where status = 'nothing') as nothing,
    count(*) filter (where status = 'error') as errors
    from coverage group by extractor order by extractor"""
_UNRESOLVED = """select props['reason'] as reason, count(*) as edges from edges
    where kind = 'UNRESOLVED' group by props['reason'] order by edges desc, reason"""


def diagnose(snapshot: Snapshot) -> Diagnosis:
    """Put together the gate's report and what the tables themselves say now.

    A part whose tables are absent is empty, and `absent` says why.
    """
    facts = snapshot.manifest.facts
    rules = tuple(msgspec.convert(rule, Rule) for rule in facts.get("gate", ()))
    anomalies = _rows(snapshot, "schema_anomalies", "select * from schema_anomalies order by 1, 2")
    found = _rows(snapshot, "file_quality", _FILES)
    return Diagnosis(
        version=snapshot.manifest.number,
        holds=not anomalies and not any(rule.failures for rule in rules),
        rules=rules,
        anomalies=anomalies,
        files=found[0] if found else {},
        worst=_rows(snapshot, "file_quality", _WORST.format(limit=WORST)),
        skipped=_rows(snapshot, "files", _SKIPPED),
        coverage=_rows(snapshot, "coverage", _COVERAGE),
        relations=_rows(
            snapshot, "relation_quality", "select * from relation_quality order by kind, method"
        ),
        unresolved=_rows(snapshot, "edges", _UNRESOLVED),
        agreement=tuple(
            {"witness": name, **counts}
            for name, counts in sorted(facts.get("agreement", {}).items())
        ),
        absent=dict(sorted(snapshot.absent.items())),
        warnings=tuple(facts.get("warnings", ())),
    )


def _rows(snapshot: Snapshot, table: str, query: str) -> tuple[dict[str, Any], ...]:
    return tuple(snapshot.rows(query)) if snapshot.has(table) else ()


def _sections(found: Diagnosis) -> Iterator[tuple[str, Sequence[dict[str, Any]]]]:
    yield "rules", [msgspec.to_builtins(rule) for rule in found.rules]
    yield "not as declared", found.anomalies
    yield "files", [found.files] if found.files else []
    yield "files least understood (of 1,000)", found.worst
    yield "files not read", found.skipped
    yield "what each extractor saw", found.coverage
    yield "how each relation was decided", found.relations
    yield "unresolved", found.unresolved
    yield "calls of which witnesses say the same", found.agreement
    yield "warnings", found.warnings


def _aligned(rows: Sequence[dict[str, Any]]) -> list[str]:
    return [f"  {line}" for line in grid(pa.Table.from_pylist(list(rows))).splitlines()]


def _absent(absent: dict[str, str]) -> list[str]:
    """Group what is absent by the reason."""
    reasons: dict[str, list[str]] = {}
    for name, why in absent.items():
        reasons.setdefault(why, []).append(name)
    return [f"  {', '.join(names)}: {why}" for why, names in sorted(reasons.items())]
