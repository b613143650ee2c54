"""Which nodes a question is about, of all that a name or a place may mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.graph.formats import aligned
from codeanatomy.cpg.graph.node import Node, find, listed
from codeanatomy.kernel.errors import AnatomyError, SpecError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codeanatomy.cpg.graph.snapshot import Snapshot

    Nodes = tuple[Node, ...]

CHOICES = 20  # matches that are listed
DIGITS = 12  # of a node_id, enough to tell matches apart


class AmbiguousNameError(AnatomyError):
    """A name means several definitions, and the question is about one; the message lists them."""

    code = "ambiguous-name"
    exit_status = 2


def targets(
    snapshot: Snapshot,
    matches: Callable[[str], list[Node]],
    given: object,
    about: Sequence[str],
) -> Nodes:
    """Return the nodes of the one thing that `given` means: a node, a nid, or what `show` takes.

    Nodes of one qualified name in one repository are one thing: overloads, a property and its
    setter, a function that is defined in both branches of an `if`. Raises `SpecError` for what the
    question is not about, `AmbiguousNameError` for several things, and what `matches` raises.
    """
    found = _found(snapshot, matches, given)
    fitting = [node for node in found if not about or node.kind in about]
    if not fitting and isinstance(given, str):
        fitting = _last_parts(snapshot, given, about)
    if not fitting:
        kinds = sorted({node.kind for node in found})
        raise SpecError(
            f"{given!r} is a {' or a '.join(kinds)}; this question is about: {', '.join(about)}",
            kinds=kinds,
            about=tuple(about),
        )
    things = {(node.repo, node.qualified_name or node.node_id) for node in fitting}
    if len(things) > 1:
        raise _ambiguous(str(given), fitting)
    return tuple(fitting)


def _found(
    snapshot: Snapshot, matches: Callable[[str], list[Node]], given: object
) -> Sequence[Node]:
    if isinstance(given, Node):
        return [given]
    if isinstance(given, str):
        return matches(given)
    if not isinstance(given, int) or isinstance(given, bool):
        raise SpecError(f"{given!r} is no node, nid, name or FILE:LINE", value=repr(given))
    if found := find(snapshot, nid=given):
        return found
    raise UnknownNameError(f"no node {given} in this version", name=given)


def _last_parts(snapshot: Snapshot, text: str, about: Sequence[str]) -> list[Node]:
    """List what the question is about and goes by a name that something else goes by, too."""
    kinds = ", ".join(f"'{kind}'" for kind in about)
    return listed(
        snapshot,
        "select * from nodes where (name = $text or ends_with(qualified_name, $tail)) "  # noqa: S608 - our own words
        f"and kind in ({kinds}) order by path, bstart, nid",
        text=text,
        tail=f".{text}",
    )


def _ambiguous(text: str, found: list[Node]) -> AmbiguousNameError:
    cells = [(n.kind, n.qualified_name or n.name or "", n.place, n.node_id[:DIGITS]) for n in found]
    lines = [f"  {line}" for line in aligned(cells[:CHOICES])]
    if len(found) > CHOICES:
        lines.append(f"  ... {len(found) - CHOICES:,} more")
    head = f"{text!r} means {len(found):,} definitions; name one by its id or FILE:LINE:"
    names = tuple(dict.fromkeys(n.qualified_name or n.node_id for n in found))
    return AmbiguousNameError("\n".join([head, *lines]), text=text, candidates=names)
