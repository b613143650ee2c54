"""The expected call graphs of the corpus are what the programs do when they run."""

from __future__ import annotations

from functools import cache

import pytest

from benchmarks.callgraph import Program, programs
from tests.callgraph.tracing import Executed, trace

CATEGORIES = sorted({program.category for program in programs()})


@cache
def executed() -> dict[str, list[Executed]]:
    """Run the whole corpus once."""
    everything = programs()
    traced = trace([program.folder for program in everything])
    return {program.name: traced[program.folder] for program in everything}


def of(category: str) -> list[Program]:
    """Return the programs of a category."""
    return [program for program in programs() if program.category == category]


def edges(program: Program, *kinds: str) -> set[tuple[str, str]]:
    """Return who called whom in a program's run."""
    return {(e.caller, e.callee) for e in executed()[program.name] if e.kind in kinds}


@pytest.mark.parametrize("category", CATEGORIES)
def test_expected_calls_are_the_executed_ones(category: str) -> None:
    """Neither an edge that nothing executes nor an executed call that no edge expects.

    Resuming a generator is no call. Optional edges may be executed.
    """
    wrong = {}
    for program in of(category):
        run = edges(program, "call", "through")
        if run - program.optional != program.calls:
            wrong[program.name] = (program.calls - run, run - program.calls - program.optional)
    assert wrong == {}


@pytest.mark.parametrize("category", CATEGORIES)
def test_expected_calls_of_builtins_are_executed(category: str) -> None:
    """Each builtin and library function that a program is said to call is called."""
    missing = {}
    for program in of(category):
        outside = program.external - edges(program, "external")
        if outside:
            missing[program.name] = outside
    assert missing == {}


def test_the_corpus_is_broad() -> None:
    """At least 450 programs, at least 24 categories, no program twice."""
    found = programs()
    assert len(found) >= 450
    assert len(CATEGORIES) >= 24
    texts = [(p.folder / "main.py").read_text("utf-8") for p in found]
    assert len(set(texts)) == len(texts)
