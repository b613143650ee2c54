"""A model that says what a test tells it to, in the place of the action that asks one."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.workflow.contract.engines import Engine, actions_of, open_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Told:
    """Replies in order, the last one repeated; an exception is raised, a function is asked."""

    def __init__(self, *replies: Any) -> None:  # noqa: ANN401 - texts, values, exceptions, functions
        self.replies = list(replies)
        self.asked: list[dict[str, Any]] = []

    def __call__(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 - what is asked
        """Answer as `llm.call` does."""
        del asked["state"]
        self.asked.append(asked)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if callable(reply):
            reply = reply(asked)
        if isinstance(reply, Exception):
            raise reply
        text = reply if isinstance(reply, str) else json.dumps(reply)
        return {"content": text, "usage": {"total_tokens": 1}}

    def texts(self) -> list[str]:
        """Return what the last message of each question said."""
        return [asked["messages"][-1]["content"] for asked in self.asked]


@contextmanager
def thinking(*replies: Any, **given: Any) -> Iterator[tuple[Callable[..., Any], Told, Engine]]:  # noqa: ANN401 - replies and attributes
    """Give a function that calls actions, the model behind them, and the engine."""
    told = Told(*replies)
    with open_engine(**given) as engine:
        actions_of(engine)["llm.call"] = told

        def ask(name: str, state: dict[str, Any] | None = None, **params: Any) -> Any:  # noqa: ANN401 - an answer
            return actions_of(engine)[name](state={} if state is None else state, **params)

        yield ask, told, engine
