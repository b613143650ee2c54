"""Looking after branches while they run: their deadlines, and the failure that ends them all."""

from __future__ import annotations

import logging
from time import monotonic
from typing import TYPE_CHECKING, Final

from codeanatomy.workflow.parallel.branch import give_up
from codeanatomy.workflow.parallel.result import ParallelFlowResult

if TYPE_CHECKING:
    from codeanatomy.workflow.parallel.branch import Branch
    from codeanatomy.workflow.parallel.crew import Crew
    from codeanatomy.workflow.parallel.setup import Parallel

LOGGER: Final = logging.getLogger("the_edge_agent.stategraph")
FAIL_FAST: Final = "Cancelled due to fail_fast"
LOOK: Final = 0.05  # seconds until branches that wait for a thread are looked at again


class Watch:
    """The branches of one crew; `order` is how they got done, `failed_fast` the one to blame."""

    def __init__(self, crew: Crew[Branch], parallel: Parallel, branches: list[Branch]) -> None:
        self.order: list[Branch] = []
        self.failed_fast: Branch | None = None
        self._crew = crew
        self._parallel = parallel
        self._branches = branches
        self._began = monotonic()
        self._timed = [
            b
            for b in branches
            if b.config.timeout_seconds is not None or b.config.timeout_total is not None
        ]

    def rest(self) -> float | None:
        """Return the seconds until somebody should look again; None where nothing has a limit."""
        running = [b for b in self._timed if not b.finished and not b.abandoned]
        if not running:
            return None
        ends = [self._end(b)[0] for b in running]
        rest = min(ends) - monotonic()
        return max(0.0, min(rest, LOOK) if any(b.started is None for b in running) else rest)

    def settle(self) -> list[Branch]:
        """Return the branches that got done, or were given up, since the last time."""
        settled: list[Branch] = []
        crew = self._crew
        while crew.done:
            branch = crew.done.popleft()
            branch.result = branch.outcome
            settled.append(branch)
        if self._timed:
            settled.extend(self._expired())
        self.order.extend(settled)
        if self.failed_fast is None:
            self._find_failed_fast(settled)
        return settled

    def leave(self) -> None:
        """Give up what still runs, or has not begun."""
        for branch in self._crew.abandon_all(self._branches):
            branch.cancel.cancel()
            if branch.circuit is not None:
                branch.circuit.abandon()
            branch.result = ParallelFlowResult(
                branch.name, success=False, state={}, error=FAIL_FAST, error_type="CancelledError"
            )

    def _end(self, branch: Branch) -> tuple[float, float]:
        """Return when a branch has had its time, as far as that is known, and how much it has."""
        single, total = branch.config.timeout_seconds, branch.config.timeout_total
        ends = [(float("inf"), 0.0)]
        if single is not None and branch.started is not None:
            ends.append((branch.started + single, single))
        if total is not None:
            ends.append((self._began + total, total))
        return min(ends)

    def _expired(self) -> list[Branch]:
        now = monotonic()
        expired: list[Branch] = []
        for branch in self._timed:
            if branch.finished or branch.abandoned:
                continue
            end, seconds = self._end(branch)
            if now >= end and self._crew.abandon(branch):
                LOGGER.warning("Parallel flow '%s' timed out after %ss", branch.name, seconds)
                since = self._began if branch.started is None else branch.started
                give_up(branch, self._parallel, seconds, now - since)
                expired.append(branch)
        self._timed = [b for b in self._timed if not b.finished and not b.abandoned]
        return expired

    def _find_failed_fast(self, settled: list[Branch]) -> None:
        for branch in settled:
            failed = branch.result is not None and not branch.result.success
            if failed and branch.config.fail_fast:
                self.failed_fast = branch
                LOGGER.warning(
                    "Parallel flow '%s' failed; fail_fast gives the others up", branch.name
                )
                return
