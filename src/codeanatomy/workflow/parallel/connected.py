"""Processes of the nodes of one fan-out, with the pipes that their nodes name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.parallel.elsewhere import Elsewhere
from codeanatomy.workflow.parallel.streams import Begun, Streams

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

    from codeanatomy.workflow.parallel.branch import Branch
    from codeanatomy.workflow.parallel.streams import Ends
    from codeanatomy.workflow.parallel.walk import Call, CallElsewhere

    State = dict[str, Any]


class Connected:
    """Calls nodes in processes; `users` are the nodes that read or write pipes, with their ends."""

    def __init__(self, users: Mapping[str, Ends]) -> None:
        self._users = users
        self._streams = Streams.of(users.values())
        self._begun = Begun(self._streams, users)

    def __enter__(self) -> Self:
        self._streams.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._streams.close()

    def caller(self, branch: Branch) -> CallElsewhere:
        """Give what calls the nodes of a branch."""
        if not self._users:
            return Elsewhere(branch.index, branch.cancel).call
        there = Elsewhere(branch.index, branch.cancel, self._begun)

        def call(node: str, plan: Call, state: State, config: Mapping[str, Any]) -> Any:  # noqa: ANN401 - what the node returns
            def connected(state: State, config: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as above
                self._streams.take(self._users.get(node, {}))
                return plan(state, config)

            return there.call(node, connected, state, config)

        return call
