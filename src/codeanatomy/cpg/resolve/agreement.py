"""Agreement: which targets of calls witnesses name too, and those that only they name.

A witness agrees with a target of ours if it names the same definition; the class, where we name the
method that constructing it runs; a method that ours overrides, if it says that one may run instead;
and outside the store the same last name, since one thing has several there. What else it names is
a target of its own, in one ambiguity group with ours. Calls that are not written are compared only
where we have a target.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.cpg.resolve.rows import Edge, Site

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codeanatomy.cpg.resolve.rows import Rows

    Place = tuple[int, int, int]
    Said = Mapping[str, Any]  # a row of `link.testimony.TARGETS`

TOLD = ("external_value", "attribute_unknown", "parameter")
"""Reasons that say no more of a call where we know no target and a witness does."""
STATUSES = ("agree", "differ", "ours_only", "witness_only")
_MAKING = ("constructor", "metaclass", "dataclass")
_MAKERS = ("__init__", "__new__", "__post_init__", "__call__")


class Agreement:
    """Compares what witnesses say with the edges found so far, and adds what they say more."""

    def __init__(
        self, rows: Rows, definitions: Mapping[Place, int], calls: Mapping[Place, int],
        callers: Mapping[int, int], modules: Iterable[str],
    ) -> None:  # fmt: skip
        """Take definitions and written calls by the place of their names, and who calls."""
        self._rows, self._definitions, self._calls = rows, definitions, calls
        self._callers = callers
        self._tops = {name.partition(".")[0] for name in modules}
        self._ours: dict[tuple[bool, Place], list[Edge]] = {}
        self._made: dict[object, set[object]] = {}
        self._above: dict[object, object] = {e.src: e.dst for e in rows.of("OVERRIDES")}
        self._reasons = {e.src: e for e in rows.of("UNRESOLVED")}
        for edge in rows.of("CALL_TARGET"):
            place = (edge.file_no, edge.bstart, edge.bend)
            self._ours.setdefault((isinstance(edge.src, int), place), []).append(edge)
        for edge in rows.of("INSTANCE_OF"):
            if edge.method == "constructor":
                self._made.setdefault(edge.src, set()).add(edge.dst)
        self._agreed: dict[Edge, set[str]] = {}
        self._more: dict[tuple[int | Site, Place], dict[int | str, set[str]]] = {}

    def hear(self, testimony: Iterable[Said]) -> dict[str, dict[str, int]]:
        """Change the edges by what witnesses say; return how many calls agree, by witness."""
        said: dict[tuple[str, bool, Place], list[Said]] = {}
        for row in testimony:
            place = (row["file_no"], row["bstart"], row["bend"])
            said.setdefault((row["witness"], row["kind"] == "call", place), []).append(row)
        counts: dict[str, dict[str, int]] = {}
        for (witness, written, place), rows in said.items():
            status = self._compare(witness, place, rows, written=written)
            if status:
                by_status = counts.setdefault(witness, dict.fromkeys(STATUSES, 0))
                by_status[status] += 1
        for witness, by_status in counts.items():
            heard = {place for name, written, place in said if name == witness and written}
            files = {file_no for file_no, _, _ in heard}
            by_status["ours_only"] = sum(
                written and place[0] in files and place not in heard
                for written, place in self._ours
            )
        self._write()
        return counts

    def _compare(self, witness: str, place: Place, rows: list[Said], *, written: bool) -> str:
        """Compare what one witness says of one call; empty if there is nothing to say."""
        ours = self._ours.get((written, place), [])
        site = ours[0].src if ours else self._calls.get(place) if written else None
        if site is None:
            return ""
        ends = [(row, self._end(row)) for row in rows]
        more: list[int | str] = []
        agreed = 0
        for row, end in ends:
            same = [edge for edge in ours if self._same(edge, row, end)]
            agreed += bool(same)
            for edge in same:
                self._agreed.setdefault(edge, set()).add(witness)
            if not same and end is not None:
                more.append(end)
        for end in more:
            self._more.setdefault((site, place), {}).setdefault(end, set()).add(witness)
        if more:
            return "differ" if ours else "witness_only"
        return "agree" if agreed else ""

    def _end(self, row: Said) -> int | str | None:
        """Return the node or outside name of what a witness names; None where there is none."""
        if row["target_file"] is not None:
            place = (row["target_file"], row["target_bstart"], row["target_bend"])
            return self._definitions.get(place)
        name: str = row["target"]
        return None if name.partition(".")[0] in self._tops else name

    def _same(self, edge: Edge, row: Said, end: int | str | None) -> bool:
        last = row["target"].rpartition(".")[2]
        if end is not None and (edge.dst == end or end in self._over(row, edge)):
            return True
        if edge.method in _MAKING and last in _MAKERS and not isinstance(end, int):
            return True  # what constructing inherits from outside the store, or a decorator made
        if edge.method in _MAKING and row["target_kind"] == "class":
            return end in self._made.get(edge.src, ())
        if isinstance(edge.dst, str) and isinstance(end, str):
            own = edge.dst.rsplit(".", 2)
            return last in (own[-1], *(_MAKERS if edge.dst in self._made.get(edge.src, ()) else ()))
        return False

    def _over(self, row: Said, edge: Edge) -> Iterable[object]:
        """Yield the methods above a target of ours, if the witness says it may be one below."""
        seen: set[object] = set()
        here: object = edge.dst if row["overridden"] else None
        while here in self._above and here not in seen:
            seen.add(here)
            here = self._above[here]
            yield here

    def _write(self) -> None:
        for edge, witnesses in self._agreed.items():
            sources = ",".join((edge.sources, *sorted(witnesses)))
            self._rows.replace(edge, edge._replace(sources=sources))
        for (site, place), ends in self._more.items():
            ours = [e for e in self._ours.get((isinstance(site, int), place), ()) if e.src == site]
            group = site if len(ours) + len(ends) > 1 else None
            for edge in ours if group is not None else ():
                now = self._rows.now(edge)
                self._rows.replace(now, now._replace(group=group))
            for end, witnesses in ends.items():
                names = sorted(witnesses)
                self._rows.add(Edge("CALL_TARGET", site, end, *place, names[0],
                                    sources=",".join(names), group=group))  # fmt: skip
                self._call(site, end, place)
            reason = self._reasons.get(site)
            if not ours and reason is not None and reason.reason in TOLD:
                self._rows.remove(reason)

    def _call(self, site: int | Site, end: int | str, place: Place) -> None:
        """Count one more call of what only a witness names."""
        caller = self._callers.get(site.number if isinstance(site, Site) else site)
        if caller is None:
            return  # code that never runs
        calls = self._rows.calls(caller, end)
        if calls is None:
            self._rows.add(Edge("CALLS", caller, end, *place, "calls", times=1))
            return
        first = min((calls.bstart, calls.bend), place[1:])
        self._rows.remove(calls)
        self._rows.add(calls._replace(times=(calls.times or 0) + 1, bstart=first[0], bend=first[1]))
