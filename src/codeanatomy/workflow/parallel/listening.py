"""Who is told how branches fare, as the fan-out sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from codeanatomy.workflow.parallel.circuit import CircuitState
    from codeanatomy.workflow.parallel.config import ParallelConfig
    from codeanatomy.workflow.parallel.result import ParallelFlowResult


class Listener(Protocol):
    """Hears of one branch after the other; `about` makes what each call is given first."""

    def about(
        self,
        branch: str,
        fan_in_node: str,
        state: dict[str, Any],
        config: ParallelConfig,
        graph_name: str | None,
    ) -> Any:  # noqa: ANN401 - only the listener looks into it
        """Describe a branch that is about to run."""
        ...

    def start(self, about: Any) -> None:  # noqa: ANN401 - from `about`
        """Hear that a branch starts."""
        ...

    def complete(self, about: Any, result: ParallelFlowResult) -> None:  # noqa: ANN401 - as above
        """Hear how a branch ended."""
        ...

    def error(self, about: Any, error: Exception, attempt: int) -> None:  # noqa: ANN401 - as above
        """Hear that an attempt (from 0) failed."""
        ...

    def timeout(self, about: Any, seconds: float) -> None:  # noqa: ANN401 - as above
        """Hear that a branch is not waited for any longer."""
        ...

    def retry(self, about: Any, attempt: int, delay: float, error: Exception) -> None:  # noqa: ANN401 - as above
        """Hear that there will be another attempt (from 1) after `delay` seconds."""
        ...

    def circuit(self, about: Any, old: CircuitState, new: CircuitState) -> None:  # noqa: ANN401 - as above
        """Hear that the circuit of a branch changed its state."""
        ...
