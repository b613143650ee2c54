"""Texts that a program puts together: known ones are computed, others keep what ends they have.

A text of which only the ends are known is an instance of `str` made `at` ("text", prefix, suffix);
it names every attribute that begins and ends like it.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve.objects import Const, Instance

if TYPE_CHECKING:
    from codeanatomy.cpg.resolve.resolver import Resolver

LONGEST = 60  # of a text that is computed
MOST = 64  # texts that one place computes
_PURE = frozenset(
    "capitalize casefold center expandtabs format join ljust lower lstrip removeprefix "
    "removesuffix replace rjust rstrip strip swapcase title upper zfill".split()
)


Piece = tuple[str, str | None]  # prefix and suffix; a suffix of None: the prefix is all of it


def piece(r: Resolver, value: int) -> Piece | None:
    """Return what is known of an object written out as text; None where it is no text."""
    info = r.info[value]
    if isinstance(info, Const):
        return info.text, None
    if isinstance(info, Instance) and r.classes[info.cls].name == "str":
        if info.at and info.at[0] == "text":
            return str(info.at[1]), str(info.at[2])
        return "", ""
    return None


def is_text(r: Resolver, value: int) -> bool:
    """Whether an object is a `str`."""
    cls = r.class_of(value)
    return cls >= 0 and cls == r.modules.library("builtins", "str")


def partial(r: Resolver, value: int) -> tuple[str, str] | None:
    """Return the ends of a text that is not known whole, if any is."""
    info = r.info[value]
    if isinstance(info, Instance) and info.at and info.at[0] == "text":
        return str(info.at[1]), str(info.at[2])
    return None


def of(r: Resolver, found: Piece) -> int:
    """Return the object of a text."""
    prefix, suffix = found
    if suffix is None and len(prefix) <= LONGEST:
        return r.modules.text(prefix)
    suffix = prefix if suffix is None else suffix
    prefix, suffix = prefix[:LONGEST], suffix[-LONGEST:]
    if not prefix and not suffix:
        return r.modules.instance("str")
    return r.of(Instance(r.modules.library("builtins", "str"), ("text", prefix, suffix)))


def concat(left: Piece, right: Piece) -> Piece:
    """Put two texts together."""
    if left[1] is None and right[1] is None:
        return left[0] + right[0], None
    prefix = left[0] + right[0] if left[1] is None else left[0]
    suffix = left[1] + right[0] if right[1] is None and left[1] is not None else (right[1] or "")
    return prefix, suffix


def joined(r: Resolver, parts: tuple[int, ...], dst: int) -> None:
    """Let the texts made of parts, each a node, flow to a node."""
    for part in parts:
        r.solver.when(part, _again, r, parts, dst)
        r.otherwise(part, lambda: r.solver.add(dst, r.modules.instance("str")))


def _again(_: int, r: Resolver, parts: tuple[int, ...], dst: int) -> None:
    held = [sorted(r.solver.values[part]) for part in parts]
    count = 1
    for one in held:
        count *= len(one)
    if not count or r.modules.instance("str") in r.solver.values[dst]:
        return
    if count > MOST or len(r.solver.values[dst]) > MOST:
        ends = [piece(r, one[0]) if len(one) == 1 else None for one in held]
        r.solver.add(dst, of(r, _whole([end or ("", "") for end in ends])))
        return
    for chosen in product(*held):
        r.solver.add(dst, of(r, _whole([piece(r, value) or ("", "") for value in chosen])))


def _whole(pieces: list[Piece]) -> Piece:
    whole: Piece = ("", None)
    for one in pieces:
        whole = concat(whole, one)
    return whole


def method(r: Resolver, value: int, name: str, arguments: tuple[tuple[str, int], ...],
           dst: int) -> bool:  # fmt: skip
    """Compute a method of a known text where its arguments are known; say whether it was."""
    info = r.info[value]
    if not isinstance(info, Const) or name not in _PURE or dst < 0:
        return False
    if any(how[:1] == "*" for how, _ in arguments) or name == "join":
        return False
    places: list[object] = []
    named: dict[str, object] = {}
    for how, node in arguments:
        held = r.solver.values[node]
        given = r.info[next(iter(held))] if len(held) == 1 else None
        if not isinstance(given, Const):
            if name != "format":
                return False
            given = Const(0, _HOLE)
        known = int(given.text) if _is_number(r, given) else given.text
        if how:
            named[how] = known
        else:
            places.append(known)
    return _computed(r, info.text, name, (places, named), dst)


_HOLE = "\0"


def _is_number(r: Resolver, info: Const) -> bool:
    return info.cls in r.classes and r.classes[info.cls].name == "int"


def _computed(
    r: Resolver, text: str, name: str, given: tuple[list[object], dict[str, object]], dst: int
) -> bool:
    try:
        made = getattr(text, name)(*given[0], **given[1])
    except (TypeError, ValueError, LookupError, AttributeError):
        return False
    if len(r.solver.values[dst]) > MOST or not isinstance(made, str):
        return False
    if _HOLE in made:
        first, *_, last = made.split(_HOLE)
        r.solver.add(dst, of(r, (first, last)))
    else:
        r.solver.add(dst, of(r, (made, None)))
    return True


def percent(r: Resolver, value: int, other: int, dst: int) -> bool:
    """Apply `%` to a known text; say whether it was computed."""
    info = r.info[value]
    if not isinstance(info, Const):
        return False
    parts = info.text.split("%s")
    if "%" in "".join(parts) or len(parts) != 2:  # noqa: PLR2004 - one hole
        first, last = info.text.partition("%")[0], ""
        r.solver.add(dst, of(r, (first, last)))
        return True
    middle = r.solver.node()
    r.solver.when(other, _inside, r, middle)
    holding = [r.holding(r.modules.text(part)) for part in parts]
    joined(r, (holding[0], middle, holding[1]), dst)
    return True


def _inside(value: int, r: Resolver, dst: int) -> None:
    known = r.elements(value)
    if known:
        for node in known.values():
            r.solver.copy(node, dst)
    else:
        r.solver.add(dst, value)


def fits(name: str, ends: tuple[str, str]) -> bool:
    """Whether a name can be a text of which the ends are known."""
    prefix, suffix = ends
    long = len(name) >= max(len(prefix), len(suffix))
    return long and name.startswith(prefix) and name.endswith(suffix)
