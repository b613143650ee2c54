"""What a run knows of the graph that it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.workflow.compile import Flow
    from codeanatomy.workflow.hooks import Hooks
    from codeanatomy.workflow.parallel.setup import Parallel


class Runnable(Protocol):
    """A declared graph that is ready to run; `StateGraph` is one."""

    name: str | None
    raise_exceptions: bool
    log_state_values: bool
    hooks: Hooks | None
    observer: Callable[[str], None] | None
    journal: Any
    checkpointer: Any
    checkpoint_dir: str | None
    start_checkpoint: str | None
    interrupt_before: list[str]
    interrupt_after: list[str]

    @property
    def flow(self) -> Flow:
        """The compiled graph."""
        ...

    @property
    def parallel(self) -> Parallel:
        """What its fan-outs share."""
        ...

    def successors(self, node: str) -> list[str]:
        """Name the nodes that edges lead to."""
        ...
