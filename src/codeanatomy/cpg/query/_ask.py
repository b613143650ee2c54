"""Asks a question: checks what is given, lets its file answer, says how sure the answer is."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from codeanatomy.cpg import query
from codeanatomy.cpg.graph.node import NotAnalysedError
from codeanatomy.cpg.query._answer import Answer, Standing
from codeanatomy.cpg.query._asked import Found, listed
from codeanatomy.cpg.query._target import targets
from codeanatomy.kernel.catalog import load
from codeanatomy.kernel.errors import SpecError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from codeanatomy.cpg.graph.node import Node
    from codeanatomy.cpg.graph.snapshot import Snapshot
    from codeanatomy.cpg.query._question import Given, Question
    from codeanatomy.cpg.query._target import Nodes


def ask(
    snapshot: Snapshot,
    matches: Callable[[str], list[Node]],
    name: str,
    given: Sequence[object],
    named: Mapping[str, object],
) -> Answer:
    """Answer the question `name`; `matches` says which nodes a text may mean.

    Raises `UnknownNameError` for a question that is not declared, `SpecError` for what it is not
    given as declared, `AmbiguousNameError`, `NoMatchError`.
    """
    if name not in query.BY_NAME:
        near = get_close_matches(name, query.BY_NAME, 1, 0.0)[0]
        raise UnknownNameError(f"no question {name!r}; the nearest is {near!r}", name=name)
    question = query.BY_NAME[name]
    values = _bound(question, given, named)
    about: list[Node] = []
    for one in question.given:
        if one.type == "node" and values[one.name] is not None:
            found = targets(snapshot, matches, values[one.name], question.about)
            values[one.name] = found
            about += found
    absent = _absent(snapshot, question.needs)
    if absent:
        empty = question.table().arrow().empty_table()
        return Answer(empty, question, _titles(about), Standing("not analysed", why=absent[0]))
    found = load(query, name, "answer")(snapshot, **values)
    return _answer(snapshot, question, tuple(about), found)


def table(
    snapshot: Snapshot, matches: Callable[[str], list[Node]], name: str, given: Sequence[object]
) -> pa.Table:
    """Answer as SQL has it: all rows when no limit is given; raises `NotAnalysedError`."""
    names = [one.name for one in query.BY_NAME[name].given]
    whole = {"limit": 0} if "limit" in names[len(given) :] else {}
    answer = ask(snapshot, matches, name, given, whole)
    if answer.verdict == "not analysed":
        why = answer.standing.why
        raise NotAnalysedError(f"{name} is not analysed: {why}", kind=name, why=why)
    return answer.to_arrow()


def _bound(
    question: Question, given: Sequence[object], named: Mapping[str, object]
) -> dict[str, Any]:
    """Return a value for everything that the question is given."""
    known = {one.name: one for one in question.given}
    names = list(known)
    if len(given) > len(names):
        raise SpecError(
            f"{question.name} is given {len(names)} things at most: {', '.join(names)}",
            question=question.name,
        )
    values = dict(zip(names, given, strict=False))
    for name, value in named.items():
        if name not in known or name in values:
            what = "is given twice" if name in values else f"is not one of {', '.join(names)}"
            raise SpecError(f"{question.name}: {name!r} {what}", question=question.name, name=name)
        values[name] = value
    return {name: _value(question, one, values.get(name)) for name, one in known.items()}


def _value(question: Question, one: Given, value: object) -> object:
    if value is None:
        if one.default is None and not one.optional:
            raise SpecError(f"{question.name} needs {one.name}: {one.meaning}", name=one.name)
        return one.default
    if one.type == "node":
        return value
    if one.type == "words":
        return _words(value)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    wrong = not isinstance(value, bool) if one.type == "bool" else not number
    wrong = wrong or (one.type == "int" and not isinstance(value, int))
    if wrong or (number and isinstance(value, int | float) and value < 0):
        least = "" if one.type == "bool" else ", 0 or more"
        raise SpecError(
            f"{question.name}: {one.name} is a value of type {one.type}{least}, not {value!r}",
            question=question.name,
            name=one.name,
        )
    return value


def _words(value: object) -> tuple[str, ...]:
    parts = [value] if isinstance(value, str) else value
    if not isinstance(parts, list | tuple):
        raise SpecError(f"{value!r} is no list of words", value=repr(value))
    return tuple(word.strip() for part in parts for word in str(part).split(",") if word.strip())


def _absent(snapshot: Snapshot, kinds: Sequence[str]) -> list[str]:
    """Say of each kind of edge that was not looked for why it was not."""
    reasons = ((kind, snapshot.why_absent(kind)) for kind in kinds)
    return [f"no {kind} edges: {why}" for kind, why in reasons if why is not None]


def _answer(snapshot: Snapshot, question: Question, about: Nodes, found: Found) -> Answer:
    schema = question.table().arrow()
    rows = [{name: row[name] for name in schema.names} for row in found.rows]
    absent = _absent(snapshot, question.uses)
    why = "; ".join(_unread(snapshot, about) or absent)
    verdict = "found" if rows else "not analysed" if why else ""
    standing = Standing(
        verdict or ("unresolved" if found.possible else "none"),
        total=found.total,
        possible=found.possible,
        why="" if rows else why,
        notes=(*found.notes, *(absent if rows else ()), *_gaps(snapshot)),
        holds=found.holds,
    )
    return Answer(pa.Table.from_pylist(rows, schema), question, _titles(about), standing)


def _titles(about: Sequence[Node]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n.qualified_name or n.name or n.node_id for n in about))


def _unread(snapshot: Snapshot, about: Nodes) -> list[str]:
    """Say of each file with what was asked about that Python could not parse it."""
    numbers = {node.file_no for node in about if node.file_no}
    if not numbers or not snapshot.has("extraction_errors"):
        return []
    found = snapshot.rows(
        "select distinct f.path from extraction_errors x join files f on f.file_no = x.file_no "  # noqa: S608 - numbers
        f"where x.extractor = 'ast' and x.file_no in ({listed(numbers)}) order by f.path"
    )
    return [f"{row['path']} does not parse" for row in found]


def _gaps(snapshot: Snapshot) -> tuple[str, ...]:
    """Tell how many files could not be parsed or were not read: what they say is not known."""
    if not snapshot.has("extraction_errors") or not snapshot.has("files"):
        return ()
    found = snapshot.rows(
        "select (select count(distinct file_no) from extraction_errors where extractor = 'ast') "
        "as broken, (select count(*) from files where skipped is not null) as skipped"
    )[0]
    told = (
        (found["broken"], "1 file does not parse", "files do not parse"),
        (found["skipped"], "1 file was not read", "files were not read"),
    )
    return tuple(
        f"{one if count == 1 else f'{count:,} {many}'}: there may be more in it"
        for count, one, many in told
        if count
    )
