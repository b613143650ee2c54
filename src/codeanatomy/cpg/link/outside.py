"""Modules outside the store: whether the standard library or a distribution has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.cpg.link.search import BUILT_IN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codeanatomy.cpg.link.facts import Distributions


class Origin(NamedTuple):
    """Where an outside module comes from, as far as it is known."""

    status: str  # standard_library, resolved or unresolved
    distribution: str | None = None
    version: str | None = None


class Outside:
    """What is known of modules outside the store."""

    def __init__(self, standard: frozenset[str], environment: Mapping[str, Distributions]) -> None:
        """Take the names of the standard library, and each repository's distributions."""
        self._standard = standard | BUILT_IN | {"__future__"}
        self._environment = environment

    def origin(self, repo: str, dotted: str) -> Origin:
        """Say where a module comes from that files of `repo` import."""
        if dotted.partition(".")[0] in self._standard:
            return Origin("standard_library")
        known = self._environment.get(repo, {})
        name = dotted
        while name:
            if name in known:
                return Origin("resolved", *known[name])
            name = name.rpartition(".")[0]
        return Origin("unresolved")
