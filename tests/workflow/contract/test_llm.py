"""What asking a language model answers: against a server that speaks the real protocol."""

from __future__ import annotations

import json
import math
import sys
import types
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.workflow.contract.engines import Engine, actions_of, open_engine
from tests.workflow.fake_model import USAGE, Model, Reply, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Ask = Any  # an action by name, already holding the state
HI = [{"role": "user", "content": "hi"}]


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


# ------------------------------------------------------------------ which provider
@pytest.mark.parametrize("name", ["llm.call", "llm.stream", "llm.tools", "llm.chat", "llm.retry"])
@pytest.mark.filterwarnings("ignore:llm.retry is deprecated")
def test_a_question_is_needed(ask: Ask, name: str) -> None:
    """Before anything else."""
    text = "Missing required parameter: prompt or messages"
    assert ask(name, provider="shell") == {"error": text, "success": False}


@pytest.mark.parametrize("name", ["llm.call", "llm.stream", "llm.tools"])
@pytest.mark.parametrize(
    ("provider", "resolved"),
    [
        ("auto", "openai"),
        ("openai", "openai"),
        ("OpenAI", "openai"),
        ("ollama", "ollama"),
        ("azure", "azure"),
        ("litellm", "litellm"),
    ],
)
@pytest.mark.usefixtures("model")
def test_a_model_is_needed(ask: Ask, name: str, provider: str, resolved: str) -> None:
    """The text names the provider."""
    expected = {"error": f"model is required for provider '{resolved}'", "success": False}
    assert ask(name, provider=provider, prompt="hi") == expected


@pytest.mark.parametrize("alias", ["azure_openai", "azureopenai", "Azure_OpenAI"])
def test_azure_has_other_names(ask: Ask, alias: str) -> None:
    """They mean the same provider."""
    answer = ask("llm.call", provider=alias, prompt="hi")
    assert answer["error"] == "model is required for provider 'azure'"


