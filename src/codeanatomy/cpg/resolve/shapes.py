"""How a call is written: what of its target the way it is written already says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import classes
from codeanatomy.cpg.resolve.objects import Class, Form, Function, Module, Package, Tool
from codeanatomy.cpg.resolve.program import POSITIONAL

if TYPE_CHECKING:
    from codeanatomy.cpg.resolve.frames import Site
    from codeanatomy.cpg.resolve.program import Body, Step
    from codeanatomy.cpg.resolve.resolver import Resolver


_NAMED = ("outer", "function", "class", "builtin", "import", "copy", "decorate")


class Shapes:
    """Names the method by which a target was found, from the steps around its call."""

    def __init__(self, r: Resolver) -> None:
        self._r = r
        self._makers: dict[tuple[int, int], dict[int, Step]] = {}
        self._calls: dict[tuple[int, int], dict[int, Step]] = {}
        self._bases: dict[tuple[int, int], list[int]] = {}
        for frame in r.frames:
            self._bases.setdefault((frame.unit, frame.body.index), []).append(frame.base)
        self._stored: set[str] | None = None
        self._classes = {(c.unit, c.body): n for n, c in r.classes.items()}

    def method(self, site: Site, value: int | str, callee: object, label: str) -> str:
        """Name the method of a target that nothing about the call itself has named."""
        if isinstance(callee, str):
            return "builtin" if callee.startswith("builtins.") else "external"
        call = self._call(site)
        if call is None or isinstance(value, str):
            return label or "type flow"
        maker = self._maker(site, call.src)
        named = "" if maker is None else self._of_maker(site, maker, value)
        return named or label or "type flow"

    def _of_maker(self, site: Site, maker: Step, value: int) -> str:
        """Name the method by what makes the value that is called; empty if that says nothing."""
        if maker.op == "attr":
            return self._of_attribute(site, maker, value)
        if maker.op == "call":
            return "getattr" if self._is_builtin(site, maker.src, "getattr") else ""
        return self._of_name(site, maker, value) if maker.op in _NAMED else ""

    def lacks(self, site: Site) -> bool:
        """Whether a call is of an attribute that nothing gives its receivers, all of them known."""
        call = self._call(site)
        maker = self._maker(site, call.src) if call is not None else None
        if maker is None or maker.op != "attr" or maker.name in self._attributes():
            return False
        held = self._held(site, maker.src)
        return bool(held) and all(self._lacks(value, maker.name) for value in held)

    def made_outside(self, site: Site) -> bool:
        """Whether what is called is an object of the language or library that has no name."""
        return any(isinstance(self._r.info[value], Tool | Form) for value in site.receivers)

    def _lacks(self, value: int, name: str) -> bool:
        r, info = self._r, self._r.info[value]
        facts = r.classes.get(value if isinstance(info, Class) else r.class_of(value))
        if facts is None:
            return isinstance(info, Module) and name not in r.units[info.unit].bodies[0].offered
        return classes.owner_of(r, facts, name) is None

    def _attributes(self) -> set[str]:
        """Name every attribute that a statement of the store sets."""
        if self._stored is None:
            bodies = [b for unit in self._r.units if not unit.outside for b in unit.bodies]
            self._stored = {s.name for b in bodies for s in b.steps if s.op == "setattr"}
        return self._stored

    def _held(self, site: Site, slot: int) -> set[int]:
        bases = self._bases.get((site.unit, site.body), ())
        return {value for base in bases for value in self._r.solver.values[base + slot]}

    def _of_name(self, site: Site, maker: Step, value: int) -> str:
        r = self._r
        info = r.info[value]
        if not isinstance(info, Function | Class):
            return ""
        body = r.units[info.unit].bodies[info.body]
        if maker.op in ("function", "class"):
            return "direct" if maker.other == body.index and info.unit == site.unit else ""
        if maker.op == "import":
            return "import"
        if info.unit == site.unit:
            return "direct" if maker.name in ("", body.name) and body.parent >= 0 else ""
        return "import"

    def _of_attribute(self, site: Site, maker: Step, value: int) -> str:
        r = self._r
        receiver = self._maker(site, maker.src)
        body = r.units[site.unit].bodies[site.body]
        if receiver is not None and receiver.op == "param" and _is_self(body, receiver):
            return self._own_or_below(site, body, value)
        if receiver is not None and self._is_super(site, receiver):
            return "super"
        if receiver is not None and receiver.op in ("import", "outer", "builtin", "attr"):
            held = self._held(site, maker.src)
            if held and all(isinstance(r.info[v], Module | Package) for v in held):
                return "attribute"
        return ""

    def _own_or_below(self, site: Site, body: Body, value: int) -> str:
        r = self._r
        owner = r.owners.get(value, -1)
        cls = self._classes.get((site.unit, body.cls), -1)
        if owner < 0:
            return "type flow"
        if cls < 0 or owner in r.classes[cls].mro:
            return "self"
        return "override"

    def _is_super(self, site: Site, receiver: Step) -> bool:
        return receiver.op == "call" and self._is_builtin(site, receiver.src, "super")

    def _is_builtin(self, site: Site, slot: int, name: str) -> bool:
        maker = self._maker(site, slot)
        return maker is not None and maker.op == "builtin" and maker.name == name

    def _call(self, site: Site) -> Step | None:
        key = (site.unit, site.body)
        found = self._calls.get(key)
        if found is None:
            steps = self._r.units[site.unit].bodies[site.body].steps
            found = self._calls[key] = {s.node: s for s in steps if s.op == "call"}
        return found.get(site.node)

    def _maker(self, site: Site, slot: int) -> Step | None:
        key = (site.unit, site.body)
        found = self._makers.get(key)
        if found is None:
            steps = self._r.units[site.unit].bodies[site.body].steps
            found = self._makers[key] = {}
            for one in steps:
                if one.dst >= 0 and one.op not in ("outer_store", "yield"):
                    found.setdefault(one.dst, one)
        step: Step | None = found.get(slot)
        for _ in range(8):
            if step is None or step.op not in ("narrow", "copy", "decorate"):
                break
            step = found.get(step.src)
        return step


def _is_self(body: Body, receiver: Step) -> bool:
    first = next((p for p in body.parameters if p.kind in POSITIONAL), None)
    return first is not None and first.slot == receiver.dst and body.cls >= 0
