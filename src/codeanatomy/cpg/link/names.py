"""What a name of a module means: its binding, followed through imports, stars and submodules."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codeanatomy.cpg.link.facts import Facts
    from codeanatomy.cpg.link.index import Binding, Import, Index
    from codeanatomy.cpg.link.listed import Listing
    from codeanatomy.cpg.link.search import Unit
    from codeanatomy.cpg.link.stars import Stars
    from codeanatomy.cpg.link.statements import Statements

    _Asked = tuple[Unit, str]

# The import system and the interpreter give these to every module.
INTERPRETER = frozenset(
    "__name__ __doc__ __file__ __loader__ __package__ __spec__ __path__ __cached__ __builtins__ "
    "__dict__ __annotations__".split()
)


class Meaning(NamedTuple):
    """What a name means: exactly one of a binding, a module, something outside, or a reason.

    `via` is the last binding of the store on the way there.
    """

    method: str
    qualified: str = ""
    binding: Binding | None = None
    unit: Unit | None = None
    outside: str = ""  # external module or external symbol
    reason: str = ""
    via: Binding | None = None


class Names:
    """Follows names through the modules of a store."""

    def __init__(
        self,
        index: Index,
        statements: Statements,
        listings: Mapping[int, Listing],
        stars: Stars,
        facts: Facts,
    ) -> None:
        self._index = index
        self._statements = statements
        self._listings = listings
        self._stars = stars
        self._unparsed = facts.unparsed
        self._makers = facts.makers
        self._known: dict[_Asked, Meaning] = {}

    def imported(self, row: Import) -> Meaning:
        """Say what one name of an import statement means; for a star, the module."""
        named = self._statements.named(row)
        if named.reason and (named.near is None or row.name is not None):
            return Meaning("import", named.dotted, reason=named.reason)
        if row.name is None:
            return self._module(row)
        if named.unit is None:
            return Meaning("external", f"{named.dotted}.{row.name}", outside="external symbol")
        if row.scope == 0 and row.file_no in named.unit.files:
            own = self._own(row, named.unit)
            if own is not None:
                return own
        return self.of(named.unit, row.name)

    def bound(self, row: Import) -> Meaning:
        """Say what the name means that an import binds: for `import a.b`, a, with or without b."""
        return self._module(row) if row.name is None else self.imported(row)

    def of(self, unit: Unit, name: str) -> Meaning:
        """Say what a name of a module means, as its attribute first, then as its submodule."""
        key = (unit, name)
        if key not in self._known:
            self._follow(unit, name)
        return self._known[key]

    def binding(self, binding: Binding) -> Meaning:
        """Say what a binding means: for an import what it imports, for any other itself."""
        row = self._index.imports.get(binding.nid)
        if row is not None:
            return self.bound(row)
        file = self._index.files[binding.file_no]
        return Meaning("local", f"{file.module}.{binding.name}", binding=binding)

    def listed(self, file_no: int, name: str) -> Meaning:
        """Say what a name means that a module lists in `__all__` and does not bind itself."""
        return self.of(self._statements.own(file_no), name)

    def _module(self, row: Import) -> Meaning:
        """Say what `import m`, `import m as x` and `from m import *` bind or take from."""
        whole = row.asname is not None or row.star
        dotted = row.module if whole else row.module.partition(".")[0]
        named = (
            self._statements.named(row)
            if whole
            else self._statements.module(row.file_no, dotted, row.level)
        )
        method = "star_import" if row.star else "import"
        if named.reason:
            return Meaning(method, named.dotted, reason=named.reason)
        if named.unit is not None:
            return Meaning(method, named.dotted, unit=named.unit)
        return Meaning("external", named.dotted, outside="external module")

    def _own(self, row: Import, unit: Unit) -> Meaning | None:
        """Look past what a package binds by this very statement, or later: `from . import x`."""
        bound = self._index.bound(row.file_no, row.name or "")
        if bound is None:
            return None
        below = self._statements.submodule(unit, bound.name)
        if row.binds != row.name:
            giver = self._index.imports.get(bound.nid)
            if giver is None or giver.bstart < row.bstart or below is None:
                return None
        if below is not None:
            return Meaning("submodule", below.name, unit=below)
        return Meaning("import", reason="cycle") if bound.nid == row.nid else None

    def _follow(self, unit: Unit, name: str) -> None:
        """Walk from module to module until something is no import; note what each step means."""
        way: dict[_Asked, tuple[str, Binding | None]] = {}  # how each step was left, and from what
        asked: _Asked | Meaning = (unit, name)
        while not isinstance(asked, Meaning):
            if asked in self._known:
                asked = self._known[asked]
            elif asked in way:
                asked = self._out_of_circle(way)
            else:
                bound = self._bound(*asked)
                star = None if bound else self._star(*asked)
                way[asked] = ("star_import" if star else "reexport" if bound else "", bound)
                asked = (star, asked[1]) if star else self._step(asked, bound)
        for step, (how, bound) in reversed(way.items()):
            asked = asked._replace(method=_method(asked, how), via=asked.via or bound)
            self._known[step] = asked

    def _step(self, asked: _Asked, bound: Binding | None) -> _Asked | Meaning:
        """Go one step: to what an import takes, or to the end."""
        if bound is None:
            return self._below(*asked)
        row = self._index.imports.get(bound.nid)
        if row is None:
            return self.binding(bound)
        named = self._statements.named(row)
        if row.name is None or named.unit is None:
            return self.bound(row)
        return (named.unit, row.name)

    def _bound(self, unit: Unit, name: str) -> Binding | None:
        """Return what the source binds, else what its stub does."""
        for file_no in unit.files:
            bound = self._index.bound(file_no, name)
            if bound is not None:
                return bound
        return None

    def _star(self, unit: Unit, name: str) -> Unit | None:
        for file_no in unit.files:
            source = self._stars.given.get(file_no, {}).get(name)
            if source is not None:
                return source
        return None

    def _below(self, unit: Unit, name: str) -> Meaning:
        below = self._statements.submodule(unit, name)
        if below is not None:
            return Meaning("submodule", below.name, unit=below)
        dotted = f"{unit.name}.{name}"
        if any(self._statements.may_be_outside(repo, unit, dotted) for repo, _ in unit.paths[:1]):
            return Meaning("external", dotted, outside="external symbol")
        return Meaning("import", dotted, reason=self._reason(unit, name))

    def _out_of_circle(self, way: Iterable[_Asked]) -> Meaning:
        """Take the last module on the way that the name is a submodule of, as a run would."""
        for unit, name in reversed(list(way)):
            below = self._statements.submodule(unit, name)
            if below is not None:
                return Meaning("submodule", below.name, unit=below)
        return Meaning("import", reason="cycle")

    def _reason(self, unit: Unit, name: str) -> str:
        """Say why a module of the store does not show what a name of it means."""
        listings = [self._listings[f] for f in unit.files if f in self._listings]
        if name in INTERPRETER:
            return "interpreter"
        if any(f in self._unparsed for f in unit.files):
            return "unparsed"
        if self._bound(unit, "__getattr__"):
            return "dynamic"
        if any(f in self._stars.open for f in unit.files):
            return "star_import"
        made = any(listing.unknown for listing in listings) or self._makers.intersection(unit.files)
        return "dynamic" if made else "no_name"


def _method(meaning: Meaning, how: str) -> str:
    """Say how a name is decided that is left in a way towards a meaning."""
    if meaning.outside or not how:
        return meaning.method
    if meaning.method == "local":
        return "import"
    return "star_import" if "star_import" in (how, meaning.method) else "reexport"
