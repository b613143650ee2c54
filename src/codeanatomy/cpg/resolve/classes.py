"""Classes: their linearisation, their members, and who asked for a member.

The order is C3 (Barrett et al. 1996, as `type.mro` has it); bases that disagree are put in the
order of a depth-first walk instead, as an analysis must go on where the interpreter would stop.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve.class_facts import ClassFacts
from codeanatomy.cpg.resolve.objects import (
    Alias,
    Class,
    Form,
    Instance,
    Module,
    Outside,
    Package,
    TypeVar,
    Unknown,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.cpg.resolve.resolver import Resolver

    Again = tuple[Callable[..., None], tuple[object, ...]]


MOST_BASES = 4  # classes that may stand at one place: more, and the base is not known


DEEP = 4  # of type arguments inside type arguments


def declare(r: Resolver, number: int, name: str, own: set[str], unit: int, body: int) -> ClassFacts:
    """Note a class that has no bases yet."""
    facts = r.classes[number] = ClassFacts(number, unit, body, name, own)
    return facts


def of(r: Resolver, number: int) -> ClassFacts:
    """Return what is known of a class that a statement makes, from before it runs on."""
    facts = r.classes.get(number)
    if facts is None:
        info = r.info[number]
        assert isinstance(info, Class)  # noqa: S101 - numbers of classes are asked for
        body = r.units[info.unit].bodies[info.body]
        facts = declare(r, number, body.name, set(body.offered), info.unit, info.body)
        if body.name == "Enum" and r.units[info.unit].module == "enum":
            facts.transform = "enum"
    return facts


def add_base(r: Resolver, facts: ClassFacts, place: int, node: int) -> None:
    """Let all that a node holds be bases at a place."""
    while len(facts.bases) <= place:
        facts.bases.append([])
    r.solver.when(node, _base_found, r, facts, place)


def _base_found(value: int, r: Resolver, facts: ClassFacts, place: int) -> None:
    value = r.modules.class_of_tool(value)
    info = r.info[value]
    if isinstance(info, Alias):
        if isinstance(r.info[info.of], Form):
            _form_with(r, facts, info)
            return
        facts.arguments[info.of] = info.arguments
        value, info = info.of, r.info[info.of]
    if isinstance(info, Form):
        _form_base(r, facts, info.name)
    elif isinstance(info, Class):
        _class_base(r, facts, value, place)
    elif isinstance(info, Outside):
        facts.outside[info.name] = None
        ask_again(r, facts)
    elif isinstance(info, Instance) and r.classes[info.cls].name in ("_SpecialForm", "TypeVar"):
        return
    elif isinstance(info, Unknown | Instance | Module | Package):
        facts.unknown["base"] = None
        ask_again(r, facts)


def _class_base(r: Resolver, facts: ClassFacts, value: int, place: int) -> None:
    if len(facts.bases[place]) >= MOST_BASES:
        facts.unknown["base"] = None
    elif value not in facts.bases[place] and value != facts.number:
        facts.bases[place].append(value)
        r.classes[value].subclasses[facts.number] = None
        relinearize(r, facts, set())


def _form_with(r: Resolver, facts: ClassFacts, info: Alias) -> None:
    """Take a special form with arguments as a base: `Generic[T]` names the type variables."""
    target = r.info[info.of]
    name = target.name if isinstance(target, Form) else ""
    if name in ("Generic", "Protocol"):
        facts.parameters = _variables(r, info.arguments)
    elif name not in ("Optional", "Union"):
        facts.unknown[name] = None
    if name == "Protocol":
        facts.flags["protocol"] = None


def _form_base(r: Resolver, facts: ClassFacts, name: str) -> None:
    if name == "NamedTuple":
        facts.transform = "namedtuple"
        named = r.modules.library("typing", "NamedTuple")
        add_base(r, facts, len(facts.bases), r.holding(named))
    elif name == "Protocol":
        facts.flags["protocol"] = None
    elif name == "TypedDict":
        add_base(r, facts, len(facts.bases), r.modules.library_node("builtins", "dict"))


def _variables(r: Resolver, arguments: tuple[int, ...]) -> tuple[str, ...]:
    found = []
    for node in arguments:
        for value in sorted(r.solver.values[node]):
            info = r.info[value]
            if isinstance(info, TypeVar):
                found.append(info.name)
    return tuple(found)


def parameters(r: Resolver, facts: ClassFacts) -> tuple[str, ...]:
    """Return the type variables of a class in the order in which it is subscripted."""
    if facts.parameters:
        return facts.parameters
    found: dict[str, None] = {}
    for nodes in facts.arguments.values():
        for node in nodes:
            for name in _free(r, node, 0):
                found[name] = None
    return tuple(found)


def _free(r: Resolver, node: int, depth: int) -> list[str]:
    found = []
    for value in sorted(r.solver.values[node]):
        info = r.info[value]
        if isinstance(info, TypeVar):
            found.append(info.name)
        elif isinstance(info, Alias) and depth < DEEP:
            for inner in info.arguments:
                found += _free(r, inner, depth + 1)
    return found


def relinearize(r: Resolver, facts: ClassFacts, seen: set[int]) -> None:
    """Order a class and those below it anew, and answer again who asked for their members."""
    if facts.number in seen:
        return
    seen.add(facts.number)
    order = linear(r, facts)
    facts.found.clear()
    facts.shape = None
    if order != facts.mro or not facts.made:
        facts.mro, facts.made = order, True
        for above in order[1:]:
            other = r.classes[above]
            if other.transform == "enum":
                facts.transform = "enum"
            _announce(r, other, facts)
        ask_again(r, facts)
        for below in tuple(facts.subclasses):
            relinearize(r, r.classes[below], seen)


def _announce(r: Resolver, above: ClassFacts, below: ClassFacts) -> None:
    """Tell who asked for members of any instance of a class that there is one more below it."""
    for name, askers in tuple(above.any_asked.items()):
        if name in below.own:
            for act, given in tuple(askers):
                act(r, below.number, name, *given)


def linear(r: Resolver, facts: ClassFacts) -> list[int]:
    """Return the method resolution order of a class, itself first; a base below it is left out."""
    bases = [base for place in facts.bases for base in place]
    bases = [base for base in bases if facts.number not in r.classes[base].mro]
    orders = [r.classes[base].mro for base in bases]
    merged = _merge([list(order) for order in (*orders, bases)])
    if merged is None:
        merged = list(dict.fromkeys(value for order in orders for value in order))
    return [facts.number, *merged]


def _merge(orders: list[list[int]]) -> list[int] | None:
    found: list[int] = []
    orders = [order[::-1] for order in orders if order]  # what comes next stands at the end
    behind = Counter(number for order in orders for number in order[:-1])
    while orders:
        head = next((order[-1] for order in orders if not behind[order[-1]]), None)
        if head is None:
            return None
        found.append(head)
        for order in orders:
            if order[-1] == head:
                order.pop()
                if order:
                    behind[order[-1]] -= 1
        orders = [order for order in orders if order]
    return found


def owner_of(r: Resolver, facts: ClassFacts, name: str, after: int = -1) -> ClassFacts | None:
    """Return the first class of the order that has the name, after a class if one is given."""
    if after < 0:
        try:
            return facts.found[name]
        except KeyError:
            facts.found[name] = found = _first_with(r, facts.mro, name)
            return found
    order = facts.mro
    return _first_with(r, order[order.index(after) + 1 :] if after in order else order, name)


def _first_with(r: Resolver, order: list[int], name: str) -> ClassFacts | None:
    for number in order:
        found = r.classes[number]
        if name in found.own:
            return found
    return None


def member(r: Resolver, owner: ClassFacts, name: str) -> int:
    """Return the node of what a class itself holds under a name."""
    return r.ensure(r.field(owner.number, name))


def own_member(r: Resolver, value: int, name: str) -> ClassFacts | None:
    """Return the class of a repository that gives an object a method; None where none does."""
    if name not in r.defined:
        return None
    info = r.info[value]
    if isinstance(info, Class):
        metas = [m for n in r.classes[value].mro for m in r.classes[n].metaclasses]
        cls = metas[0] if metas else -1
    else:
        cls = r.class_of(value)
    if cls < 0:
        return None
    owner = owner_of(r, r.classes[cls], name)
    return owner if owner is not None and not r.units[owner.unit].outside else None


def outside_names(r: Resolver, facts: ClassFacts, after: int = -1) -> list[str]:
    """Name the classes outside everything that can be read from which a class inherits."""
    order = facts.mro
    if after in order:
        order = order[order.index(after) :]
    return list(dict.fromkeys(n for number in order for n in r.classes[number].outside))


def ask(
    r: Resolver, facts: ClassFacts, name: str, act: Callable[..., None], *given: object
) -> None:
    """Look a member up now, and again whenever the class changes."""
    facts.asked.setdefault(name, []).append((act, given))
    act(r, facts, name, *given)


def ask_any(
    r: Resolver, facts: ClassFacts, name: str, act: Callable[..., None], *given: object
) -> None:
    """Call `act(r, subclass, name, ...)` for each class below that has the name itself."""
    facts.any_asked.setdefault(name, []).append((act, given))
    for number in below(r, facts):
        if name in r.classes[number].own:
            act(r, number, name, *given)


def below(r: Resolver, facts: ClassFacts) -> list[int]:
    """Return every class under a class."""
    found: dict[int, None] = {}
    open_ = list(facts.subclasses)
    while open_:
        number = open_.pop()
        if number not in found:
            found[number] = None
            open_ += r.classes[number].subclasses
    return sorted(found)


def ask_again(r: Resolver, facts: ClassFacts, only: str | None = None) -> None:
    """Answer again who asked for members of a class."""
    for name in (only,) if only else tuple(facts.asked):
        for act, given in tuple(facts.asked.get(name, ())):
            act(r, facts, name, *given)


def define(r: Resolver, facts: ClassFacts, name: str) -> None:
    """Note a member that is set from outside the class statement."""
    if name in facts.own:
        return
    facts.own.add(name)
    r.defined.add(name)
    facts.found.clear()
    for number in (facts.number, *below(r, facts)):
        r.classes[number].found.clear()
        ask_again(r, r.classes[number], name)
    for number in facts.mro[1:]:
        for act, given in tuple(r.classes[number].any_asked.get(name, ())):
            act(r, facts.number, name, *given)
