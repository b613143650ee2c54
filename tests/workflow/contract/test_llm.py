"""What asking a language model answers: against a server that speaks the real protocol."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from tests.workflow.fake_model import USAGE, Model, Reply, serving

Ask = Any  # an action by name, already holding the state
HI = [{"role": "user", "content": "hi"}]


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
