"""What contract tests of language models share: an engine, its actions, a server, no waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.workflow.contract.engines import Engine, actions_of, open_engine
from tests.workflow.fake_model import Model, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def engine() -> Iterator[Engine]:
    """Give an engine."""
    with open_engine() as made:
        yield made


@pytest.fixture
def ask(engine: Engine) -> Callable[..., Any]:
    """Return a function that calls an action by name."""

    def do(name: str, **params: Any) -> Any:  # noqa: ANN401 - what the action answers
        return actions_of(engine)[name](state={"q": 1}, **params)

    return do


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[Model]:
    """Serve a model, and set no provider up in the environment."""
    for name in (
        "OLLAMA_API_BASE",
        "AZURE_OPENAI_API_KEY",
        "AZURE_OPENAI_ENDPOINT",
        "AZURE_OPENAI_DEPLOYMENT",
        "OPENAI_API_VERSION",
        "TEA_MODEL_PATH",
        "TEA_SHELL_VERBOSE",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    with serving() as found:
        yield found


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Collect the seconds that are slept, without sleeping."""
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    return slept
