"""The graph of an agent file: without input, it goes on from the checkpoint it was loaded with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.graph import StateGraph

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Mapping

    State = dict[str, Any]
    Config = Mapping[str, Any] | None


class AgentGraph(StateGraph):
    """A StateGraph; `start_checkpoint` stands in for the checkpoint of a run without input."""

    start_checkpoint: str | None = None

    def invoke(
        self, input_state: State | None = None, config: Config = None, checkpoint: str | None = None
    ) -> Generator[State, None, None]:
        """Run; yield how it ends, or where it waits for a person."""
        return super().invoke(input_state, config, self._start(input_state, checkpoint))

    def stream(
        self, input_state: State | None = None, config: Config = None, checkpoint: str | None = None
    ) -> Generator[State, None, None]:
        """Run; yield an event for every node, and how it ends."""
        return super().stream(input_state, config, self._start(input_state, checkpoint))

    def ainvoke(
        self, input_state: State | None = None, config: Config = None, checkpoint: str | None = None
    ) -> AsyncIterator[State]:
        """Do as `invoke` does, asynchronously."""
        return super().ainvoke(input_state, config, self._start(input_state, checkpoint))

    def astream(
        self, input_state: State | None = None, config: Config = None, checkpoint: str | None = None
    ) -> AsyncIterator[State]:
        """Do as `stream` does, asynchronously."""
        return super().astream(input_state, config, self._start(input_state, checkpoint))

    def _start(self, input_state: State | None, checkpoint: str | None) -> str | None:
        if checkpoint is None and input_state is None:
            return self.start_checkpoint
        return checkpoint
