"""Where branches run: in threads, on one event loop, in processes, or with executors of others."""

from __future__ import annotations

from contextlib import ExitStack
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Self

from codeanatomy.workflow.parallel.branch import run_branch
from codeanatomy.workflow.parallel.copying import copy_state
from codeanatomy.workflow.parallel.home import home, reachable_home

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from codeanatomy.workflow.parallel.branch import Branch
    from codeanatomy.workflow.parallel.setup import Parallel
    from codeanatomy.workflow.parallel.walk import CallElsewhere, Walk

    State = dict[str, Any]


class Places:
    """Walks branches where their config says, each with a copy of state and context variables."""

    def __init__(
        self,
        parallel: Parallel,
        walk: Walk,
        state: State,
        config: Mapping[str, Any],
        emit: Callable[[Any], None] | None,
    ) -> None:
        self._parallel = parallel
        self._walk = walk
        self._state = state
        self._run_config = config
        self._emit = emit
        self._context = copy_context()
        if reachable_home() is None:
            self._context.run(home.set, None)
        self._calls: dict[str, Any] = {}  # strategy -> what its branches share
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._open.close()

    def prepare(self, branches: list[Branch], limit: int) -> None:
        """Open what the strategies of these branches need; ValueError for an unknown one."""
        for branch in branches:
            strategy = branch.config.strategy
            if strategy != "thread" and strategy not in self._calls:
                self._calls[strategy] = self._opened(branch, limit)

    def work(self, branch: Branch) -> None:
        """Run a branch to its end, in the thread that calls."""
        context = self._context.copy()
        context.run(run_branch, branch, self._parallel, self._state, self._go)

    def _go(self, branch: Branch, attempt: int) -> State:
        strategy = branch.config.strategy
        if strategy == "thread":
            return self._walked(branch, attempt, None)
        shared = self._calls[strategy]
        if strategy == "asyncio":
            return self._walked(branch, attempt, shared.caller(branch.cancel))
        if strategy == "process":
            return self._walked(branch, attempt, shared(branch))
        found: State = shared.submit(self._walked, branch, attempt, None).result()
        return found

    def _walked(self, branch: Branch, attempt: int, call: CallElsewhere | None) -> State:
        return self._walk(
            branch.name,
            branch.start,
            branch.stop,
            copy_state(self._state),
            emit=self._emit,
            cancel=branch.cancel,
            attempt=attempt,
            pause=branch.kept if attempt == 0 else None,
            call=call,
        )

    def _opened(self, branch: Branch, limit: int) -> Any:  # noqa: ANN401 - depends on the strategy
        strategy = branch.config.strategy
        if strategy == "asyncio":
            from codeanatomy.workflow.parallel.shared_loop import (  # noqa: PLC0415 - brings asyncio
                SharedLoop,
            )

            shared = SharedLoop()
            self._open.callback(shared.close)
            return shared
        if strategy == "process":
            from codeanatomy.workflow.parallel.connected import (  # noqa: PLC0415 - brings multiprocessing
                Connected,
            )

            return self._open.enter_context(Connected(self._parallel.streams)).caller
        from codeanatomy.workflow.parallel.executors import (  # noqa: PLC0415 - rarely needed
            executor_for,
        )

        return self._open.enter_context(executor_for(branch.config, limit))
