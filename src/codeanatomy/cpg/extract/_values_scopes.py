"""Which body owns the variable that a name means, for the steps of `values`.

Read off the walk's occurrences: what each scope binds, what nested bodies read or rebind.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codeanatomy.cpg.extract._walk import Walk

BODIES = frozenset(("module", "class", "function", "lambda"))
_READS = frozenset(("load", "star"))
_DECLARES = frozenset(("global", "nonlocal"))
BUILTIN = -1

Variable = tuple[int, str]  # the scope that owns it, its name


class Scopes:
    """Every scope of one file: the names it binds, and which of them nested bodies share."""

    def __init__(self, walk: Walk) -> None:
        """Read the occurrences of a finished walk."""
        self.kinds = [scope.kind for scope in walk.scopes]
        self.parents = [scope.parent for scope in walk.scopes]
        self.private = [scope.private for scope in walk.scopes]
        self.bound: list[dict[str, None]] = [{} for _ in walk.scopes]
        self.walruses: dict[int, dict[str, None]] = defaultdict(dict)  # those in comprehensions
        self.rebound: set[Variable] = set()  # bound in another body than their owner's
        self.captured: dict[int, set[str]] = defaultdict(set)  # owner -> read in nested bodies
        self.captures: dict[int, list[Variable]] = defaultdict(list)  # definition -> what it reads
        self._globals: dict[int, set[str]] = defaultdict(set)
        self._nonlocals: dict[int, set[str]] = defaultdict(set)
        self.made: set[str] = set()  # module variables that only a `global` statement makes
        self._known: dict[Variable, tuple[int, int | None]] = {}
        self._lines: dict[int, tuple[list[int], list[str]]] = {}
        self._stores: dict[int, list[tuple[int, str]]] = defaultdict(list)
        self.special: set[str] = set()  # names that mean more than a variable of one body
        self._capture(self._bind(walk))

    def resolve(self, scope: int, name: str) -> tuple[int, int | None]:
        """Return the scope that owns `name` as read in `scope` (`BUILTIN`: none in this file).

        With it, the outermost definition between the two; none if one body holds both.
        """
        key = (scope, name)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._resolve(scope, name)
        return found

    def outside_class(self, scope: int, name: str) -> tuple[int, int | None]:
        """Resolve a name that a class body reads before it binds it: a global or builtin."""
        owner = 0 if name in self.bound[0] or name in self.made else BUILTIN
        return owner, self._outermost(scope)

    def assigned(self, scope: int, first: int, last: int) -> set[str]:
        """Return the names that `scope` binds on lines `first` to `last`."""
        if scope not in self._lines:
            pairs = sorted(self._stores[scope])
            self._lines[scope] = [line for line, _ in pairs], [name for _, name in pairs]
        lines, names = self._lines[scope]
        return set(names[bisect_left(lines, first) : bisect_right(lines, last)])

    def _bind(self, walk: Walk) -> dict[Variable, None]:
        """Note what binds; return what is read."""
        reads: dict[Variable, None] = {}
        bound, nodes = self.bound, walk.nodes
        for number, scope, name, _, role, *_rest in walk.occurrences:
            if role in _READS:
                if role == "load":
                    reads[scope, name] = None
                continue
            if role in _DECLARES:
                (self._globals if role == "global" else self._nonlocals)[scope].add(name)
                continue
            node, parent, field = nodes[number][:3]
            owner = scope
            if (
                self.kinds[scope] == "comprehension"
                and field == "target"
                and nodes[parent or 0][0].__class__.__name__ == "NamedExpr"
            ):
                while self.kinds[owner] == "comprehension":
                    owner = self.parents[owner]
                self.walruses[owner][name] = None
            bound[owner][name] = None
            self._stores[owner].append((getattr(node, "lineno", 0), name))
        self.made = {n for s, ns in self._globals.items() for n in ns if n in bound[s]}
        return reads

    def _capture(self, reads: dict[Variable, None]) -> None:
        for declared in (self._globals, self._nonlocals):
            for scope, names in declared.items():
                for name in names:
                    self.special.add(name)
                    if scope and name in self.bound[scope]:
                        self.rebound.add((self.resolve(scope, name)[0], name))
        for scope, name in reads:
            if not scope:
                continue
            found = self.resolve(scope, name)
            self._read(name, *found)
            if found == (scope, None) and self.kinds[scope] == "class":
                self._read(name, *self.outside_class(scope, name))

    def _read(self, name: str, owner: int, definition: int | None) -> None:
        if owner >= 0 and definition is not None:
            self.captured[owner].add(name)
            self.special.add(name)
            self.captures[definition].append((owner, name))

    def _resolve(self, scope: int, name: str) -> tuple[int, int | None]:
        within: int | None = None
        here, seen = scope, True
        while here > 0:
            if seen:
                if name in self._globals.get(here, ()):
                    return 0, self._outermost(scope)
                if name in self.bound[here] and name not in self._nonlocals.get(here, ()):
                    return here, within
            if self.kinds[here] in BODIES:
                within = here
            here = self.parents[here]
            seen = self.kinds[here] != "class"
        if name in self.bound[0] or name in self.made:
            return 0, within
        return BUILTIN, within

    def _outermost(self, scope: int) -> int | None:
        within = None
        while scope > 0:
            if self.kinds[scope] in BODIES:
                within = scope
            scope = self.parents[scope]
        return within
