"""How the libraries of the providers are used, and how near two texts are."""

from __future__ import annotations

import math
import sys
import types
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.workflow.fake_model import Model

Ask = Any  # an action by name, already holding the state
HI = [{"role": "user", "content": "hi"}]


# ------------------------------------------------------------------ libraries by sys.modules
def _completion(text: str) -> SimpleNamespace:
    choice = SimpleNamespace(message=SimpleNamespace(content=text, tool_calls=None))
    return SimpleNamespace(choices=[choice], usage=None)


class Library(types.ModuleType):
    """A module that stands for openai and notes how its clients are made and asked."""

    def __init__(self) -> None:
        super().__init__("openai")
        self.made: list[tuple[str, dict[str, Any]]] = []
        self.asked: list[dict[str, Any]] = []
        self.failing: list[Exception] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - a client or an error class
        if name.endswith("OpenAI"):
            return lambda **given: self._client(name, given)
        raise AttributeError(name)

    def _client(self, name: str, given: dict[str, Any]) -> SimpleNamespace:
        self.made.append((name, given))
        completions = SimpleNamespace(create=self._create)
        return SimpleNamespace(chat=SimpleNamespace(completions=completions))

    def _create(self, **asked: object) -> SimpleNamespace:
        self.asked.append(asked)
        if self.failing:
            raise self.failing.pop(0)
        return _completion("ok")


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    """Put the module in the place of openai."""
    found = Library()
    monkeypatch.setitem(sys.modules, "openai", found)
    return found


AZURE = {
    "api_key": "k",
    "azure_endpoint": "https://a",
    "api_version": "2024-02-15-preview",
}


