"""Running a number of things at once and waiting for all of them, as the branches of one node."""

from __future__ import annotations

from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.parallel.branch import Branch, run_branch
from codeanatomy.workflow.parallel.crew import Crew
from codeanatomy.workflow.parallel.home import home, reachable_home
from codeanatomy.workflow.parallel.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.workflow.parallel.config import ParallelConfig
    from codeanatomy.workflow.parallel.result import ParallelFlowResult
    from codeanatomy.workflow.parallel.setup import Parallel

    State = dict[str, Any]


def run_each(
    parallel: Parallel,
    config: ParallelConfig,
    names: list[str],
    go: Callable[[Branch, int], State],
    limit: int,
) -> list[ParallelFlowResult]:
    """Call `go(branch, attempt)` for every name, `limit` at a time; results in that order.

    What `go` returns is the state of the result. Each call has a copy of the context variables.
    """
    context = copy_context()
    if reachable_home() is None:
        context.run(home.set, None)
    branches = [Branch(index, name, name, config) for index, name in enumerate(names)]

    def work(branch: Branch) -> None:
        context.copy().run(run_branch, branch, parallel, {}, go)

    crew = Crew(branches, work, limit, loud=config.fail_fast)
    watch = Watch(crew, parallel, branches)
    try:
        crew.start()
        while crew.left and watch.failed_fast is None:
            crew.wait(watch.rest())
            watch.settle()
        watch.settle()
    finally:
        watch.leave()
    return [branch.result for branch in branches if branch.result is not None]
