"""Records: dataclasses and named tuples, whose fields make an `__init__` that nobody wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.cpg.resolve import classes, containers
from codeanatomy.cpg.resolve.callings import keyword, number_of, places, special
from codeanatomy.cpg.resolve.objects import ANY, Class, Const, Instance, Outside, Tool

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.cpg.resolve.class_facts import ClassFacts
    from codeanatomy.cpg.resolve.frames import Call
    from codeanatomy.cpg.resolve.resolver import Resolver

KINDS = ("dataclass", "namedtuple")


class Field(NamedTuple):
    """A field: its name, and whether `__init__` takes it, by place, and only hands it on."""

    name: str
    taken: bool = True
    placed: bool = True
    passed: bool = False


def synthetic(r: Resolver, call: Call, kind: str, name: str = "") -> int:
    """Make a class that no statement makes."""
    key = r.of(Outside(f"{kind} {call.frame.index} {call.node}"))
    made = r.of(Class(r.modules.nowhere, key, call.frame.index))
    if made not in r.classes:
        facts = classes.declare(r, made, name or kind, set(), r.modules.nowhere, 0)
        if kind != "namedtuple":
            classes.add_base(r, facts, 60, r.modules.library_node("builtins", "object"))
    return made


def maker(r: Resolver, facts: ClassFacts) -> ClassFacts | None:
    """Return the record whose `__init__` a class has; None if it has one that somebody wrote."""
    for number in facts.mro:
        found = r.classes[number]
        if "__init__" in found.own and found.transform != "namedtuple":
            return None
        if found.transform in KINDS:
            return found
    return None


def fields(r: Resolver, facts: ClassFacts) -> list[Field]:
    """Return the fields of a record in the order in which `__init__` takes them."""
    found: dict[str, Field] = {}
    for number in reversed(facts.mro):
        above = r.classes[number]
        if above.transform in KINDS:
            only = "kw_only" in above.flags
            for name in above.slots:
                field = _field(r, above, name, only=only)
                if field is None:
                    only = True
                else:
                    found[name] = field
    return list(found.values())


def _field(r: Resolver, facts: ClassFacts, name: str, *, only: bool) -> Field | None:
    """Return one field; None for the mark after which all are keywords only."""
    text = facts.annotations.get(name, "")
    if "KW_ONLY" in text and "[" not in text:
        return None
    placed, taken = not only, True
    for held in r.solver.values[r.field(facts.number, name)]:
        info = r.info[held]
        if isinstance(info, Tool) and info.name == "fielded":
            call = r.fielded[info.number]
            taken = _flag(r, call, "init") != "False"
            said = _flag(r, call, "kw_only")
            placed = placed if said is None else said != "True"
    return Field(name, taken, placed, "InitVar" in text)


def _flag(r: Resolver, call: Call, name: str) -> str | None:
    node = keyword(call, name)
    held = [r.info[v] for v in r.solver.values[node]] if node >= 0 else []
    return held[0].text if len(held) == 1 and isinstance(held[0], Const) else None


def construct(r: Resolver, made: int, call: Call) -> None:
    """Let the arguments of a made `__init__` flow to the fields that it sets; run what follows."""
    facts = r.classes[r.class_of(made)]
    record = maker(r, facts) or facts
    listed = [field for field in fields(r, record) if field.taken]
    by_place = [field.name for field in listed if field.placed]
    given: dict[str, int] = {}
    for how, node in call.arguments:
        if how == "" and len(given) < len(by_place):
            given[by_place[len(given)]] = node
        elif how == "*":
            r.solver.when(node, _spread, r, made, by_place[len(given) :])
        elif how == "**":
            r.solver.when(node, _spread_names, r, made, [f.name for f in listed])
        elif how:
            given[how] = node
    for name, node in given.items():
        r.solver.copy(node, r.field(made, name))
    if record.transform == "namedtuple":
        number(r, made, [field.name for field in listed])
        return
    _factories(r, facts, made, call, given)
    passed = tuple(("", _passed(r, facts, made, f.name, given)) for f in listed if f.passed)
    after = call._replace(label="dataclass", dst=-1, arguments=passed, number=r.number())
    special(r, made, "__post_init__", after)


def _passed(r: Resolver, facts: ClassFacts, made: int, name: str, given: dict[str, int]) -> int:
    if name in given:
        return given[name]
    owner = classes.owner_of(r, facts, name)
    return r.field(owner.number if owner is not None else made, name)


def _factories(
    r: Resolver, facts: ClassFacts, made: int, call: Call, given: dict[str, int]
) -> None:
    for number_ in facts.mro:
        for name, node in r.factories.get(number_, {}).items():
            if name not in given:
                inner = call._replace(
                    label="dataclass", dst=r.field(made, name), arguments=(), number=r.number()
                )
                r.solver.when(node, r.call, r, inner)


def _spread(value: int, r: Resolver, made: int, names: list[str]) -> None:
    letter = containers.variable(r, value)
    known = r.elements(value)
    for place, name in enumerate(names):
        if str(place) in known:
            r.solver.copy(known[str(place)], r.field(made, name))
        if letter:
            r.solver.copy(r.field(value, "?" + letter), r.field(made, name))


def _spread_names(value: int, r: Resolver, made: int, names: list[str]) -> None:
    def element(key: str, node: int) -> None:
        if key in names:
            r.solver.copy(node, r.field(made, key))

    if containers.is_mapping(r, value):
        r.each_element(value, element)
        for name in names:
            r.solver.copy(r.field(value, "?" + containers.variable(r, value)), r.field(made, name))


def number(r: Resolver, made: int, names: list[str]) -> None:
    """Let the fields of a named tuple be its elements."""
    for place, name in enumerate(names):
        containers.store(r, made, str(place), r.view(made, name))
        owner = classes.owner_of(r, r.classes[r.class_of(made)], name)
        if owner is not None:  # a default
            r.solver.copy(r.field(owner.number, name), r.field(made, name))


# --- dataclasses ---------------------------------------------------------------------------------
def _dataclass(r: Resolver, call: Call) -> None:
    given = places(call)
    flags = [name for name in ("kw_only",) if _flag(r, call, name) == "True"]
    if given:
        r.solver.when(given[0], _made_dataclass, r, flags, call.dst)
    else:
        r.partials.append((-1, call.arguments))
        r.solver.add(call.dst, r.of(Tool("dataclass_with", len(r.partials) - 1)))


def _dataclass_with(r: Resolver, call: Call) -> None:
    kept = call._replace(arguments=r.partials[number_of(r, call)][1])
    flags = [name for name in ("kw_only",) if _flag(r, kept, name) == "True"]
    for node in places(call)[:1]:
        r.solver.when(node, _made_dataclass, r, tuple(flags), call.dst)


def _made_dataclass(value: int, r: Resolver, flags: list[str], dst: int) -> None:
    if isinstance(r.info[value], Class):
        r.classes[value].flags.update(dict.fromkeys(flags))
        as_dataclass(r, value)
    if dst >= 0:
        r.solver.add(dst, value)


def as_dataclass(r: Resolver, cls: int) -> None:
    """Note that the `__init__` of a class sets its fields."""
    facts = r.classes[cls]
    if facts.transform:
        return
    facts.transform = "dataclass"
    for name in facts.slots:
        r.solver.when(r.field(cls, name), _field_of, r, facts, name)


def _field_of(value: int, r: Resolver, facts: ClassFacts, name: str) -> None:
    info = r.info[value]
    if isinstance(info, Tool) and info.name == "fielded":
        call = r.fielded[info.number]
        factory, default = keyword(call, "default_factory"), keyword(call, "default")
        if factory >= 0:
            r.factories.setdefault(facts.number, {})[name] = factory
        if default >= 0:
            r.solver.copy(default, r.field(r.of(Instance(facts.number, ANY)), name))


def _fielded(r: Resolver, call: Call) -> None:
    r.fielded.append(call)
    r.solver.add(call.dst, r.of(Tool("fielded", len(r.fielded) - 1)))


def _replace(r: Resolver, call: Call) -> None:
    """Make a record like another, with other values for some fields."""
    if call.arguments and call.arguments[0][0] == "":
        r.solver.when(call.arguments[0][1], _replaced, r, call)


def _replaced(value: int, r: Resolver, call: Call) -> None:
    cls = r.class_of(value)
    facts = r.classes.get(cls)
    record = maker(r, facts) if facts is not None else None
    if facts is None or record is None:
        if call.dst >= 0:
            r.solver.add(call.dst, value)
        return
    made = r.instance(cls, call.frame, call.node, value)
    if call.dst >= 0:
        r.solver.add(call.dst, made)
    named = {how for how, _ in call.arguments if how}
    kept = [f.name for f in fields(r, record) if f.name not in named and f.taken]
    arguments = tuple((name, r.view(value, name)) for name in kept)
    construct(r, made, call._replace(arguments=(*call.arguments[1:], *arguments)))


# --- named tuples --------------------------------------------------------------------------------
def _namedtuple(r: Resolver, call: Call) -> None:
    given = places(call)
    made = synthetic(r, call, "namedtuple")
    facts = r.classes[made]
    facts.transform = "namedtuple"
    classes.add_base(r, facts, 0, r.holding(r.modules.library("typing", "NamedTuple")))
    if len(given) > 1:
        r.solver.when(given[1], _names_from, r, facts)
    r.solver.add(call.dst, made)


def _names_from(value: int, r: Resolver, facts: ClassFacts) -> None:
    info = r.info[value]
    if isinstance(info, Const):
        facts.slots = info.text.replace(",", " ").split()
        return
    names = []
    for _, node in sorted(r.elements(value).items(), key=lambda pair: pair[0].zfill(4)):
        for held in sorted(r.solver.values[node]):
            pair = r.elements(held)
            inner = sorted(r.solver.values[pair["0"]]) if "0" in pair else [held]
            names += [i.text for v in inner if isinstance(i := r.info[v], Const)]
    facts.slots = names


def _nt_replace(r: Resolver, call: Call) -> None:
    _replace(r, call)


def _nt_make(r: Resolver, call: Call) -> None:
    given = places(call)
    if len(given) > 1:
        r.solver.when(given[0], _made_from, r, given[1], call)


def _made_from(value: int, r: Resolver, elements: int, call: Call) -> None:
    if isinstance(r.info[value], Class):
        r.call(value, r, call._replace(arguments=(("*", elements),), number=r.number()))


def _nt_asdict(r: Resolver, call: Call) -> None:
    for node in places(call)[:1]:
        r.solver.when(node, _as_dict, r, call.dst)


def _as_dict(value: int, r: Resolver, dst: int) -> None:
    facts = r.classes.get(r.class_of(value))
    if facts is None or dst < 0:
        return
    made = containers.make(r, "dict", ("fields", value))
    for field in fields(r, maker(r, facts) or facts):
        containers.store(r, made, field.name, r.view(value, field.name))
        r.solver.add(r.field(made, "$_KT"), r.modules.text(field.name))
    r.solver.add(dst, made)


ACTS: dict[str, Callable[[Resolver, Call], None]] = {
    "dataclass": _dataclass, "dataclass_with": _dataclass_with, "field": _fielded,
    "replace": _replace, "namedtuple": _namedtuple, "nt_replace": _nt_replace,
    "nt_make": _nt_make, "nt_asdict": _nt_asdict, "as_dict": _nt_asdict,
}  # fmt: skip
