"""Types as text in normal form: `list[shop.Item]`, `str | None`; equal types are equal texts.

Names are qualified, those of builtins and special forms stand alone; members of a union are in
order of their text, `None` last; `Optional`, `Union`, `Annotated` and wrappers of a declaration
such as `Final` are taken away. A name that nothing gives a meaning is left as it is written.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import classes, types
from codeanatomy.cpg.resolve.objects import (
    Alias,
    Class,
    Const,
    Form,
    Outside,
    Tool,
    TypeVar,
    Unknown,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codeanatomy.cpg.resolve.class_facts import ClassFacts
    from codeanatomy.cpg.resolve.frames import Frame
    from codeanatomy.cpg.resolve.resolver import Resolver

MOST = 4  # classes of what a name holds: more, and their union says little
DEEP = 8  # of types inside types that are followed
_INFERRED = 2  # of elements of elements
_WRAPPERS = frozenset(
    "Annotated ClassVar Final Required NotRequired ReadOnly InitVar TypeAlias".split()
)
_OLD = {name: name.lower() for name in ("List", "Dict", "Set", "Tuple", "Type")} | {
    "FrozenSet": "frozenset", "Deque": "collections.deque",
    "DefaultDict": "collections.defaultdict",
}  # fmt: skip
_ELEMENTS = frozenset("list set frozenset dict tuple deque".split())


class TypeTexts:
    """Writes types of a finished run; each object's once."""

    def __init__(self, r: Resolver) -> None:
        """Start with nothing written."""
        self._r = r
        self._declared: dict[tuple[int, str], str | None] = {}
        self._held: dict[tuple[int, int], str | None] = {}

    def forget(self) -> None:
        """Write anew what annotations mean: more may be known of the names in them."""
        self._declared.clear()

    def declared(self, frame: Frame, text: str) -> str | None:
        """Write an annotation as its names mean in a frame; None if it is no type."""
        key = (frame.index, text)
        if text and key not in self._declared:
            self._declared[key] = _parsed(self._r, frame, text)
        return self._declared.get(key)

    def inferred(self, values: Iterable[int], depth: int = 0) -> str | None:
        """Write the union of what is held; None if not all of it is known, or it is too much."""
        found: set[str] = set()
        for value in values:
            key = (value, depth)
            if key not in self._held:
                self._held[key] = None  # what is inside itself is not written
                self._held[key] = self._written(value, depth)
            text = self._held[key]
            if text is None:
                return None
            found.add(text)
        heads = {text.partition("[")[0] for text in found if not text.endswith("[]")}
        known = {text.removesuffix("[]") for text in found
                 if not text.endswith("[]") or text[:-2] not in heads}  # fmt: skip
        return _join(known) if 0 < len(known) <= MOST + ("None" in known) else None

    def _written(self, value: int, depth: int) -> str | None:
        """Write the type of an object; None if it is not known, `list[]` for an empty list."""
        r = self._r
        if isinstance(r.info[value], Class):
            return f"type[{name_of(r, value)}]"
        cls = r.class_of(value)
        if cls not in r.classes:
            return None
        facts, name = r.classes[cls], name_of(r, cls)
        if depth < _INFERRED and r.units[facts.unit].outside and facts.name in _ELEMENTS:
            parts = self._places(value, depth) if facts.name == "tuple" else []
            if not parts:
                parts = self._elements(value, facts, depth)
                parts += ["..."] if parts and facts.name == "tuple" else []
            empty = not parts and not self._filled(value, facts)
            return f"{name}[{', '.join(parts)}]" if parts or empty else name
        return name

    def _filled(self, value: int, facts: ClassFacts) -> bool:
        """Whether anything is known to be in a container."""
        r = self._r
        names = ["$" + variable for variable in classes.parameters(r, facts)]
        return any(
            r.has_field(value, name) and bool(r.solver.values[r.field(value, name)])
            for name in names
        )

    def _places(self, value: int, depth: int) -> list[str]:
        """Write the types of a tuple's places; nothing where it may have others."""
        r = self._r
        places = r.elements(value)
        other = r.has_field(value, "?_T_co") and r.solver.values[r.field(value, "?_T_co")]
        if other or set(places) != {str(place) for place in range(len(places))}:
            return []
        nodes = (places[str(place)] for place in range(len(places)))
        parts = [self.inferred(r.solver.values[node], depth + 1) for node in nodes]
        known = [part for part in parts if part is not None]
        return known if len(known) == len(parts) else []

    def _elements(self, value: int, facts: ClassFacts, depth: int) -> list[str]:
        """Write the types of what a container holds; nothing where one of them is not known."""
        r = self._r
        parts = []
        for variable in classes.parameters(r, facts):
            held = r.has_field(value, "$" + variable)
            values = r.solver.values[r.field(value, "$" + variable)] if held else ()
            text = self.inferred(values, depth + 1)
            if text is None:
                return []
            parts.append(text)
        return parts


def _parsed(r: Resolver, frame: Frame, text: str) -> str | None:
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found = _join(_members(r, frame, tree, 0))
    return None if found in _WRAPPERS else found


