"""Exceptions: what is raised anywhere reaches the handlers that would catch it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import containers, narrow, types
from codeanatomy.cpg.resolve.callings import calling
from codeanatomy.cpg.resolve.objects import ANY, Class, Instance, Outside, Unknown

if TYPE_CHECKING:
    from codeanatomy.cpg.resolve.frames import Frame
    from codeanatomy.cpg.resolve.program import Step
    from codeanatomy.cpg.resolve.resolver import Resolver


def raise_(r: Resolver, f: Frame, s: Step) -> None:
    """Raise: what is raised may reach any handler."""
    if s.src < 0:
        return
    r.raised.setdefault((f.unit, f.body.index, "RAISES"), []).append((f.base + s.src, s.node))
    r.solver.when(f.base + s.src, _raised, r, (f, s.node))


def _raised(value: int, r: Resolver, where: tuple[Frame, int]) -> None:
    """Raise an object, or a class: an instance of it is made."""
    if not isinstance(r.info[value], Class):
        r.solver.add(r.thrown, value)
    elif r.in_store(value):
        call = calling(r, *where, (), r.thrown, "constructor", name="__init__")
        r.call(value, r, call)
    else:
        r.solver.add(r.thrown, r.of(Instance(value)))


def catch(r: Resolver, f: Frame, s: Step) -> None:
    """Catch: a handler gets what is raised anywhere and is an instance of its classes."""
    if s.src < 0:
        if s.dst >= 0:
            r.solver.copy(r.thrown, f.base + s.dst)
        return
    r.raised.setdefault((f.unit, f.body.index, "CATCHES"), []).append((f.base + s.src, s.node))
    if s.dst < 0:
        return
    dst = f.base + s.dst
    if s.name == "*":
        group = r.instance(r.modules.library("builtins", "ExceptionGroup"), f, s.node)
        r.solver.add(dst, group)
        dst = r.field(group, "?_ExceptionT_co")
    r.solver.when(f.base + s.src, _caught, r, dst)
    r.otherwise(dst, lambda: r.solver.when(f.base + s.src, _any_of, r, dst))


def _caught(value: int, r: Resolver, dst: int) -> None:
    """Let what was raised anywhere, and is an instance of a class, flow to a handler."""
    if value in r.classes and r.classes[value].name == "StopIteration":
        r.solver.copy(r.finished, r.field(r.of(Instance(value, ANY)), "value"))
    if isinstance(r.info[value], Class):
        known = r.holding(value)
        narrow.narrow(r, r.thrown, dst, "isinstance", known, "")
        r.solver.when(r.thrown, _members_caught, r, dst, known)
    elif isinstance(r.info[value], Outside | Unknown):
        types.instances(r, value, dst)
    elif containers.variable(r, value):
        r.solver.when(r.field(value, "$" + containers.variable(r, value)), _caught, r, dst)


def _members_caught(value: int, r: Resolver, dst: int, known: int) -> None:
    if r.has_field(value, "?_ExceptionT_co"):
        narrow.narrow(r, r.field(value, "$_ExceptionT_co"), dst, "isinstance", known, "")


def _any_of(value: int, r: Resolver, dst: int) -> None:
    """Let any instance of a class flow to a handler: nothing known raises one."""
    if isinstance(r.info[value], Class):
        types.instances(r, value, dst)
    elif containers.variable(r, value):
        r.solver.when(r.field(value, "$" + containers.variable(r, value)), _any_of, r, dst)
