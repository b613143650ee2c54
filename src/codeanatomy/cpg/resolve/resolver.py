"""The state of one resolution: units, frames, fields, classes and call sites, and its run."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve.class_facts import ClassFacts
from codeanatomy.cpg.resolve.frames import Frame, Site
from codeanatomy.cpg.resolve.objects import (
    ANY,
    Bound,
    Class,
    Const,
    Function,
    Instance,
    Objects,
    Outside,
    Running,
    Unknown,
    Value,
)
from codeanatomy.cpg.resolve.solver import Solver

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.cpg.resolve.frames import Call
    from codeanatomy.cpg.resolve.names import Names
    from codeanatomy.cpg.resolve.program import Body, Unit

RUNNING = {"generator": "Generator", "async": "AsyncGenerator", "coroutine": "Coroutine"}
SMALL = 5_000  # steps of a program whose callers are told apart everywhere
CONTEXTS = {True: 24, False: 6}  # of one function, by whether the program is small
PLACES = {True: 24, False: 3}  # where instances of one class are told apart by


class Resolver:
    """Everything known of one program on its way to the fixpoint."""

    def __init__(self) -> None:  # noqa: PLR0915 - all that is known, in one place
        """Start with nothing; `modules` is set before the run."""
        self.solver, self.objects = Solver(), Objects()
        self.info = self.objects.info
        self.units: list[Unit] = []
        self.frames: list[Frame] = []
        self.modules: Names
        self.call: Callable[..., None]  # (value, resolver, call): see `calls`
        self.enter: Callable[[Resolver, Frame], None]  # runs the steps of a body: see `steps`
        self.small = True
        self.sites: dict[tuple[int, int, str], Site] = {}
        self.classes: dict[int, ClassFacts] = {}
        self.module_frames: dict[int, Frame] = {}
        self.contexts: dict[int, dict[object, Frame]] = {}  # function object: its frames
        self.defaults: dict[int, dict[str, int]] = {}
        self.owners: dict[int, int] = {}  # function object: the class it is a method of
        self.places: dict[int, dict[object, None]] = {}
        self.fallbacks: list[tuple[int, Frame, str, int]] = []  # node, where, annotation, unit
        self.late: list[Callable[[], None]] = []  # to do when nothing moves
        self.escaped: dict[int, None] = {}
        self.thrown = self.solver.node()  # all that is raised anywhere
        self.finished = self.solver.node()  # what generators return at their end
        self.leaving = -1  # two nodes of what `__exit__` gets of that
        self.pairs: list[tuple[int, int]] = []  # a context manager, and what it decorates
        self.make: Callable[..., None]  # (resolver, class, call): see `calls`
        self.partials: list[tuple[int, tuple[tuple[str, int], ...]]] = []
        self.functions: dict[int, None] = {}  # every function object, in order
        self.arguments: dict[tuple[int, int, int, int], dict[tuple[int, int], None]] = {}
        self.raised: dict[tuple[int, int, str], list[tuple[int, int]]] = {}  # unit, body, op: nodes
        self._fields: dict[tuple[int, str], int] = {}
        self._names_of: dict[int, list[str]] = {}
        self._by_name: dict[str, list[tuple[int, int]]] = {}
        self._views: dict[tuple[int, str], int] = {}
        self._all: dict[tuple[int, str], int] = {}
        self.defined: set[str] = set()  # names that some class of the store may have
        self.annotations: dict[tuple[int, str], list[int]] = {}  # frame, text: types
        self.filled: set[int] = set()
        self.registered: dict[int, dict[int, None]] = {}  # an abstract class: what counts for it
        self.enumerations: set[int] = set()  # classes whose members are made
        self.projected: dict[tuple[int, int, str], int] = {}
        self.factories: dict[int, dict[str, int]] = {}  # class: fields, nodes of their factories
        self.iterate: Callable[..., None]  # (value, resolver, dst, where): see `protocols`
        self._late_nodes: dict[int, list[Callable[[], None]]] = {}  # of stubs: not evaluated yet
        self.next_of: Callable[..., None]
        self.dispatched: dict[int, dict[int, None]] = {}  # a `singledispatch`: its classes
        self.fielded: list[Call] = []  # calls of `dataclasses.field`
        self.pending: deque[Frame] = deque()  # made, and not run yet
        self._locals: dict[tuple[int, int], dict[str, int]] = {}
        self._made: dict[tuple[int, int, int], int] = {}
        self._views_of: dict[int, list[int]] = {}
        self._functions_of: dict[tuple[int, int], frozenset[str]] = {}
        self.bindings: set[tuple[object, ...]] = set()  # a frame, and arguments that it has
        self._holding: dict[int, int] = {}
        self.done: set[tuple[int, int, int]] = set()  # call, function, receiver
        self._elements: dict[int, dict[str, int]] = {}
        self._element_watches: dict[int, list[Callable[[str, int], None]]] = {}
        self.fixtures: dict[int, int] = {}  # of a test runner: functions, what they were noted with
        self.rows: dict[int, dict[int, None]] = {}  # a test: its tables of rows
        self.noted: list[Call] = []  # calls that made a decorator of a test runner
        self._calls = 0

    # --- objects -----------------------------------------------------------------------------
    def of(self, value: Value) -> int:
        """Return the number of an object."""
        last = len(self.info)
        number = self.objects.of(value)
        if number < last:
            return number
        if isinstance(value, Const):
            self.solver.constants[number] = self.objects.of(Instance(value.cls))
        elif isinstance(value, Function | Class):
            if not self.units[value.unit].outside:
                self.solver.own.add(number)
        elif isinstance(value, Instance):
            if value.cls in self.solver.own:
                self.solver.own.add(number)
            elif value.at and value.at[0] == "text":
                self.solver.constants[number] = self.of(Instance(value.cls))
        elif isinstance(value, Bound) and value.function in self.solver.own:
            self.solver.own.add(number)
        return number

    def unknown(self, reason: str) -> int:
        """Return the object that stands for what is not known for that reason."""
        return self.objects.of(Unknown(reason))

    def class_of(self, value: int) -> int:
        """Return the class an object is an instance of; -1 where that is no question."""
        info = self.info[value]
        if isinstance(info, Instance | Const):
            return info.cls
        if isinstance(info, Running):
            return self.modules.library("typing", RUNNING[info.kind])
        return -1

    def instance(self, cls: int, frame: Frame | None, *place: int | str) -> int:
        """Return the instance that is made at a place, told apart as far as bounds allow."""
        if frame is None:
            return self.of(Instance(cls))
        seen = self.places.setdefault(cls, {})
        at = (frame.index, *place)
        if at not in seen:
            facts = self.classes.get(cls)
            own = facts is not None and not self.units[facts.unit].outside
            if own and len(seen) >= PLACES[self.small]:
                return self.of(Instance(cls))
            seen[at] = None
        return self.of(Instance(cls, at))

    def made_at(self, value: int, frame: Frame, node: int) -> tuple[int, bool]:
        """Return the node of what a place makes of an object, and whether it is asked anew."""
        key = (value, frame.index, node)
        made = self._made.get(key)
        if made is not None:
            return made, False
        self._made[key] = made = self.solver.node()
        return made, True

    def place(self, frame: Frame) -> tuple[int, int]:
        """Return what tells places of one body apart: frames too, in a small program."""
        return (frame.unit, frame.index if self.small else -1)

    def holding(self, value: int) -> int:
        """Return a node that holds one object."""
        node = self._holding.get(value)
        if node is None:
            node = self._holding[value] = self.solver.node()
            self.solver.add(node, value)
        return node

    def bound(self, function: int, receiver: int) -> int:
        """Return a function with its first argument."""
        return self.of(Bound(function, receiver))

    def own(self, cls: int, name: str) -> bool:
        """Whether a repository of the store defines a member that a class has."""
        facts = self.classes.get(cls) if name in self.defined else None
        if facts is None:
            return False
        if name not in facts.found:
            above = (self.classes[number] for number in facts.mro)
            facts.found[name] = next((one for one in above if name in one.own), None)
        owner = facts.found[name]
        return owner is not None and not self.units[owner.unit].outside

    def number(self) -> int:
        """Return a number that no other call of this run has."""
        self._calls += 1
        return self._calls

    def outside_class(self, name: str) -> int:
        """Return the class that stands for one outside everything that can be read."""
        unit = self.modules.nowhere
        number = self.of(Class(unit, self.of(Outside(name)), 0))
        if number not in self.classes:
            facts = ClassFacts(number, unit, 0, name.rpartition(".")[2], set())
            facts.outside[name] = None
            self.classes[number] = facts
        return number

    def awaitable(self, result: int) -> int:
        """Return an object that gives, awaited, what a node holds."""
        cls = self.modules.library("typing", "Coroutine")
        made = self.of(Instance(cls, ("awaited", result)))
        names = self.classes[cls].parameters or ()
        self.solver.copy(result, self.field(made, f"?{names[2] if len(names) > 2 else ''}"))  # noqa: PLR2004 - yields, takes, returns
        return made

    def locals_of(self, frame: Frame) -> dict[str, int]:
        """Return the slots of classes that a function's own body defines, by name."""
        key = (frame.unit, frame.body.index)
        found = self._locals.get(key)
        if found is None:
            bodies = self.units[frame.unit].bodies
            found = self._locals[key] = {
                bodies[step.other].name: step.dst
                for step in frame.body.steps
                if step.op == "class" and frame.body.kind in ("function", "lambda")
            }
        return found

    # --- fields ------------------------------------------------------------------------------
    def field(self, value: int, name: str) -> int:
        """Return the node of what is stored under a name in an object."""
        key = (value, name)
        node = self._fields.get(key)
        if node is None:
            node = self._fields[key] = self.solver.node()
            self._names_of.setdefault(value, []).append(name)
            cls = self.class_of(value)
            if cls >= 0:
                self._by_name.setdefault(name, []).append((value, node))
                for above in self.classes[cls].mro if cls in self.classes else ():
                    if (above, name) in self._all:
                        self.solver.copy(node, self._all[above, name])
            if name[:1] == "?":
                self.solver.copy(node, self.field(value, "$" + name[1:]))
        return node

    def has_field(self, value: int, name: str) -> bool:
        """Whether anything was ever stored, or looked for, under a name."""
        return (value, name) in self._fields

    def view(self, value: int, name: str) -> int:
        """Return the node of what an attribute of an instance can hold, all writers counted."""
        key = (value, name)
        node = self._views.get(key)
        if node is not None:
            return node
        node = self._views[key] = self.solver.node()
        self.solver.copy(self.field(value, name), node)
        info = self.info[value]
        facts = self.classes.get(self.class_of(value))
        if facts is None or self.method_owner(facts, name) is None:  # that is no method
            self._views_of.setdefault(value, []).append(node)
            if (value, "*") in self._fields:
                self.solver.copy(self._fields[value, "*"], node)
        if facts is None:
            return node
        if isinstance(info, Instance) and info.at == ANY:
            self.solver.copy(self._every(info.cls, name), node)
        for above in facts.mro:
            if not self.units[self.classes[above].unit].outside:
                self.solver.copy(self.field(self.of(Instance(above, ANY)), name), node)
        return node

    def method_owner(self, facts: ClassFacts, name: str) -> ClassFacts | None:
        """Return the class that gives a name to a class, if that is a function it defines."""
        for number in facts.mro:
            above = self.classes[number]
            if name in above.own:
                key = (above.unit, above.body)
                if key not in self._functions_of:
                    bodies = self.units[above.unit].bodies
                    self._functions_of[key] = frozenset(
                        b.name for b in bodies if b.parent == above.body and b.kind == "function"
                    )
                return above if name in self._functions_of[key] else None
        return None

    def put_any(self, value: int, node: int) -> None:
        """Let a node flow into whichever attribute of an object that is no method of its class."""
        every = self.field(value, "*")
        self.solver.copy(node, every)
        for view in self._views_of.get(value, ()):
            self.solver.copy(every, view)

    def fields_of(self, value: int) -> list[str]:
        """Name the attributes that were stored in an object, or looked for, so far."""
        return [name for name in self._names_of.get(value, ()) if name.isidentifier()]

    def _every(self, cls: int, name: str) -> int:
        """Return the node of what the attribute of any instance of a class holds."""
        key = (cls, name)
        node = self._all.get(key)
        if node is None:
            node = self._all[key] = self.solver.node()
            for value, field in tuple(self._by_name.get(name, ())):
                facts = self.classes.get(self.class_of(value))
                if facts is not None and cls in facts.mro:
                    self.solver.copy(field, node)
        return node

    # --- elements ----------------------------------------------------------------------------
    def put(self, value: int, key: str, node: int) -> None:
        """Store a node in a container under a constant key, or index as text."""
        field = self.field(value, f"[{key}]")
        self.solver.copy(node, field)
        known = self._elements.setdefault(value, {})
        if key not in known:
            known[key] = field
            for act in tuple(self._element_watches.get(value, ())):
                act(key, field)

    def elements(self, value: int) -> dict[str, int]:
        """Return the constant keys of a container so far."""
        return self._elements.get(value, {})

    def each_element(self, value: int, act: Callable[[str, int], None]) -> None:
        """Call `act(key, node)` for each constant key that a container ever has."""
        self._element_watches.setdefault(value, []).append(act)
        for key, node in tuple(self._elements.get(value, {}).items()):
            act(key, node)

    # --- frames ------------------------------------------------------------------------------
    def frame(self, unit: int, body: Body, parent: Frame | None) -> Frame:
        """Make a frame; nothing runs in it yet."""
        frame = Frame(len(self.frames), unit, body, parent, self.solver.nodes(body.slots + 3))
        frame.result = frame.base + body.slots
        frame.yields, frame.sent = frame.result + 1, frame.result + 2
        self.frames.append(frame)
        return frame

    def later(self, node: int, act: Callable[[], None]) -> None:
        """Do something for a node of a stub once it is asked for."""
        self._late_nodes.setdefault(node, []).append(act)

    def otherwise(self, node: int, act: Callable[[], None]) -> None:
        """Do something once nothing moves if a node holds nothing then."""

        def check() -> None:
            if not self.solver.values[node]:
                act()

        self.late.append(check)

    def is_late(self, node: int) -> bool:
        """Whether something waits for a node to be asked for."""
        return node in self._late_nodes

    def ensure(self, node: int) -> int:
        """Find out what a stub says of a node, if it has not been asked for before."""
        for act in self._late_nodes.pop(node, ()):
            act()
        return node

    def ensure_copied(self, source: int, target: int) -> None:
        """Find out about a node, and let it flow to another."""
        self.solver.copy(self.ensure(source), target)

    def settle(self) -> None:
        """Run every frame that waits, and carry everything on until nothing changes."""
        while True:
            self.solver.drain()
            if self.solver.exhausted:
                return
            if self.pending:
                self.enter(self, self.pending.popleft())
            elif self.late:
                late, self.late = self.late, []
                for act in late:
                    act()
            elif not self.modules.run_pending():
                return

    def site(self, frame: Frame, node: int, name: str = "") -> Site:
        """Return the place that calls, the same for every frame of its body."""
        key = (frame.unit, node, name)
        site = self.sites.get(key)
        if site is None:
            site = self.sites[key] = Site(frame.unit, node, name, frame.body.index)
        return site

    def unit_of(self, value: int) -> Unit:
        """Return the file that a function or class stands in."""
        info = self.info[value]
        return self.units[info.unit if isinstance(info, Function) else self.classes[value].unit]

    def in_store(self, value: int) -> bool:
        """Whether a function or class stands in a repository of the store."""
        return not self.unit_of(value).outside
