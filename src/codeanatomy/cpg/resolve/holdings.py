"""Holdings: what names and attributes hold, what constructor calls make, and types as declared."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.cpg.resolve.answers import end
from codeanatomy.cpg.resolve.objects import (
    ANY,
    Alias,
    Class,
    Const,
    Instance,
    OfClass,
    Static,
)  # fmt: skip
from codeanatomy.cpg.resolve.program import POSITIONAL, VAR_KEYWORD, VAR_POSITIONAL
from codeanatomy.cpg.resolve.type_texts import TypeTexts, name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codeanatomy.cpg.resolve.answers import End
    from codeanatomy.cpg.resolve.frames import Frame
    from codeanatomy.cpg.resolve.program import Body, Parameter, Unit
    from codeanatomy.cpg.resolve.resolver import Resolver

MOST = 4  # classes that one name is said to hold instances of: more say nothing of it
_NOT_MADE = ("type", "super")  # classes whose call need not make an instance of them


class Holding(NamedTuple):
    """What one name or attribute holds, or a function gives.

    Its place is a file and, by `kind`: a `node` of syntax, that of a parameter or function; a scope
    and a `name`; a class and the name of an `attribute`. The method is how the classes are known.
    """

    kind: str
    place: tuple[object, ...]
    classes: tuple[End, ...]
    method: str
    type: str | None
    declared: bool


def holdings(r: Resolver) -> list[Holding]:
    """Return what is said of every parameter, variable, attribute and result of the store."""
    return _Reader(r).read()


def made(r: Resolver) -> Iterator[tuple[tuple[int, int], End]]:
    """Yield each call expression that makes an instance, with the class."""
    frames = _by_body(r)
    for unit in r.units:
        for body in () if unit.outside else unit.bodies:
            held = frames.get((unit.index, body.index), ())
            for step in body.steps if held else ():
                if step.op == "call":
                    values = {v for f in held for v in r.solver.values[f.base + step.src]}
                    for cls in dict.fromkeys(_called(r, value) for value in sorted(values)):
                        found = end(r, cls) if cls >= 0 else None
                        if found is not None:
                            yield (unit.file_no, step.node), found


def _called(r: Resolver, value: int) -> int:
    """Return the class that is called; -1 if it is none, or makes other things."""
    value = r.modules.class_of_tool(value)
    info = r.info[value]
    if isinstance(info, Alias):
        value, info = info.of, r.info[info.of]
    if not isinstance(info, Class):
        return -1
    facts = r.classes[value]
    return -1 if r.units[facts.unit].outside and facts.name in _NOT_MADE else value


def _by_body(r: Resolver) -> dict[tuple[int, int], list[Frame]]:
    found: dict[tuple[int, int], list[Frame]] = {}
    for frame in r.frames:
        if not r.units[frame.unit].outside:
            found.setdefault((frame.unit, frame.body.index), []).append(frame)
    return found


class _Reader:
    """Reads holdings out of the values of a finished run."""

    def __init__(self, r: Resolver) -> None:
        self._r = r
        self._frames = _by_body(r)
        self._texts = TypeTexts(r)
        self._classes: dict[tuple[int, int], list[int]] = {}
        for number, facts in r.classes.items():
            self._classes.setdefault((facts.unit, facts.body), []).append(number)
        self._methods: dict[tuple[int, int], list[Body]] = {}
        for unit in r.units:
            for body in unit.bodies if not unit.outside else ():
                if body.cls >= 0:
                    self._methods.setdefault((unit.index, body.cls), []).append(body)
        self._fields: dict[tuple[int, str], set[int]] = {}
        self._variables: dict[tuple[int, int, str], tuple[set[int], str | None]] = {}

    def read(self) -> list[Holding]:
        """Say of every name what it holds; what stubs say of annotations is found out first."""
        found: list[Holding] = []
        bodies = [(u, b) for u in self._r.units if not u.outside for b in u.bodies]
        for unit, body in bodies:
            for frame, text in self._annotations(unit, body):
                self._texts.declared(frame, text)
        self._r.settle()
        self._texts.forget()
        self._instances()
        for unit, body in bodies:
            frames = self._frames.get((unit.index, body.index), [])
            if frames and body.kind == "class":
                found += self._attributes(unit, body, frames)
            elif frames:
                found += self._parameters(unit, body, frames)
                self._bind(unit, body, frames)
            if frames and body.kind == "module":
                found += self._exports(unit, body, frames[0])
        for place, (held, said) in self._variables.items():
            found.append(self._holding("name", place, held, said))
        return found

    def _annotations(self, unit: Unit, body: Body) -> Iterator[tuple[Frame, str]]:
        """Yield every annotation that a body shows, with the frame whose names it means."""
        frames = self._frames.get((unit.index, body.index), [])
        for inside in frames[:1]:
            around = inside.parent or inside
            yield from ((around, p.annotation) for p in body.parameters)
            yield around, body.annotation
            for step in body.steps:
                if step.op == "annotate":
                    yield inside, step.name
                elif step.op == "annotate_attr" and step.names:
                    yield inside, step.names[0]

    def _parameters(self, unit: Unit, body: Body, frames: list[Frame]) -> Iterator[Holding]:
        """Say what parameters hold, and what comes back."""
        values, around = self._r.solver.values, frames[0].parent or frames[0]
        own = self._self(unit, body)
        for place, parameter in enumerate(body.parameters):
            at = (unit.file_no, parameter.node)
            if place == 0 and own is not None and not parameter.annotation:
                yield Holding("node", at, (own,), "self", None, declared=False)
                continue
            said = _collected(parameter, self._texts.declared(around, parameter.annotation))
            held = [v for f in frames for v in values[f.base + parameter.slot]]
            yield self._holding("node", at, held, said)
        if body.kind != "module":
            text = said = self._texts.declared(around, body.annotation)
            if said is None and not (body.is_async or body.is_generator):
                held = [v for f in frames for v in values[f.result]]
                text = self._texts.inferred(held)
            at = (unit.file_no, body.node)
            yield Holding("node", at, (), "", text, said is not None)

    def _bind(self, unit: Unit, body: Body, frames: list[Frame]) -> None:
        """Gather what code of a body gives variables of functions: their own, or those around."""
        values = self._r.solver.values
        declared = {s.names[0]: s.name for s in body.steps if s.op == "annotate" and s.names}
        taken = {p.name for p in body.parameters}
        for scope, name, slot in body.binds:
            if name not in taken:
                place = (unit.file_no, scope, name)
                held, said = self._variables.setdefault(place, (set(), None))
                held.update(*(values[f.base + slot] for f in frames))
                if said is None and name in declared:
                    self._variables[place] = (held, self._texts.declared(frames[0], declared[name]))

    def _exports(self, unit: Unit, body: Body, frame: Frame) -> Iterator[Holding]:
        """Say what names of a module hold."""
        declared = {s.names[0]: s.name for s in body.steps if s.op == "annotate" and s.names}
        for name in sorted({*body.offered, *declared}):
            held = self._r.solver.values[self._r.modules.exported(unit.index, name)]
            said = self._texts.declared(frame, declared.get(name, ""))
            yield self._holding("name", (unit.file_no, 0, name), held, said)

    def _attributes(self, unit: Unit, body: Body, frames: list[Frame]) -> Iterator[Holding]:
        """Say what attributes of a class hold, and what its instances have under these names."""
        r = self._r
        declared = {s.names[0]: (frames[0], s.name) for s in body.steps
                    if s.op == "annotate" and s.names}  # fmt: skip
        names = set(body.offered) | declared.keys()
        for method in self._methods.get((unit.index, body.index), ()):
            inside = self._frames.get((unit.index, method.index))
            if not inside or not method.parameters:
                continue
            for step in method.steps:
                if step.op in ("setattr", "annotate_attr") and (
                    step.src == method.parameters[0].slot
                ):
                    names.add(step.name)
                    if step.names and step.op == "annotate_attr":
                        declared.setdefault(step.name, (inside[0], step.names[0]))
        for name in sorted(names):
            held: list[int] = []
            for number in self._classes.get((unit.index, body.index), ()):
                if r.has_field(number, name):
                    held += r.solver.values[r.field(number, name)]
                held += self._fields.get((number, name), ())
            frame, text = declared.get(name, (frames[0], ""))
            at = (unit.file_no, body.node, name)
            yield self._holding("attribute", at, held, self._texts.declared(frame, text))

    def _instances(self) -> None:
        """Gather what instances hold by the names of attributes, for each class above theirs."""
        r = self._r
        own = {n for n, facts in r.classes.items() if not r.units[facts.unit].outside}
        for value, info in enumerate(r.info):
            facts = r.classes.get(info.cls) if isinstance(info, Instance) else None
            above = [n for n in facts.mro if n in own] if facts is not None else []
            for name in r.fields_of(value) if above else ():
                held = r.solver.values[r.field(value, name)]
                for number in above:
                    self._fields.setdefault((number, name), set()).update(held)

    def _self(self, unit: Unit, body: Body) -> End | None:
        """Return the class that a method's first parameter is an instance of, if it is one's."""
        numbers = self._classes.get((unit.index, body.cls), [])
        first = body.parameters[0] if body.parameters else None
        if not numbers or first is None or first.kind not in POSITIONAL:
            return None
        if body.name in ("__new__", "__init_subclass__", "__class_getitem__"):
            return None
        facts = self._r.classes[numbers[0]]
        held = self._r.solver.values[self._r.field(facts.number, body.name)]
        if any(isinstance(self._r.info[value], Static | OfClass) for value in held):
            return None
        return end(self._r, facts.number)

    def _holding(
        self, kind: str, place: tuple[object, ...], held: Iterable[int], said: str | None
    ) -> Holding:
        r, values = self._r, sorted(set(held))
        only = said is not None and all(_from_annotation(r, value) for value in values)
        text = self._texts.inferred(values) if said is None else said
        method = "annotation" if only else "type flow"
        return Holding(kind, place, _ends(r, values), method, text, said is not None)


def _collected(parameter: Parameter, said: str | None) -> str | None:
    """Write the type of what `*args` and `**kwargs` hold, where their elements' is declared."""
    if said is None:
        return None
    if parameter.kind == VAR_POSITIONAL:
        return f"tuple[{said}, ...]"
    return f"dict[str, {said}]" if parameter.kind == VAR_KEYWORD else said


def _from_annotation(r: Resolver, value: int) -> bool:
    """Whether an object is what annotations give: some instance, not one made at a known place."""
    info = r.info[value]
    if isinstance(info, Instance):
        return info.at is None or info.at == ANY or info.at[0] == "alias"
    return isinstance(info, Const) and info.text == "None"


def _ends(r: Resolver, values: Iterable[int]) -> tuple[End, ...]:
    """Return the classes of objects; none if they are too many. `None` says nothing."""
    found: dict[End, None] = {}
    for cls in dict.fromkeys(r.class_of(value) for value in values):
        if cls not in r.classes or name_of(r, cls) == "None":
            continue
        known = end(r, cls)
        if known is not None:
            found[known] = None
    return tuple(found) if len(found) <= MOST else ()
