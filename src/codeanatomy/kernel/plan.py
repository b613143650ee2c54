"""A compiled plan: steps in the order they run, each with what it reads, writes and does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from codeanatomy.kernel.dag import critical_path, order
from codeanatomy.kernel.errors import SpecError
from codeanatomy.kernel.fingerprint import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codeanatomy.kernel.fingerprint import Fingerprint

Kind = Literal["normalize", "derive", "relate", "union", "project", "diagnostic"]
Reach = Literal["file", "program"]
Engine = Literal["sql", "kernel"]


class Step(msgspec.Struct, frozen=True):
    """One view: it reads tables and writes one.

    `text` is the SQL, or the dotted name of a kernel function that takes the tables of `reads` in
    that order. `reach` is `file` when no row of the result depends on two files.
    """

    name: str
    kind: Kind
    reads: tuple[str, ...]
    writes: str
    text: str
    reach: Reach = "program"
    engine: Engine = "sql"

    def fingerprint(self) -> Fingerprint:
        """Identify this step by content."""
        return fingerprint(self)


class Plan(msgspec.Struct, frozen=True):
    """Steps in an order that can run; make one with `planned`."""

    steps: tuple[Step, ...]

    def fingerprint(self) -> Fingerprint:
        """Identify this plan by content: the same steps in the same order."""
        return fingerprint(self)

    def step(self, name: str) -> Step:
        """Return the step called `name`."""
        for step in self.steps:
            if step.name == name:
                return step
        raise SpecError(f"the plan has no step {name!r}", name=name)

    def needs(self) -> dict[str, tuple[str, ...]]:
        """Map each step's name to the names of the steps whose tables it reads."""
        return _needs(self.steps)

    def sources(self) -> tuple[str, ...]:
        """Name the tables that are read and written by no step, sorted."""
        written = {step.writes for step in self.steps}
        return tuple(sorted({name for s in self.steps for name in s.reads} - written))

    def outputs(self) -> tuple[str, ...]:
        """Name the tables that are written and read by no step, sorted."""
        read = {name for step in self.steps for name in step.reads}
        return tuple(sorted({step.writes for step in self.steps} - read))

    def critical_path(self, seconds: Mapping[str, float]) -> tuple[tuple[str, ...], float]:
        """Return the chain of steps that takes longest, and how long, given each one's seconds."""
        return critical_path(self.needs(), seconds)

    def to_text(self) -> str:
        """Show the plan for reading: one paragraph a step, its text indented."""
        return "\n\n".join([f"plan {self.fingerprint()}", *map(_paragraph, self.steps)]) + "\n"

    def to_json(self) -> str:
        """Show the plan as JSON: its fingerprint, and the steps with theirs."""
        steps = [{**msgspec.to_builtins(s), "fingerprint": s.fingerprint()} for s in self.steps]
        shown = {"fingerprint": self.fingerprint(), "steps": steps}
        return msgspec.json.format(msgspec.json.encode(shown), indent=2).decode()

    def to_dot(self) -> str:
        """Show the flow of tables through steps in Graphviz' DOT."""
        lines = ["digraph plan {", "  rankdir=LR;", "  node [fontname=Helvetica];"]
        lines += [f'  "{name}" [shape=cylinder];' for name in self._tables()]
        for step in self.steps:
            node = f"step {step.name}"
            lines.append(f'  "{node}" [shape=box, label="{step.name}\\n{step.kind}"];')
            lines += [f'  "{name}" -> "{node}";' for name in step.reads]
            lines.append(f'  "{node}" -> "{step.writes}";')
        return "\n".join([*lines, "}"]) + "\n"

    def to_mermaid(self) -> str:
        """Show the flow of tables through steps as a Mermaid flowchart."""
        number = {name: f"t{i}" for i, name in enumerate(self._tables())}
        lines = ["flowchart LR"]
        lines += [f'  {mark}[("{name}")]' for name, mark in number.items()]
        for i, step in enumerate(self.steps):
            lines.append(f'  s{i}["{step.name}<br/>{step.kind}"]')
            lines += [f"  {number[name]} --> s{i}" for name in step.reads]
            lines.append(f"  s{i} --> {number[step.writes]}")
        return "\n".join(lines) + "\n"

    def _tables(self) -> list[str]:
        return sorted({name for step in self.steps for name in (*step.reads, step.writes)})


def planned(steps: Iterable[Step]) -> Plan:
    """Put `steps` in a deterministic order that can run.

    Raises `SpecError` when two steps share a name or write one table, `CycleError` when steps
    need each other.
    """
    steps = tuple(steps)
    _refuse_twice("name", [step.name for step in steps])
    _refuse_twice("written table", [step.writes for step in steps])
    by_name = {step.name: step for step in steps}
    return Plan(tuple(by_name[name] for name in order(_needs(steps))))


def _needs(steps: tuple[Step, ...]) -> dict[str, tuple[str, ...]]:
    writer = {step.writes: step.name for step in steps}
    return {
        step.name: tuple(sorted({writer[table] for table in step.reads if table in writer}))
        for step in steps
    }


def _refuse_twice(what: str, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SpecError(f"a plan has each {what} once; twice: {', '.join(twice)}", names=twice)


def _paragraph(step: Step) -> str:
    head = f"{step.name}  {step.kind}, {step.engine}, reach {step.reach}"
    flow = f"  {', '.join(step.reads) or '(nothing)'} -> {step.writes}"
    return "\n".join([head, flow, *(f"    {line}" for line in step.text.strip().splitlines())])
