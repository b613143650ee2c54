"""Narrowing: which objects of a node a test lets through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import classes, containers, texts
from codeanatomy.cpg.resolve.objects import (
    ANY,
    Alias,
    Bound,
    Class,
    Const,
    Form,
    Function,
    Instance,
    Module,
    Outside,
    Partial,
    Running,
    Tool,
    Unknown,
)

if TYPE_CHECKING:
    from codeanatomy.cpg.resolve.class_facts import ClassFacts
    from codeanatomy.cpg.resolve.resolver import Resolver

_CLASS_TESTS = ("isinstance", "not isinstance", "type", "not type", "issubclass", "not issubclass")


def narrow(r: Resolver, src: int, dst: int, test: str, other: int, name: str) -> None:
    """Let those objects of `src` that pass a test flow to `dst`."""
    if test in _CLASS_TESTS and other >= 0:
        known = r.solver.node()
        r.solver.when(other, _flat, r, known)
        test_ = test.removeprefix("not ")
        if test.startswith("not "):
            r.solver.when(src, _unless, r, dst, known, test_)
        else:
            r.solver.when(known, _against, r, src, dst, test_)
        return
    if test in ("startswith", "endswith"):
        r.solver.when(src, _with_end, r, dst, test, name)
        return
    r.solver.when(src, _plain, r, dst, test, name)


def _with_end(value: int, r: Resolver, dst: int, test: str, end: str) -> None:
    """Let those texts pass that have an end; of one that is not known, that end is known now."""
    found = texts.piece(r, value)
    if found is None:
        r.solver.add(dst, value)
    elif found[1] is None:
        if texts.fits(found[0], (end, "") if test == "startswith" else ("", end)):
            r.solver.add(dst, value)
    else:
        prefix, suffix = found
        prefix = end if test == "startswith" and len(end) > len(prefix) else prefix
        suffix = end if test == "endswith" and len(end) > len(suffix or "") else suffix
        r.solver.add(dst, texts.of(r, (prefix, suffix)))


def _flat(value: int, r: Resolver, known: int) -> None:
    """Take classes out of tuples and unions of them."""
    value = r.modules.class_of_tool(value)
    if isinstance(r.info[value], Class | Outside | Unknown):
        r.solver.add(known, value)
    elif isinstance(r.info[value], Alias):
        r.solver.add(known, r.info[value].of)  # type: ignore[union-attr] # an alias
    elif containers.variable(r, value):
        letter = containers.variable(r, value)
        r.solver.when(r.field(value, "$" + letter), _flat, r, known)


def _against(cls: int, r: Resolver, src: int, dst: int, test: str) -> None:
    r.solver.when(src, _instance_of, r, cls, dst, test)


def _instance_of(value: int, r: Resolver, cls: int, dst: int, test: str) -> None:
    info, wanted = r.info[value], r.info[cls]
    if isinstance(wanted, Unknown):
        r.solver.add(dst, value)
        return
    if test == "issubclass":
        _subclass_of(r, value, cls, dst)
        return
    if isinstance(wanted, Outside):
        own = r.class_of(value)
        if isinstance(info, Unknown):
            r.solver.add(dst, r.of(Instance(r.outside_class(wanted.name), ANY)))
        elif isinstance(info, Outside) or (own >= 0 and _may_be_outside(r, own)):
            r.solver.add(dst, value)
        return
    if isinstance(info, Unknown | Outside):
        exact = test == "type"
        r.solver.add(dst, r.of(Instance(cls, None if exact else ANY)))
        return
    passed = _fits(r, value, cls)
    if passed:
        r.solver.add(dst, value)
    elif passed is None:
        r.solver.add(dst, r.of(Instance(cls, ANY)))


def _may_be_outside(r: Resolver, cls: int) -> bool:
    return any(r.classes[n].outside or r.classes[n].unknown for n in r.classes[cls].mro)


def _fits(  # noqa: PLR0911 - one way out a reason
    r: Resolver, value: int, cls: int
) -> bool | None:
    """Whether an object is an instance of a class; None: one of a subclass of its class may be."""
    info = r.info[value]
    own = r.class_of(value)
    facts = r.classes[cls]
    if own < 0:
        kinds = {"function": (Function, Bound), "type": (Class,), "FunctionType": (Function,),
                 "MethodType": (Bound,), "ModuleType": (Module,), "partial": (Partial,),
                 "Callable": (Function, Bound, Class, Partial, Tool)}  # fmt: skip
        return isinstance(info, kinds.get(facts.name, ())) or facts.name == "object"
    if cls in r.classes[own].mro or own in r.registered.get(cls, ()):
        return True
    if classes.own_member(r, cls, "__instancecheck__") or r.own(cls, "__subclasshook__"):
        return True
    if "protocol" in facts.flags and not r.units[facts.unit].outside:
        return _has_members(r, value, own, facts)
    if isinstance(info, Running):
        return facts.name in ("Generator", "Iterator", "Iterable", "GeneratorType", "Coroutine",
                              "Awaitable", "CoroutineType", "AsyncGenerator")  # fmt: skip
    if isinstance(info, Instance) and info.at == ANY and own in facts.mro:
        return None
    if r.units[facts.unit].outside and facts.name in _STRUCTURAL:
        member = _STRUCTURAL[facts.name]
        return any(member in r.classes[n].own for n in r.classes[own].mro)
    return bool(_may_be_outside(r, own) and r.units[facts.unit].outside)


def _has_members(r: Resolver, value: int, own: int, facts: ClassFacts) -> bool:
    """Whether an object has all that a protocol of a repository wants."""
    wanted = {n for n in (*facts.own, *facts.annotations) if n[:1] != "_" or n[:2] == "__"}
    wanted -= {"__module__", "__qualname__", "__doc__", "__slots__", "__annotations__"}
    have = {n for number in r.classes[own].mro for n in r.classes[number].own}
    return all(name in have or r.has_field(value, name) for name in wanted)


_STRUCTURAL = {"Iterable": "__iter__", "Callable": "__call__", "Sized": "__len__",
               "Hashable": "__hash__", "Container": "__contains__", "Iterator": "__next__",
               "Awaitable": "__await__", "PathLike": "__fspath__", "Collection": "__iter__",
               "AsyncIterable": "__aiter__"}  # fmt: skip


def _subclass_of(r: Resolver, value: int, cls: int, dst: int) -> None:
    info = r.info[value]
    if isinstance(info, Class):
        if cls in r.classes[value].mro:
            r.solver.add(dst, value)
    elif isinstance(info, Unknown | Outside) and isinstance(r.info[cls], Class):
        r.solver.add(dst, cls)


def _unless(value: int, r: Resolver, dst: int, known: int, test: str) -> None:
    """Let an object pass that is an instance of none of the classes known when it comes."""
    info = r.info[value]
    if isinstance(info, Unknown | Outside):
        r.solver.add(dst, value)
        return
    for cls in r.solver.values[known]:
        if not isinstance(r.info[cls], Class):
            continue
        if test == "issubclass":
            if isinstance(info, Class) and cls in r.classes[value].mro:
                return
        elif test == "type":
            if r.class_of(value) == cls and not (isinstance(info, Instance) and info.at == ANY):
                return
        elif _fits(r, value, cls) and not _checked(r, cls):
            return
    r.solver.add(dst, value)


def _checked(r: Resolver, cls: int) -> bool:
    """Whether code of a class says what its instances are, which may be anything."""
    hook = r.own(cls, "__subclasshook__")
    return hook or classes.own_member(r, cls, "__instancecheck__") is not None


def _plain(value: int, r: Resolver, dst: int, test: str, name: str) -> None:
    if _passes(r, value, test, name):
        r.solver.add(dst, value)


def _passes(  # noqa: PLR0911 - one way out a test
    r: Resolver, value: int, test: str, name: str
) -> bool:
    info = r.info[value]
    nothing = isinstance(info, Const) and info.text == "None"
    if test == "none":
        return nothing or isinstance(info, Unknown)
    if test in ("not none", "truthy"):
        false = test == "truthy" and isinstance(info, Const) and info.text in ("", "0", "False")
        return not nothing and not false
    if test == "falsy":
        return not isinstance(info, Function | Class | Bound | Module | Partial)
    if test in ("callable", "not callable"):
        can = _callable(r, value)
        return can is None or can == (test == "callable")
    if test in ("not startswith", "not endswith"):
        found = texts.piece(r, value)
        ends = (name, "") if test == "not startswith" else ("", name)
        return not (found is not None and found[1] is None and texts.fits(found[0], ends))
    if test in ("hasattr", "not hasattr"):
        has = _has(r, value, name)
        return has is None or has == (test == "hasattr")
    return True


def _callable(r: Resolver, value: int) -> bool | None:
    info = r.info[value]
    if isinstance(info, Unknown | Outside | Form):
        return None
    cls = r.class_of(value)
    if cls < 0:
        return not isinstance(info, Module)
    facts = r.classes[cls]
    if any("__call__" in r.classes[n].own for n in facts.mro):
        return True
    return None if _may_be_outside(r, cls) else False


def _has(r: Resolver, value: int, name: str) -> bool | None:
    cls = r.class_of(value)
    if cls < 0:
        return None
    facts = r.classes[cls]
    if any(name in r.classes[n].own for n in facts.mro):
        return True
    if isinstance(r.info[value], Const):
        return False
    own = not r.units[facts.unit].outside
    return None if own or _may_be_outside(r, cls) else False
