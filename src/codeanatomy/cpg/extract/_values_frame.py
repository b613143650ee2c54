"""One body while its steps are made: its slots, and which version of each variable holds now.

The versions of now live in one dictionary. Every change leaves the old value on a trail, so that a
branch is taken back by unwinding it, and what a branch changed costs what it changed, no more.
"""

from __future__ import annotations

import builtins
from bisect import bisect_left
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from codeanatomy.cpg.extract._identifiers import mangle
from codeanatomy.cpg.extract._values_scopes import BUILTIN
from codeanatomy.cpg.extract._values_versions import Join, root_of, slot_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from codeanatomy.cpg.extract._values_scopes import Scopes, Variable
    from codeanatomy.cpg.extract._values_versions import Version

# ruff: noqa: ANN401 - the tree's nodes have no common type worth naming

Step = tuple[Any, ...]  # op, dst, src, other, name, args, names, node
Delta = dict["Hashable", Any]
_BUILTINS = frozenset(dir(builtins))
_CHAIN = 4  # that many later versions are copied one by one; more of them are chained
_VOID = -2  # stands for the owner of what nothing binds
EPOCH = ""  # the key that counts what may change attributes and items from elsewhere


class Loop:
    """A loop around the statement of now: what leaves it and what starts its next turn."""

    def __init__(self, mark: int, sequence: int) -> None:
        """Begin a loop at a mark of the trail."""
        self.mark = mark
        self.sequence = sequence
        self.breaks: list[Delta] = []
        self.continues: list[Delta] = []


class Watch(NamedTuple):
    """What a nested definition sees of a variable: a version, and those logged from a place on."""

    version: Version | None
    start: int


class File:
    """What the bodies of one file share."""

    def __init__(
        self,
        scopes: Scopes,
        numbers: dict[int, int],
        expressions: dict[type, Callable[[Frame, Any], int]],
        statements: dict[type, Callable[[Frame, Any], None]],
    ) -> None:
        """Prepare to make the bodies of one file."""
        self.scopes = scopes
        self.numbers = numbers  # id of a node -> its number
        self.expressions = expressions
        self.statements = statements
        self.bodies: dict[int, int] = {}  # number of a definition's node -> its body
        self.opened: dict[int, int] = {}  # number of a node -> the scope it opens
        self.generic: dict[int, int] = {}  # number of a node -> the scope of its type parameters
        self.owners: dict[int, Frame] = {}  # a scope -> the body whose code runs in it
        self.frames: list[Frame] = []
        self.waiting: list[tuple[Any, Frame]] = []  # functions whose body is still to be made