@pytest.mark.parametrize(
    ("name", "params", "made"),
    [
        ("llm.call", {}, ("OpenAI", {"timeout": 300})),
        ("llm.call", {"timeout": 9}, ("OpenAI", {"timeout": 9})),
        ("llm.call", {"api_base": "u"}, ("OpenAI", {"base_url": "u", "timeout": 300})),
        ("llm.stream", {}, ("OpenAI", {})),
        ("llm.tools", {}, ("OpenAI", {})),
        (
            "llm.call",
            {"provider": "ollama"},
            (
                "OpenAI",
                {"base_url": "http://localhost:11434/v1", "api_key": "ollama", "timeout": 300},
            ),
        ),
        (
            "llm.tools",
            {"provider": "ollama", "api_base": "u"},
            ("OpenAI", {"base_url": "u", "api_key": "ollama"}),
        ),
        ("llm.call", {"provider": "azure"}, ("AzureOpenAI", {**AZURE, "timeout": 300})),
        ("llm.stream", {"provider": "azure"}, ("AzureOpenAI", AZURE)),
    ],
)
@pytest.mark.usefixtures("model")
def test_how_clients_are_made(
    ask: Ask,
    library: Library,
    name: str,
    params: dict[str, Any],
    made: tuple[str, dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With exactly these keywords."""
    if params.get("provider") == "azure":
        monkeypatch.setenv("AZURE_OPENAI_API_KEY", "k")
        monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "https://a")
    ask(name, model="m", prompt="hi", **params)
    assert library.made == [made]


def test_no_usage_is_an_empty_mapping(ask: Ask, library: Library) -> None:
    """And nothing is added to it."""
    assert ask("llm.call", model="m", prompt="hi") == {"content": "ok", "usage": {}}
    assert library.asked[0] == {"model": "m", "messages": HI, "temperature": 0.7}


def test_a_rate_limit_that_says_when_is_asked_once_more(
    ask: Ask, library: Library, waits: list[float]
) -> None:
    """Also without patience; the seconds are the server's."""

    class RateLimitError(Exception):
        response = SimpleNamespace(headers={"Retry-After": "3"})

    library.__dict__["RateLimitError"] = RateLimitError
    library.failing = [RateLimitError("slow")]
    assert ask("llm.call", model="m", prompt="hi")["content"] == "ok"
    library.failing = [RateLimitError("slow"), RateLimitError("slower")]
    with pytest.raises(RateLimitError, match="slower"):
        ask("llm.call", model="m", prompt="hi")
    assert waits == [3.0, 3.0]


def test_an_unexpected_error_is_answered(ask: Ask, library: Library, waits: list[float]) -> None:
    """With patience it is not raised, and not asked again."""
    library.failing = [KeyError("what")]
    answer = ask("llm.call", model="m", prompt="hi", max_retries=2)
    assert answer == {"error": "Unexpected error: 'what'", "success": False, "attempts": 1}
    assert waits == []


@pytest.mark.parametrize(
    ("provider", "module", "text"),
    [
        ("openai", "openai", "OpenAI library not installed"),
        ("azure", "openai", "OpenAI library not installed"),
        ("litellm", "litellm", "LiteLLM library not installed. Install with: pip install litellm"),
    ],
)
def test_a_missing_library_says_how_to_install_it(
    ask: Ask, provider: str, module: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an ImportError."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=text):
        ask("llm.call", model="m", prompt="hi", provider=provider)


def _opik(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Put a module in the place of opik; return what it was asked to trace."""
    traced: list[Any] = []
    openai = types.ModuleType("opik.integrations.openai")
    litellm = types.ModuleType("opik.integrations.litellm")

    def track_openai(client: Any, project_name: str | None = None) -> Any:  # noqa: ANN401 - a client
        traced.append(project_name)
        return client

    openai.__dict__["track_openai"] = track_openai
    litellm.__dict__["OpikLogger"] = lambda: "logger"
    for name in ("opik", "opik.integrations"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, "opik.integrations.openai", openai)
    monkeypatch.setitem(sys.modules, "opik.integrations.litellm", litellm)
    return traced


@pytest.mark.parametrize(
    ("name", "cost"),
    [
        ("gpt-4", 0.00075),
        ("gpt-4o-mini", 6e-06),
        ("gpt-4-turbo-2024-04-09", 0.00032),
        ("unheard-of", None),
    ],
)
def test_a_traced_call_has_its_price(
    ask: Ask, model: Model, name: str, cost: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the table, to six decimals; none for a model that is not in it."""
    traced = _opik(monkeypatch)
    params = {"api_base": model.url, "opik_trace": True, "opik_project_name": "p"}
    answer = ask("llm.call", model=name, prompt="hi", **params)
    assert answer.get("cost_usd") == cost
    assert traced == ["p"]
    assert "opik_trace" not in model.asked[0]


def test_without_opik_the_call_goes_on(
    ask: Ask, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a warning."""
    monkeypatch.setitem(sys.modules, "opik", None)
    with pytest.warns(RuntimeWarning, match="opik"):
        answer = ask("llm.call", model="gpt-4", prompt="hi", api_base=model.url, opik_trace=True)
    assert answer["content"] == "hello"


class Lite(types.ModuleType):
    """A module that stands for litellm."""

    def __init__(self) -> None:
        super().__init__("litellm")
        self.asked: list[dict[str, Any]] = []
        self.callbacks: list[Any] = []
        self.failing: list[Exception] = []
        self.cost: float | None = 0.12345678

    def completion(self, **asked: Any) -> Any:  # noqa: ANN401 - an answer or a stream of chunks
        """Answer as litellm does."""
        self.asked.append(asked)
        if self.failing:
            raise self.failing.pop(0)
        if asked.get("stream"):
            deltas = [SimpleNamespace(content=text) for text in ("a", None, "b")]
            return [SimpleNamespace(choices=[SimpleNamespace(delta=d)]) for d in deltas]
        return _completion("lite")

    def completion_cost(self, completion_response: Any) -> float:  # noqa: ANN401 - an answer
        """Return the price, or raise as it does for a model without one."""
        if self.cost is None or completion_response is None:
            raise ValueError("no price")
        return self.cost

    def embedding(self, model: str, input: list[str]) -> SimpleNamespace:  # noqa: A002 - its name there
        """Return a vector for each text."""
        data = [{"embedding": [float(len(text)), 1.0]} for text in input]
        return SimpleNamespace(data=data, model=model)


@pytest.fixture
def lite(monkeypatch: pytest.MonkeyPatch) -> Lite:
    """Put the module in the place of litellm."""
    found = Lite()
    monkeypatch.setitem(sys.modules, "litellm", found)
    return found


def test_litellm_is_a_function(ask: Ask, lite: Lite) -> None:
    """Its answer has its price."""
    answer = ask("llm.call", provider="litellm", model="claude", prompt="hi", max_tokens=3)
    assert answer == {"content": "lite", "usage": {}, "cost_usd": 0.123457}
    sent = {"model": "claude", "messages": HI, "temperature": 0.7, "max_tokens": 3}
    assert lite.asked == [sent]


def test_litellm_without_a_price(ask: Ask, lite: Lite) -> None:
    """The answer has none."""
    lite.cost = None
    answer = ask("llm.call", provider="litellm", model="m", prompt="hi", api_base="u")
    assert "cost_usd" not in answer
    assert lite.asked[0]["api_base"] == "u"


def test_litellm_streams(ask: Ask, lite: Lite) -> None:
    """Without asking for the usage."""
    answer = ask("llm.stream", provider="litellm", model="m", prompt="hi")
    assert answer == {"content": "ab", "usage": {}, "streamed": True, "chunk_count": 2}
    assert "stream_options" not in lite.asked[0]


def test_litellm_is_asked_again_after_any_error(ask: Ask, lite: Lite, waits: list[float]) -> None:
    """Whatever it raises."""
    lite.failing = [KeyError("x"), ValueError("y")]
    answer = ask("llm.call", provider="litellm", model="m", prompt="hi", max_retries=2)
    assert (answer["content"], answer["attempts"], waits) == ("lite", 3, [1.0, 2.0])


def test_litellm_is_traced_by_its_callbacks(
    ask: Ask, lite: Lite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The project is in the metadata."""
    _opik(monkeypatch)
    params = {"opik_trace": True, "opik_project_name": "p", "metadata": {"a": 1}}
    ask("llm.call", provider="litellm", model="m", prompt="hi", **params)
    assert lite.callbacks == ["logger"]
    assert lite.asked[0]["metadata"] == {"a": 1, "opik": {"project_name": "p"}}


# ------------------------------------------------------------------ similarity
@pytest.mark.parametrize(
    ("one", "other", "cosine", "words"),
    [
        ([1, 0], [2, 0], 1.0, "Very similar"),
        ([1, 0], [1, 1], 0.5**0.5, "Somewhat similar"),
        ([1, 0], [1, 2], 1 / math.sqrt(5), "Not very similar"),
        ([1, 0], [0, 1], 0.0, "Unrelated"),
        ([1, 0], [-1, 0], -1.0, "Unrelated"),
        ([0, 0], [1, 0], 0.0, "Unrelated"),
    ],
)
def test_similarity_of_vectors(
    ask: Ask, one: list[float], other: list[float], cosine: float, words: str
) -> None:
    """The cosine of the angle, and what it means."""
    answer = ask("llm.similarity", vector_a=one, vector_b=other)
    assert answer == {"cosine_similarity": pytest.approx(cosine), "interpretation": words}


@pytest.mark.parametrize(
    "params", [{}, {"text_a": "x"}, {"vector_a": [1]}, {"vector_a": [1], "vector_b": [1, 2]}]
)
def test_similarity_needs_two_of_a_kind(ask: Ask, params: dict[str, Any]) -> None:
    """Otherwise an error, nothing else."""
    answer = ask("llm.similarity", **params)
    assert (set(answer), answer["success"]) == ({"error", "success"}, False)


def test_similarity_of_texts(ask: Ask, model: Model, lite: Lite) -> None:
    """By their embeddings, asked for together; litellm has a function for it."""
    answer = ask("llm.similarity", text_a="aab", text_b="aab", api_base=model.url)
    assert answer["cosine_similarity"] == pytest.approx(1)
    assert (answer["text_a"], answer["text_b"]) == ("aab", "aab")
    assert model.asked[0]["input"] == ["aab", "aab"]
    assert model.asked[0]["model"] == "text-embedding-3-small"
    lited = ask("llm.similarity", text_a="a", text_b="aa", provider="litellm")
    assert lited["cosine_similarity"] == pytest.approx(3 / math.sqrt(10))
    assert lite.asked == []
