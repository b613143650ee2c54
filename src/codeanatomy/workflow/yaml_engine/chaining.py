"""The next node of the list: where a node goes that says nothing, and which branch it ends.

Inside a branch the list is followed up to the next branch of the same fan-out, never into it: from
there the branch goes to its fan-in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.names import END

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence


class Chain:
    """The nodes of a file in their order, with what each of them says about its way on.

    `told` holds where nodes may go by what they say; `silent` those that go on in the list where
    nothing they say applies; `fans` the fan-in of every node that begins branches; `heads` that of
    every first node of a branch.
    """

    def __init__(
        self,
        nodes: Sequence[Mapping[str, Any]],
        told: Mapping[str, Sequence[str]],
        fans: Mapping[str, str],
        heads: Mapping[str, str],
        silent: Collection[str],
    ) -> None:
        names = [str(node["name"]) for node in nodes]
        self._after = dict(zip(names, [*names[1:], END], strict=False))
        self._joins = {
            n: str(node["fan_in"])
            for n, node in zip(names, nodes, strict=True)
            if isinstance(node.get("fan_in"), str)
        }
        self._told = told
        self._silent = silent
        self._fans = fans
        self._heads = heads
        self._branch = dict(self._members())

    def next(self, name: str) -> str:
        """Return where a node goes that says nothing itself."""
        if name in self._joins:
            return self._joins[name]
        return self._follow(name, self._branch.get(name))

    def _follow(self, name: str, branch: str | None) -> str:
        following = self._after[name]
        ends = following == END or self._heads.get(following) == branch
        return branch if branch is not None and ends else following

    def _members(self) -> Iterator[tuple[str, str]]:
        """Walk every branch from its head to its fan-in; give each node with that fan-in."""
        seen: set[str] = set()
        waiting = list(self._heads.items())
        while waiting:
            name, branch = waiting.pop()
            if name in seen or name in {branch, END} or name not in self._after:
                continue
            seen.add(name)
            yield name, branch
            if name in self._fans:
                waiting.append((self._fans[name], branch))
            elif name in self._joins:
                waiting.append((self._joins[name], branch))
            else:
                ways = [*self._told.get(name, ())]
                if name in self._silent:
                    ways.append(self._follow(name, branch))
                waiting.extend((way, branch) for way in ways if way not in self._heads)