class Frame:
    """The state of one body; see the module."""

    def __init__(
        self, file: File, number: int, scope: int, kind: str, around: Frame | None
    ) -> None:
        """Begin the body of definition `number`, which opens `scope`."""
        self.file = file
        self.body = file.bodies[number]
        self.kind = kind
        self.scope = self.here = scope  # `here`: the comprehension of now, if one is
        self.around = around
        self.private = file.scopes.private[scope]
        self.numbers = file.numbers
        self._special = file.scopes.special
        self.fixed: dict[str, int] = {}  # what a name means that only bodies around bind
        self.expressions = file.expressions
        self.steps: list[Step] = []
        self.slots = 0
        self.vars: dict[Hashable, Any] = {}
        self.trail: list[tuple[Hashable, Any]] = []
        self.caught: list[tuple[Hashable, Version]] | None = None
        self.dead = False
        self.calm = False
        self.loops: list[Loop] = []
        self.constants: dict[Hashable, int] = {}
        self.imported: set[Hashable] = set()  # slots of imported modules and names
        self.binds = False  # whether `bind` steps say what its variables hold
        self.paths = False  # whether an attribute or item was ever followed
        self.compared = -1  # the right side of the last comparison
        self.second_argument = -1  # of the last call
        self.overloads: dict[str, list[int]] = {}
        self.sequence = 0
        self._log: dict[Variable, list[tuple[int, Version]]] = {}
        self._tails: dict[Variable, list[int]] = {}
        self._watches: dict[tuple[int, int, str], Watch] = {}
        self._pending: list[int] = []
        self._unions: dict[tuple[int, ...], int] = {}
        self._outer: dict[Variable, int] = {}
        self._shared: dict[Variable, int] = {}
        self._bindings: dict[str, tuple[Variable, Frame | None, bool]] = {}
        file.owners[scope] = self
        file.frames.append(self)

    # -- slots and steps ----------------------------------------------------------------------

    def new(self) -> int:
        """Return a fresh slot."""
        slot = self.slots
        self.slots = slot + 1
        return slot

    def add(
        self, op: str, dst: int | None = None, src: int | None = None, other: int | None = None,
        name: str | None = None, args: Sequence[int] = (), names: Sequence[str] = (),
        node: Any = None,
    ) -> None:  # fmt: skip
        """Add a step; `node` is what shows it."""
        number = None if node is None else self.numbers[id(node)]
        self.steps.append((op, dst, src, other, name, args, names, number))

    def make(
        self, op: str, src: int | None = None, other: int | None = None, name: str | None = None,
        args: Sequence[int] = (), names: Sequence[str] = (), node: Any = None,
    ) -> int:  # fmt: skip
        """Add a step that makes a value; return its slot."""
        slot = self.slots
        self.slots = slot + 1
        number = None if node is None else self.numbers[id(node)]
        self.steps.append((op, slot, src, other, name, args, names, number))
        return slot

    def value(self, node: Any) -> int:
        """Evaluate an expression; return its slot."""
        return self.expressions[node.__class__](self, node)

    def constant(self, key: Hashable, kind: str, *text: str) -> int:
        """Return the slot of a constant, which `key` stands for."""
        slot = self.constants.get(key)
        if slot is None:
            slot = self.constants[key] = self.make("const", name=kind, names=text)
        return slot

    def none(self) -> int:
        """Return the slot of None."""
        return self.constant((None.__class__, None), "None")

    def mangle(self, name: str) -> str:
        """Rename a private name of a class."""
        return mangle(name, self.private) if self.private and name[:2] == "__" else name

    # -- variables ----------------------------------------------------------------------------

    def read(self, name: str) -> int:
        """Return the slot of what a name, mangled, holds now."""
        version = self.vars.get(name)
        if version is None:
            return self._missing(name)
        return slot_of(version)

    def bind(self, name: str, slot: int) -> None:
        """Bind a name, mangled, where the code of now binds it."""
        if self.here != self.scope and name in self.file.scopes.bound[self.here]:
            captured = name in self.file.scopes.captured.get(self.here, ())
            self.steps.append(("bind", None, slot, self.here, name, (), (), None))
            self._put((self.here, name), slot, captured=captured)
        else:
            self.bind_body(name, slot)

    def bind_body(self, name: str, slot: int) -> None:
        """Bind a name in the body, not in the comprehension of now."""
        if name not in self._special:
            if self.binds:
                self.steps.append(("bind", None, slot, self.scope, name, (), (), None))
            held = self.vars
            self.trail.append((name, held.get(name)))
            held[name] = slot
            if self.caught is not None:
                self.caught.append((name, slot))
            return
        binding = self._bindings.get(name)
        if binding is None:
            binding = self._bindings[name] = self._binding(name)
        variable, owner, captured = binding
        if self.binds and variable[0] > 0:
            self.steps.append(("bind", None, slot, variable[0], name, (), (), None))
        if owner is None:
            self._put(variable, slot, captured=captured)
            return
        shared = owner.shared(variable)
        if owner is self:
            self.add("copy", shared, slot)
        else:
            self.add("outer_store", shared, slot, owner.body, name)
        self.follow((name,), slot)

    def _binding(self, name: str) -> tuple[Variable, Frame | None, bool]:
        """Return the variable that a name binds, its body if it is shared, whether it is seen."""
        scopes = self.file.scopes
        variable = (scopes.resolve(self.scope, name)[0], name)
        owner = self.file.owners[max(variable[0], 0)]
        if variable in scopes.rebound or owner is not self:
            return variable, owner, True
        return variable, None, name in scopes.captured.get(variable[0], ())

    def unbind(self, name: str) -> None:
        """Undo a binding; what other bodies rebind may be bound all the same."""
        self.set(name, None)
        self.set((name,), None)

    def shared(self, variable: Variable) -> int:
        """Return the one slot of a variable that several bodies bind."""
        if variable not in self._shared:
            self._shared[variable] = self.new()
        return self._shared[variable]

    def is_local(self, name: str) -> bool:
        """Whether a name, as read here, is a variable of this body that no other binds."""
        owner, definition = self.file.scopes.resolve(self.here, name)
        return definition is None and owner >= 0 and (owner, name) not in self.file.scopes.rebound

    def is_shared(self, name: str) -> bool:
        """Whether several bodies bind the variable that a name means here."""
        return (self.file.scopes.resolve(self.here, name)[0], name) in self.file.scopes.rebound

    def _put(self, variable: Variable, slot: int, *, captured: bool) -> None:
        name = variable[1]
        held = self.vars
        self.trail.append((name, held.get(name)))
        held[name] = slot
        if self.caught is not None and variable[0] == self.scope:
            self.caught.append((name, slot))
        if captured:
            self._log.setdefault(variable, []).append((self.sequence, slot))
            self.sequence += 1

    def _missing(self, name: str) -> int:
        scopes = self.file.scopes
        owner, definition = scopes.resolve(self.here, name)
        if owner == self.scope and definition is None:
            if (owner, name) in scopes.rebound:
                followed = self._followed(name)
                return self.shared((owner, name)) if followed is None else followed
            if self.kind == "class":
                owner, definition = scopes.outside_class(self.scope, name)
            else:
                return self._builtin(name) if owner == 0 and name in _BUILTINS else self._void()
        if owner == BUILTIN:
            return self._builtin(name)
        if definition is None and self.file.owners.get(owner, self) is self:
            return self._void()
        followed = self._followed(name) if (owner, name) in scopes.rebound else None
        return self._from(owner, definition or 0, name) if followed is None else followed

    def _followed(self, name: str) -> int | None:
        version = self.followed((name,))
        return None if version is None else slot_of(version)

    def _void(self) -> int:
        """Return the slot of a variable that holds nothing."""
        key = (_VOID, "")
        return self._outer[key] if key in self._outer else self._keep(key, self.new())

    def _keep(self, key: Variable, slot: int) -> int:
        self._outer[key] = slot
        if key[0] != _VOID and self.here == self.scope and key not in self.file.scopes.rebound:
            self.fixed[key[1]] = slot
        return slot

    def _builtin(self, name: str) -> int:
        key = (BUILTIN, name)
        if key in self._outer:
            return self._outer[key]
        op = "class_cell" if name == "__class__" and self.kind != "class" else "builtin"
        return self._keep(key, self.make(op, name=name))

    def _from(self, owner: int, definition: int, name: str) -> int:
        """Read a variable of a body around."""
        key = (owner, name)
        if key in self._outer:
            return self._outer[key]
        frame = self.file.owners[owner]
        around: Frame | None = self
        while around is not None and around.kind == "class":
            around = around.around  # a class body runs where it stands
        if key in self.file.scopes.rebound:
            source: int | None = frame.shared(key)
        elif around is frame:
            version = frame.vars.get(name)
            source = None if version is None else slot_of(version)
        else:
            source = frame.seen(definition, key)
        if source is None:
            return self._builtin(name) if owner == 0 else self._void()
        return self._keep(key, self.make("outer", source, frame.body, name))

    # -- what nested definitions see ----------------------------------------------------------

    def escape(self, definition: int) -> None:
        """Note that what opens the scope `definition` may be called from the next call on."""
        if definition in self.file.scopes.captures:
            if self.calm and self.here == self.scope:
                self._pending.append(definition)
            else:
                self._watch(definition)

    def flush(self) -> None:
        """From here on, pending definitions may be called."""
        pending, self._pending = self._pending, []
        for definition in pending:
            self._watch(definition)

    def seen(self, definition: int, variable: Variable) -> int | None:
        """Return the slot of all versions that a nested definition can see; this body is done."""
        watch = self._watches.get((definition, *variable), Watch(None, 0))
        log = self._log.get(variable, [])
        first = bisect_left(log, watch.start, key=itemgetter(0))
        found = [slot_of(watch.version)] if watch.version is not None else []
        if watch.version is None and variable[0] == 0 and variable[1] in _BUILTINS:
            found.append(self._builtin(variable[1]))
        if len(log) - first > _CHAIN:
            found.append(self._tail(variable, first))
        else:
            found.extend(slot_of(version) for _, version in log[first:])
        return self.union(found)

    def union(self, slots: Iterable[int]) -> int | None:
        """Return a slot that holds what any of `slots` holds; none if there are none."""
        found = tuple(dict.fromkeys(slots))
        if len(found) < 2:  # noqa: PLR2004 - one needs no slot of its own
            return found[0] if found else None
        if found not in self._unions:
            self._unions[found] = joined = self.new()
            for slot in found:
                self.add("copy", joined, slot)
        return self._unions[found]

    def _tail(self, variable: Variable, first: int) -> int:
        """Return the slot of all versions logged from `first` on; tails share their ends."""
        log = self._log[variable]
        tails = self._tails.setdefault(variable, [slot_of(log[-1][1])])  # the shortest first
        for at in range(len(log) - 1 - len(tails), first - 1, -1):
            tails.append(self.new())
            self.add("copy", tails[-1], slot_of(log[at][1]))
            self.add("copy", tails[-1], tails[-2])
        return tails[len(log) - 1 - first]

    def _watch(self, definition: int) -> None:
        start = self.loops[0].sequence if self.loops else self.sequence
        for owner, name in self.file.scopes.captures[definition]:
            if self.file.owners.get(owner) is self:
                watch = Watch(self.vars.get(name), start)
                self._watches[definition, owner, name] = watch

    # -- flow ---------------------------------------------------------------------------------

    def set(self, key: Hashable, version: Any) -> None:
        """Set what a key holds from here on; None for nothing."""
        self.trail.append((key, self.vars.get(key)))
        if version is None:
            self.vars.pop(key, None)
        else:
            self.vars[key] = version

    def mark(self) -> int:
        """Return a place to come back to."""
        return len(self.trail)

    def delta(self, mark: int) -> Delta:
        """Return what changed since a mark."""
        now = self.vars.get
        return {key: now(key) for key, _ in self.trail[mark:]}

    def undo(self, mark: int) -> None:
        """Go back to a mark."""
        trail, held = self.trail, self.vars
        while len(trail) > mark:
            key, old = trail.pop()
            if old is None:
                held.pop(key, None)
            else:
                held[key] = old

    def take(self, mark: int) -> Delta | None:
        """End a branch begun at a mark and go back; None if its end is never reached."""
        self.flush()
        changes = None if self.dead else self.delta(mark)
        self.undo(mark)
        self.dead = False
        return changes

    def put(self, changes: Delta) -> None:
        """Make changes again."""
        for key, version in changes.items():
            self.set(key, version)

    def merge(self, branches: Sequence[Delta | None]) -> None:
        """Go on after branches that began here."""
        alive = [branch for branch in branches if branch is not None]
        if not alive:
            self.dead = True
        elif len(alive) == 1:
            self.put(alive[0])
        else:
            whole = len(alive) == len(branches)
            for key in dict.fromkeys(key for branch in alive for key in branch):
                old = self.vars.get(key)
                self._merge(key, old, [branch.get(key, old) for branch in alive], whole=whole)

    def _merge(self, key: Hashable, old: Any, found: list[Any], *, whole: bool) -> None:
        first = found[0]
        if all(version is first or version == first for version in found):
            self.set(key, first)
        elif key == EPOCH or (key.__class__ is tuple and key[0] == "#"):
            self.set(key, self.stamp())
        elif key.__class__ is tuple:
            self.set(key, None)
        elif whole and old is not None and all(root_of(v) is root_of(old) for v in found):
            self.set(key, old)
        else:
            self._join(str(key), found)

    def _join(self, name: str, found: list[Version | None]) -> None:
        bound = [version for version in found if version is not None]
        if len(bound) < len(found):
            if name not in self.file.scopes.bound[self.here] and not self.is_local(name):
                self.set(name, None)
                return
            if self.kind == "class" or (self.kind == "module" and name in _BUILTINS):
                self.set(name, None)
                bound.append(self._missing(name))
        self.set(name, Join(self, bound))

    # -- access paths -------------------------------------------------------------------------

    def stamp(self) -> int:
        """Return a number never given before."""
        self.sequence += 1
        return self.sequence

    def disturb(self) -> None:
        """Note that something ran: it may have changed any attribute, item or shared variable."""
        if self.paths:
            self.set(EPOCH, self.stamp())

    def touch(self, part: str) -> None:
        """Note that an attribute of this name, or (`[]`) some item, was changed."""
        if self.paths:
            self.set(("#", part), self.stamp())

    def follow(self, path: tuple[str, ...], version: Version) -> None:
        """Remember what a path holds until something disturbs it."""
        self.paths = True
        self.set(path, (version, *self._conditions(path)))

    def followed(self, path: tuple[str, ...]) -> Version | None:
        """Return what a path is known to hold."""
        entry = self.vars.get(path)
        if entry is None or entry[1:] != self._conditions(path):
            return None
        found: Version = entry[0]
        return found

    def _conditions(self, path: tuple[str, ...]) -> tuple[Any, ...]:
        now = self.vars.get
        stamps = (now(("#", "[]" if part[0] == "[" else part)) for part in path[1:])
        return (now(EPOCH), now(path[0]), *stamps)