@pytest.mark.parametrize(
    ("environment", "provider"),
    [
        ({}, "openai"),
        ({"OLLAMA_API_BASE": "x"}, "ollama"),
        ({"AZURE_OPENAI_API_KEY": "x"}, "openai"),
        ({"AZURE_OPENAI_API_KEY": "x", "AZURE_OPENAI_ENDPOINT": "y"}, "azure"),
        (
            {"OLLAMA_API_BASE": "x", "AZURE_OPENAI_API_KEY": "x", "AZURE_OPENAI_ENDPOINT": "y"},
            "ollama",
        ),
    ],
)
@pytest.mark.usefixtures("model")
def test_auto_looks_at_the_environment(
    ask: Ask, environment: dict[str, str], provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ollama, then Azure, then OpenAI."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    error = ask("llm.call", prompt="hi")["error"]
    assert error == f"model is required for provider '{provider}'"


def test_an_unknown_provider_is_named(ask: Ask) -> None:
    """It is never sent to another one."""
    answer = ask("llm.call", provider="anthropic", model="m", prompt="hi")
    assert answer["error"].startswith("Unknown provider 'anthropic'. Providers: auto, azure")


# ------------------------------------------------------------------ the call
@pytest.mark.parametrize(
    ("params", "messages"),
    [
        ({"prompt": "hi"}, HI),
        ({"prompt": "hi", "system": "be"}, [{"role": "system", "content": "be"}, *HI]),
        ({"messages": HI}, HI),
        ({"messages": HI, "prompt": "no", "system": "no"}, HI),
        ({"prompt": ""}, [{"role": "user", "content": ""}]),
    ],
)
def test_a_prompt_becomes_messages(
    ask: Ask, model: Model, params: dict[str, Any], messages: list[Any]
) -> None:
    """Messages that are given win."""
    ask("llm.call", model="m", api_base=model.url, **params)
    assert model.asked[0]["messages"] == messages


def test_an_answer_is_content_and_usage(ask: Ask, model: Model) -> None:
    """The usage is plain data, inner objects too; there are no attempts."""
    model.says("hello there")
    answer = ask("llm.call", model="gpt-4o", prompt="hi", api_base=model.url)
    assert set(answer) == {"content", "usage"}
    assert answer["content"] == "hello there"
    assert {key: answer["usage"][key] for key in USAGE} == USAGE
    assert answer["usage"]["prompt_tokens_details"]["cached_tokens"] == 3
    assert json.dumps(answer)


def test_other_keywords_go_to_the_provider(ask: Ask, model: Model) -> None:
    """Those of the engine and of the action itself do not."""
    own: dict[str, Any] = {"config": {}, "node": "n", "graph": None, "parallel_results": []}
    more = {"max_tokens": 5, "temperature": 0.1, "seed": 7}
    ask("llm.call", model="m", prompt="hi", api_base=model.url, **more, **own)
    sent = {"model", "messages", "temperature", "max_tokens", "seed"}
    assert set(model.asked[0]) == sent
    assert model.asked[0]["temperature"] == 0.1


def test_azure_is_asked_by_deployment(
    ask: Ask, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The argument, then the environment, then the model's name; with the version of the API."""
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "secret")
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", model.url.removesuffix("/v1"))
    ask("llm.call", model="gpt", prompt="hi")
    monkeypatch.setenv("AZURE_OPENAI_DEPLOYMENT", "ours")
    ask("llm.call", model="gpt", prompt="hi")
    monkeypatch.setenv("OPENAI_API_VERSION", "2030-01-01")
    ask("llm.call", model="gpt", prompt="hi", deployment="mine")
    paths = [path.removeprefix("/openai/deployments/") for path in model.paths]
    assert paths == [
        "gpt/chat/completions?api-version=2024-02-15-preview",
        "ours/chat/completions?api-version=2024-02-15-preview",
        "mine/chat/completions?api-version=2030-01-01",
    ]
    assert model.headers[0]["api-key"] == "secret"


def test_ollama_is_asked_at_its_address(
    ask: Ask, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a key that says nothing."""
    monkeypatch.setenv("OLLAMA_API_BASE", model.url)
    answer = ask("llm.call", model="llama3", prompt="hi")
    assert (answer["content"], model.headers[0]["authorization"]) == ("hello", "Bearer ollama")


# ------------------------------------------------------------------ patience
def test_without_patience_a_failure_is_raised(ask: Ask, model: Model, waits: list[float]) -> None:
    """As the provider's own exception."""
    model.says(Reply("no", status=400))
    with pytest.raises(Exception, match="Error code: 400"):
        ask("llm.call", model="m", prompt="hi", api_base=model.url)
    assert waits == []


@pytest.mark.parametrize(
    ("replies", "params", "answer", "waited"),
    [
        (["x"], {}, {"content": "x", "attempts": 1, "total_delay": 0.0}, []),
        ([429, "x"], {}, {"content": "x", "attempts": 2, "total_delay": 1.0}, [1.0]),
        ([500, 503, "x"], {}, {"content": "x", "attempts": 3, "total_delay": 3.0}, [1.0, 2.0]),
        ([500, "x"], {"base_delay": 0.5}, {"attempts": 2, "total_delay": 0.5}, [0.5]),
        (
            [500, 500, 500, "x"],
            {"max_retries": 5, "base_delay": 4, "max_delay": 6},
            {"attempts": 4, "total_delay": 16},
            [4, 6, 6],
        ),
        ([(429, "7"), "x"], {}, {"attempts": 2, "total_delay": 7.0}, [7.0]),
        ([(429, "700"), "x"], {}, {"attempts": 2, "total_delay": 60.0}, [60.0]),
        ([(500, "7"), "x"], {}, {"attempts": 2, "total_delay": 1.0}, [1.0]),
        (
            [429],
            {"max_retries": 2},
            {
                "error": "Max retries (2) exceeded. Last error: Error code: 429 - no",
                "success": False,
                "attempts": 3,
                "total_delay": 3.0,
            },
            [1.0, 2.0],
        ),
        (
            [400],
            {},
            {
                "error": "LLM API error (non-retryable): Error code: 400 - no",
                "success": False,
                "attempts": 1,
                "status_code": 400,
            },
            [],
        ),
        ([500, 401], {}, {"attempts": 2, "status_code": 401, "success": False}, [1.0]),
    ],
)
def test_patience(
    ask: Ask,
    model: Model,
    waits: list[float],
    replies: list[Any],
    params: dict[str, Any],
    answer: dict[str, Any],
    waited: list[float],
) -> None:
    """Rate limits and failures of the server are asked again, with longer and longer waits."""
    model.says(*map(_reply, replies))
    found = ask(
        "llm.call", model="m", prompt="hi", api_base=model.url, **{"max_retries": 3, **params}
    )
    assert {key: found[key] for key in answer} == answer
    assert waits == waited


def _reply(row: Any) -> Reply:  # noqa: ANN401 - a text, a status, or a status with Retry-After
    if isinstance(row, str):
        return Reply(row)
    status, after = row if isinstance(row, tuple) else (row, None)
    headers = {} if after is None else {"Retry-After": after}
    return Reply("no", status=status, headers=headers)


def test_a_lost_connection_is_asked_again(ask: Ask, waits: list[float]) -> None:
    """Nobody listens at that port."""
    with serving() as gone:
        url = gone.url
    answer = ask("llm.call", model="m", prompt="hi", api_base=url, max_retries=1, provider="ollama")
    assert answer["error"] == "Max retries (1) exceeded. Last error: Connection error."
    assert (answer["attempts"], waits) == (2, [1.0])


def test_retry_is_deprecated(ask: Ask, model: Model, waits: list[float]) -> None:
    """It is a call with three retries."""
    model.says(*[Reply("no", status=500)] * 3, "x")
    with pytest.warns(DeprecationWarning, match="llm.retry is deprecated"):
        answer = ask("llm.retry", model="m", messages=HI, api_base=model.url)
    assert (answer["content"], answer["attempts"], waits) == ("x", 4, [1.0, 2.0, 4.0])


# ------------------------------------------------------------------ the stream
def test_a_stream_is_collected(ask: Ask, model: Model) -> None:
    """Chunks without text do not count; the usage comes last."""
    model.says("one two three")
    answer = ask("llm.stream", model="m", prompt="hi", api_base=model.url)
    assert answer["content"] == "onetwothree"
    assert (answer["streamed"], answer["chunk_count"]) == (True, 3)
    assert {key: answer["usage"][key] for key in USAGE} == USAGE
    assert model.asked[0]["stream_options"] == {"include_usage": True}


def test_a_stream_never_raises(
    ask: Ask, model: Model, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not for a failure of the server, nor for a library that is not there."""
    model.says(Reply("no", status=400))
    failed = ask("llm.stream", model="m", prompt="hi", api_base=model.url)
    assert failed == {"error": "LLM streaming failed: Error code: 400 - no", "success": False}
    monkeypatch.setitem(sys.modules, "openai", None)
    missing = ask("llm.stream", model="m", prompt="hi")
    assert missing["error"].startswith("LLM streaming failed: OpenAI library not installed")
    assert waits == []


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


# ------------------------------------------------------------------ tools
ADD = {
    "name": "add",
    "description": "adds",
    "parameters": {
        "a": {"type": "integer", "description": "first", "required": True},
        "b": {"type": "integer", "enum": [1, 2]},
    },
    "action": "my.add",
}


@pytest.fixture
def tooled(engine: Engine) -> list[dict[str, Any]]:
    """Give the engine an action that adds; return what it was called with."""
    called: list[dict[str, Any]] = []

    def add(state: dict[str, Any], a: int, b: int = 0, **_: object) -> dict[str, Any]:
        called.append({"state": state, "a": a, "b": b})
        return {"sum": a + b}

    def fail(state: dict[str, Any], **_: object) -> None:
        raise ValueError(f"broken {state['q']}")

    async def later(state: dict[str, Any], **_: object) -> str:
        return f"later {state['q']}"

    actions_of(engine).update({"my.add": add, "my.fail": fail, "my.later": later})
    return called


def test_a_model_calls_actions(ask: Ask, model: Model, tooled: list[dict[str, Any]]) -> None:
    """Until it answers; every call and result is told."""
    model.says(Reply(calls=[("add", '{"a": 1, "b": 2}'), ("add", '{"a": 5}')]), "3 and 5")
    answer = ask("llm.tools", model="m", prompt="1+2?", tools=[ADD], api_base=model.url)
    assert answer == {
        "content": "3 and 5",
        "tool_calls": [
            {"id": "call_1", "name": "add", "arguments": {"a": 1, "b": 2}},
            {"id": "call_2", "name": "add", "arguments": {"a": 5}},
        ],
        "tool_results": [
            {"tool_call_id": "call_1", "name": "add", "result": '{"sum": 3}'},
            {"tool_call_id": "call_2", "name": "add", "result": '{"sum": 5}'},
        ],
        "rounds": 2,
    }
    assert tooled[0] == {"state": {"q": 1}, "a": 1, "b": 2}
    told = model.asked[1]["messages"]
    assert [message["role"] for message in told] == ["user", "assistant", "tool", "tool"]
    assert told[2] == {"role": "tool", "tool_call_id": "call_1", "content": '{"sum": 3}'}


def test_a_tool_is_offered_in_the_form_of_openai(
    ask: Ask, model: Model, tooled: list[dict[str, Any]]
) -> None:
    """A tool that is in it already goes as it is."""
    given = {"type": "function", "function": {"name": "raw", "parameters": {"type": "object"}}}
    ask(
        "llm.tools",
        model="m",
        prompt="x",
        tools=[ADD, given],
        api_base=model.url,
        tool_choice="none",
    )
    sent = model.asked[0]
    assert sent["tool_choice"] == "none"
    assert sent["tools"] == [
        {
            "type": "function",
            "function": {
                "name": "add",
                "description": "adds",
                "parameters": {
                    "type": "object",
                    "properties": {
                        "a": {"type": "integer", "description": "first"},
                        "b": {"type": "integer", "enum": [1, 2]},
                    },
                    "required": ["a"],
                },
            },
        },
        given,
    ]
    assert tooled == []


@pytest.mark.parametrize(
    ("tool", "text"),
    [
        ({}, "Tool must have a 'name'"),
        ({"function": {}}, "Tool function must have a 'name'"),
        ({"name": "x", "action": "../x"}, "Invalid action reference: ../x"),
        ({"name": "x", "action": "a/b"}, "Invalid action reference: a/b"),
        ({"name": "x", "action": "a\\b"}, "Invalid action reference: a\\b"),
        ({"name": "x", "action": "no.such"}, "Action 'no.such' not found in registry"),
    ],
)
def test_an_invalid_tool_is_refused(
    ask: Ask, model: Model, tool: dict[str, Any], text: str
) -> None:
    """Nobody is asked."""
    answer = ask("llm.tools", model="m", prompt="x", tools=[tool], api_base=model.url)
    assert answer == {"error": f"Invalid tool definition: {text}", "success": False}
    assert model.asked == []


@pytest.mark.parametrize(
    ("action", "arguments", "result"),
    [
        ("my.fail", "{}", {"error": "broken 1"}),
        ("my.later", "{}", "later 1"),
        ("my.later", "not json", "later 1"),
        (None, '{"x": 1}', {"note": "No action is mapped to tool 't'", "arguments": {"x": 1}}),
    ],
)
@pytest.mark.usefixtures("tooled")
def test_what_a_tool_gives(
    ask: Ask, model: Model, action: str | None, arguments: str, result: object
) -> None:
    """An exception is told to the model; bad arguments are none; a coroutine is run."""
    model.says(Reply(calls=[("t", arguments)]), "done")
    tool = {"name": "t", **({"action": action} if action else {})}
    answer = ask("llm.tools", model="m", prompt="x", tools=[tool], api_base=model.url)
    assert json.loads(answer["tool_results"][0]["result"]) == result
    assert answer["content"] == "done"


def test_rounds_have_a_limit(ask: Ask, model: Model, tooled: list[dict[str, Any]]) -> None:
    """Then there is no content, and a warning."""
    model.says(Reply(calls=[("add", '{"a": 1}')]))
    params = {"tools": [ADD], "max_tool_rounds": 2, "api_base": model.url}
    answer = ask("llm.tools", model="m", prompt="x", **params)
    assert (answer["content"], answer["rounds"]) == ("", 2)
    assert answer["warning"] == "Max tool rounds (2) reached"
    assert len(answer["tool_calls"]) == len(answer["tool_results"]) == len(tooled) == 2


def test_a_failure_between_rounds_keeps_what_was_done(
    ask: Ask, model: Model, waits: list[float], tooled: list[dict[str, Any]]
) -> None:
    """The lists are in the answer."""
    model.says(Reply(calls=[("add", '{"a": 1}')]), Reply("no", status=400))
    answer = ask("llm.tools", model="m", prompt="x", tools=[ADD], api_base=model.url)
    assert answer["error"] == "LLM tool calling failed: Error code: 400 - no"
    assert (answer["success"], len(answer["tool_calls"]), len(tooled)) == (False, 1, 1)
    assert waits == []


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


# ------------------------------------------------------------------ programs
@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], str]:
    """Return a function that writes a program and gives its path."""

    def write(body: str) -> str:
        path = tmp_path / "program"
        path.write_text(f"#!{sys.executable}\nimport os, sys, time\n{body}\n")
        path.chmod(0o755)
        return str(path)

    return write


def shell(engine: Engine, **settings: object) -> Callable[..., Any]:
    """Return a function that asks the program with these settings."""
    engine.shell_providers = {"mine": settings}

    def do(name: str = "llm.call", **params: Any) -> Any:  # noqa: ANN401 - what the action answers
        given = {"messages": HI, **params}
        return actions_of(engine)[name](state={}, provider="shell", shell_provider="mine", **given)

    return do


def test_a_program_reads_the_conversation(engine: Engine, program: Any) -> None:  # noqa: ANN401 - a writer
    """System and assistant are named, the user is not."""
    talk = shell(engine, command=program("sys.stdout.write('<' + sys.stdin.read() + '>\\n\\n')"))
    said = [
        {"role": "system", "content": "be"},
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "yes"},
    ]
    assert talk(messages=said) == {
        "content": "<System: be\n\nhi\n\nAssistant: yes>",
        "usage": {},
        "provider": "shell",
        "shell_provider": "mine",
    }


def test_a_program_streams_by_lines(engine: Engine, program: Any) -> None:  # noqa: ANN401 - a writer
    """Each line that says something is a chunk."""
    talk = shell(engine, command=program("print('a\\n\\nb')"))
    answer = talk("llm.stream")
    assert (answer["content"], answer["streamed"], answer["chunk_count"]) == ("a\n\nb", True, 2)


@pytest.mark.parametrize(
    ("settings", "body", "content"),
    [
        ({"args": ["say", "{prompt}"]}, "print(sys.argv[1:])", "['say', 'hi']"),
        ({"args": ["${SHELL_TEST}"]}, "print(sys.argv[1])", "expanded"),
        ({"env": {"MINE": "${SHELL_TEST}!"}}, "print(os.environ['MINE'])", "expanded!"),
        (
            {"stdin_mode": "file", "args": ["{input_file}"]},
            "print(open(sys.argv[1]).read().upper())",
            "HI",
        ),
        ({"verbose": True}, "print('seen'); print('why', file=sys.stderr)", "seen"),
    ],
)
def test_how_a_program_is_told(
    engine: Engine,
    program: Any,  # noqa: ANN401 - a writer
    settings: dict[str, Any],
    body: str,
    content: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By argument, environment, file or standard input; variables expand."""
    monkeypatch.setenv("SHELL_TEST", "expanded")
    talk = shell(engine, command=program(body), **settings)
    assert talk()["content"] == content


def test_a_long_prompt_goes_through_standard_input(engine: Engine, program: Any) -> None:  # noqa: ANN401 - a writer
    """Arguments have an end."""
    body = "print(len(sys.argv), len(sys.stdin.read()))"
    talk = shell(engine, command=program(body), args=["{prompt}"])
    assert talk(messages=[{"role": "user", "content": "x" * 100_001}])["content"] == "1 100001"


def test_a_verbose_program_is_heard(
    engine: Engine,
    program: Any,  # noqa: ANN401 - a writer
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """On standard error, while it talks."""
    monkeypatch.setenv("TEA_SHELL_VERBOSE", "1")
    body = "print(sys.stdin.read()); print('why', file=sys.stderr)"
    assert shell(engine, command=program(body))()["content"] == "hi"
    assert set(capfd.readouterr().err.split()) == {"hi", "why"}


@pytest.mark.parametrize(
    ("settings", "body", "error"),
    [
        ({"command": "no-such-program"}, "", "Shell command not found: no-such-program"),
        ({"timeout": 0.2}, "time.sleep(30)", "Shell command timed out after 0.2s"),
        ({"timeout": 0.2, "verbose": True}, "time.sleep(30)", "Shell command timed out after 0.2s"),
        ({}, "sys.exit('because')", "Shell command failed (exit 1): because"),
        ({"stdin_mode": "telepathy"}, "", "Unknown stdin_mode: telepathy"),
    ],
)
def test_a_program_that_fails(
    engine: Engine,
    program: Any,  # noqa: ANN401 - a writer
    settings: dict[str, Any],
    body: str,
    error: str,
) -> None:
    """The answer says how."""
    talk = shell(engine, **{"command": program(body), **settings})
    assert talk() == {"error": error, "success": False}


def test_which_programs_there_are(ask: Ask, engine: Engine) -> None:
    """Some are built in; one must be named."""
    engine.shell_providers = {"mine": {"command": "x"}}
    unnamed = ask("llm.call", provider="shell", prompt="hi")
    assert unnamed["error"].startswith("provider='shell' requires shell_provider parameter")
    unknown = ask("llm.call", provider="shell", prompt="hi", shell_provider="other")
    names = ["claude", "codex", "cursor", "gemini", "mine", "opencode", "qwen"]
    assert unknown["error"] == f"Shell provider 'other' not configured. Available: {names}"


# ------------------------------------------------------------------ models in this process
class Llama:
    """What stands for a model of llama-cpp."""

    def __init__(self, **given: object) -> None:
        self.given = given

    def create_chat_completion(self, messages: list[Any], **options: object) -> dict[str, Any]:
        """Answer with the last message and the options."""
        text = f"{messages[-1]['content']} {sorted(options)}"
        choice = {"message": {"content": text}, "finish_reason": "stop"}
        return {"choices": [choice], "usage": {"total_tokens": 9, "prompt_tokens": 4}}

    def create_embedding(self, text: str) -> dict[str, Any]:
        """Return the length of the text."""
        return {"data": [{"embedding": [float(len(text)), 1.0]}]}


@pytest.fixture
def gguf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Put a module in the place of llama-cpp; return the path of a model."""
    module = types.ModuleType("llama_cpp")
    module.__dict__["Llama"] = Llama
    monkeypatch.setitem(sys.modules, "llama_cpp", module)
    path = tmp_path / "small.gguf"
    path.write_bytes(b"GGUF")
    return str(path)


@pytest.mark.parametrize("where", ["argument", "environment", "settings", "override", "model"])
def test_a_local_model_is_found(
    ask: Ask, engine: Engine, gguf: str, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By argument, command line, environment or settings."""
    params: dict[str, Any] = {"provider": "local"}
    if where == "environment":
        monkeypatch.setenv("TEA_MODEL_PATH", gguf)
    elif where == "settings":
        engine.settings = {"llm": {"model_path": gguf}}
    elif where == "override":
        engine.parts["llm_override"] = {"model_path": gguf, "backend": "local"}
        params = {}
    else:
        params = {"model": gguf, "provider": "auto" if where == "model" else "local"}
    assert ask("llm.call", prompt="hi", max_tokens=3, **params) == {
        "content": "hi ['max_tokens', 'temperature']",
        "usage": {"total_tokens": 9},
        "provider": "local",
        "model": "small.gguf",
        "finish_reason": "stop",
    }


def test_near_or_far(ask: Ask, engine: Engine, gguf: str, model: Model) -> None:
    """The local actions take a local model if one is configured, otherwise the far one."""
    far = {"model": "m", "prompt": "hi", "api_base": model.url}
    for name in ("llm.chat", "llm.local.chat", "llm.local.call", "llm.local.stream"):
        assert ask(name, **far)["content"] == "hello"
    engine.settings = {"llm": {"model_path": gguf}}
    for name in ("llm.chat", "llm.local.chat", "llm.local.call", "llm.local.stream"):
        assert ask(name, prompt="hi")["provider"] == "local"
    engine.parts["llm_override"] = {"backend": "api"}
    assert ask("llm.chat", **far)["content"] == "hello"


@pytest.mark.parametrize("name", ["llm.embed", "llm.local.embed"])
def test_a_local_vector(ask: Ask, engine: Engine, gguf: str, name: str) -> None:
    """Of the local model, or else as `embedding.create` makes it."""
    engine.embedding_fn = lambda text: [float(len(text))]
    assert ask(name, text="abc")["embedding"] == [3.0]
    engine.settings = {"llm": {"model_path": gguf}}
    local = {"embedding": [3.0, 1.0], "dimensions": 2, "provider": "local", "model": "small.gguf"}
    assert ask(name, text="abc") == local


@pytest.mark.parametrize("name", ["llm.chat", "llm.local.call", "llm.local.stream", "llm.embed"])
@pytest.mark.usefixtures("model")
def test_nothing_near_and_nothing_far(ask: Ask, engine: Engine, name: str) -> None:
    """Says so."""
    for gone in ("llm.call", "llm.stream", "embedding.create"):
        del actions_of(engine)[gone]
    answer = ask(name, prompt="hi", text="hi")
    assert answer == {"error": "No LLM backend available", "success": False}


@pytest.mark.usefixtures("model")
def test_no_local_model(ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer says what is missing: the library, the path, the file."""
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    params = {"provider": "local", "prompt": "hi"}
    assert "llama-cpp-python is not installed" in ask("llm.call", **params)["error"]
    monkeypatch.setitem(sys.modules, "llama_cpp", types.ModuleType("llama_cpp"))
    assert "no model file" in ask("llm.call", **params)["error"]
    gone = str(tmp_path / "gone.gguf")
    answer = ask("llm.call", model=gone, **params)
    assert answer["error"].endswith(f"model file not found: {gone}")
    assert answer["success"] is False