def _members(r: Resolver, frame: Frame, tree: ast.expr, depth: int) -> list[str]:
    """Return the texts of the members of a union; one of anything else."""
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.BitOr) and depth <= DEEP:
        return [*_members(r, frame, tree.left, depth), *_members(r, frame, tree.right, depth)]
    if isinstance(tree, ast.Constant):
        return _constant(r, frame, tree, depth)
    if isinstance(tree, ast.Name | ast.Attribute):
        text = tree.id if isinstance(tree, ast.Name) else ast.unparse(tree)
        found = {_named(r, value, 0) for value in types.evaluate(r, frame, text)
                 if not isinstance(r.info[value], Unknown)}  # fmt: skip
        known = [name for name in found if name is not None]
        last = text.rpartition(".")[2]  # a decorator of many classes may give any of them
        known = [name for name in known if name.rpartition(".")[2] == last] or known
        return known if 0 < len(known) <= MOST else [_OLD.get(last, text)]
    if isinstance(tree, ast.Subscript) and depth <= DEEP:
        return _subscript(r, frame, tree, depth)
    if isinstance(tree, ast.List):
        inner = [_join(_members(r, frame, element, depth + 1)) for element in tree.elts]
        return [f"[{', '.join(inner)}]"]
    return [ast.unparse(tree)]


def _constant(r: Resolver, frame: Frame, tree: ast.Constant, depth: int) -> list[str]:
    if not isinstance(tree.value, str) or depth > DEEP:
        return ["..." if tree.value is ... else str(tree.value)]
    try:
        inner = ast.parse(tree.value.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [repr(tree.value)]
    return _members(r, frame, inner, depth + 1)


def _subscript(r: Resolver, frame: Frame, tree: ast.Subscript, depth: int) -> list[str]:
    head = _join(_members(r, frame, tree.value, depth + 1))
    inner = tree.slice.elts if isinstance(tree.slice, ast.Tuple) else [tree.slice]
    form = head.rpartition(".")[2]
    if form in ("Optional", "Union"):
        found = [text for part in inner for text in _members(r, frame, part, depth + 1)]
        return [*found, *(["None"] if form == "Optional" else [])]
    if form in _WRAPPERS and inner:
        return _members(r, frame, inner[0], depth + 1)
    if form == "Literal":
        return [f"Literal[{', '.join(ast.unparse(part) for part in inner)}]"]
    parts = [_join(_members(r, frame, part, depth + 1)) for part in inner]
    return [f"{head}[{', '.join(parts)}]" if parts else head]


def _join(texts: Iterable[str]) -> str:
    """Write a union: each member once, `None` last."""
    distinct = {part for text in texts for part in (_split(text) if " | " in text else (text,))}
    return " | ".join([*sorted(distinct - {"None"}), *(["None"] if "None" in distinct else [])])


def _split(text: str) -> list[str]:
    """Split a union into its members, not those of its type arguments."""
    found, depth, start = [], 0, 0
    for at, letter in enumerate(text):
        depth += (letter == "[") - (letter == "]")
        if letter == "|" and not depth:
            found.append(text[start:at].strip())
            start = at + 1
    return [*found, text[start:].strip()]


def _named(  # noqa: PLR0911 - one for each kind of object
    r: Resolver, value: int, depth: int
) -> str | None:
    """Write a type that a name means; None for what is none."""
    value = r.modules.class_of_tool(value)
    info = r.info[value]
    if isinstance(info, Class):
        return name_of(r, value)
    if isinstance(info, Const):
        return "None" if info.text == "None" and name_of(r, info.cls) == "None" else None
    if isinstance(info, Form | TypeVar):
        return info.name
    if isinstance(info, Outside):
        return info.name.removeprefix("builtins.")
    if isinstance(info, Tool) and info.number < 0:
        named = r.info[~info.number]
        return named.name.removeprefix("builtins.") if isinstance(named, Outside) else None
    if isinstance(info, Alias) and depth < DEEP:
        return _alias(r, info, depth)
    return None


def _alias(r: Resolver, info: Alias, depth: int) -> str | None:
    head = _named(r, info.of, depth + 1)
    if head == "Literal":
        held = sorted(v for node in info.arguments for v in r.solver.values[node])
        return f"Literal[{', '.join(_literal(r, value) for value in held)}]"
    parts = []
    for node in info.arguments:
        inner = {_argument(r, value, depth + 1) for value in r.solver.values[node]}
        known = [text for text in inner if text is not None]
        if not known or len(known) < len(inner):
            return None if head in ("Optional", "Union") else head
        parts.append(_join(known))
    if head in ("Optional", "Union"):
        return _join([*parts, *(["None"] if head == "Optional" else [])])
    if head in _WRAPPERS:
        return parts[0] if parts else head
    if head == "[]":
        return f"[{', '.join(parts)}]"
    return f"{head}[{', '.join(parts)}]" if head and parts else head


def _argument(r: Resolver, value: int, depth: int) -> str | None:
    """Write a type argument; a text stands for the type that it names."""
    info = r.info[value]
    if isinstance(info, Const) and info.text != "None":
        return info.text
    return _named(r, value, depth)


def _literal(r: Resolver, value: int) -> str:
    info = r.info[value]
    if not isinstance(info, Const):
        return "..."
    return repr(info.text) if name_of(r, info.cls) == "str" else info.text


def name_of(r: Resolver, cls: int) -> str:
    """Return the qualified name of a class; that of a builtin stands alone."""
    facts = r.classes[cls]
    unit = r.units[facts.unit]
    if facts.unit == r.modules.nowhere:
        info = r.info[cls]
        named = r.info[info.body] if isinstance(info, Class) else None
        made = isinstance(named, Outside) and " " not in named.name
        return named.name if made and isinstance(named, Outside) else facts.name
    name = unit.bodies[facts.body].qualname
    if unit.outside and unit.module in ("builtins", "types"):
        name = name.removeprefix("builtins.")
        return "None" if name == "types.NoneType" else name
    return name
