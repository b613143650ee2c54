"""What the loop and the fan-out say to each other: how a branch is walked and how it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codeanatomy.workflow.parallel.cancel import CancellationToken

    State = dict[str, Any]
    # what a node's function is called by: (state, config) -> what it returns
    Call = Callable[[State, Mapping[str, Any]], Any]
    # called in place of a node's `Call`: (node, call, state, config) -> what the node returns
    CallElsewhere = Callable[[str, Call, State, Mapping[str, Any]], Any]


class Walk(Protocol):
    """Runs one branch from node `start` until node `stop` is next, and gives its final state.

    It runs in the thread that calls it. It tells of its steps through `emit`, and asks `cancel`
    between two nodes. Attempt 0 goes on from the steps that a journal has recorded, a later one
    begins anew. `pause` is what an interrupt in the branch left, and where to go on. `call` is how
    to call a node, where that is done elsewhere.
    """

    def __call__(  # noqa: PLR0913 - a branch has that many sides
        self,
        branch: str,
        start: str,
        stop: str,
        state: State,
        *,
        emit: Callable[[Any], None] | None,
        cancel: CancellationToken,
        attempt: int = 0,
        pause: Any = None,  # noqa: ANN401 - what the loop itself put there
        call: CallElsewhere | None = None,
    ) -> State:
        """Run the branch; raises BranchError, BranchPaused or BranchCancelled."""
        ...


class BranchError(Exception):
    """A node of a branch failed; `state` is the branch's as it was then."""

    def __init__(self, node: str, cause: BaseException, state: State) -> None:
        super().__init__(f"Error in node '{node}': {cause}")
        self.node = node
        self.cause = cause
        self.state = state


class BranchPaused(Exception):  # noqa: N818 - nothing went wrong
    """A branch waits at an interrupt; `pause` is data that brings its walk back there."""

    def __init__(self, node: str, when: str, state: State, pause: Any) -> None:  # noqa: ANN401 - as above
        super().__init__(node)
        self.node = node
        self.when = when
        self.state = state
        self.pause = pause


class BranchCancelled(Exception):  # noqa: N818 - nothing went wrong
    """A branch stopped between two nodes because it was asked to."""
