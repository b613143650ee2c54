"""Actions that ask a language model: once, streamed, with tools, near or far."""

from __future__ import annotations

import warnings
from functools import partial
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions._calls import call as run_action
from codeanatomy.workflow.llm import local, shell, similarity
from codeanatomy.workflow.llm import tools as tooling
from codeanatomy.workflow.llm.ask import (
    NO_MESSAGES,
    Answer,
    Ask,
    Message,
    conversation,
    refused,
    resolved,
    sent_along,
    unaskable,
)
from codeanatomy.workflow.llm.call import call as ask_model
from codeanatomy.workflow.llm.call import stream as stream_model
from codeanatomy.workflow.llm.patience import Patience

if TYPE_CHECKING:
    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host

State = dict[str, Any]


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by their names."""
    return {
        "llm.call": partial(call, host),
        "llm.stream": partial(stream, host),
        "llm.retry": partial(retry, host),
        "llm.tools": partial(tools, host),
        "llm.similarity": partial(similar, host),
        "llm.chat": partial(chat, host),
        "llm.embed": partial(embed, host),
        "llm.local.call": partial(chat, host),
        "llm.local.chat": partial(chat, host),
        "llm.local.stream": partial(local_stream, host),
        "llm.local.embed": partial(embed, host),
    }


def call(
    host: Host,
    /,
    state: State,
    model: str | None = None,
    messages: list[Message] | None = None,
    prompt: str | None = None,
    system: str | None = None,
    temperature: float = 0.7,
    max_retries: int = 0,
    base_delay: float = 1.0,
    max_delay: float = 60.0,
    opik_trace: bool = False,
    opik_project_name: str | None = None,
    provider: str = "auto",
    api_base: str | None = None,
    deployment: str | None = None,
    timeout: float = 300,
    shell_provider: str | None = None,
    **extra: Any,
) -> Answer:
    """Ask a model and wait for the whole answer: `content` and `usage`."""
    said = conversation(messages, prompt, system)
    if said is None:
        return refused(NO_MESSAGES)
    name = _provider(host, provider, model)
    if name == "shell":
        return shell.ask_program(said, shell_provider, host.shell_providers)
    if name == "local":
        return local.ask_local(host, said, model, _local_options(temperature, extra))
    if wrong := unaskable(name, model):
        return wrong
    ask = Ask(
        said,
        str(model),
        name,
        temperature,
        api_base,
        deployment,
        timeout,
        opik_project_name,
        opik_trace,
        sent_along(extra),
    )
    return ask_model(ask, Patience(max_retries, base_delay, max_delay))


def stream(
    host: Host,
    /,
    state: State,
    model: str | None = None,
    messages: list[Message] | None = None,
    prompt: str | None = None,
    system: str | None = None,
    temperature: float = 0.7,
    opik_trace: bool = False,
    opik_project_name: str | None = None,
    provider: str = "auto",
    api_base: str | None = None,
    deployment: str | None = None,
    timeout: float = 300,
    shell_provider: str | None = None,
    **extra: Any,
) -> Answer:
    """Ask a model and read its answer as it comes; also `streamed` and `chunk_count`."""
    said = conversation(messages, prompt, system)
    if said is None:
        return refused(NO_MESSAGES)
    name = _provider(host, provider, model)
    if name == "shell":
        answer = shell.ask_program(said, shell_provider, host.shell_providers)
        return shell.streamed(answer)
    if name == "local":
        options = _local_options(temperature, extra)
        return shell.streamed(local.ask_local(host, said, model, options))
    if wrong := unaskable(name, model):
        return wrong
    ask = Ask(
        said,
        str(model),
        name,
        temperature,
        api_base,
        deployment,
        None,
        opik_project_name,
        opik_trace,
        sent_along(extra),
    )
    return stream_model(ask)


def retry(
    host: Host,
    /,
    state: State,
    model: str | None = None,
    messages: list[Message] | None = None,
    max_retries: int = 3,
    base_delay: float = 1.0,
    max_delay: float = 60.0,
    temperature: float = 0.7,
    **extra: Any,
) -> Answer:
    """Ask with three retries; deprecated."""
    warnings.warn(
        "llm.retry is deprecated; use llm.call with max_retries",
        DeprecationWarning,
        stacklevel=2,
    )
    return call(
        host,
        state,
        model=model,
        messages=messages,
        max_retries=max_retries,
        base_delay=base_delay,
        max_delay=max_delay,
        temperature=temperature,
        **extra,
    )


def tools(
    host: Host,
    /,
    state: State,
    model: str | None = None,
    messages: list[Message] | None = None,
    prompt: str | None = None,
    system: str | None = None,
    tools: list[dict[str, Any]] | None = None,
    tool_choice: Any = "auto",
    max_tool_rounds: int = 10,
    temperature: float = 0.7,
    opik_trace: bool = False,
    opik_project_name: str | None = None,
    provider: str = "auto",
    api_base: str | None = None,
    deployment: str | None = None,
    **extra: Any,
) -> Answer:
    """Ask a model that may call actions, round after round, until it answers."""
    said = conversation(messages, prompt, system)
    if said is None:
        return refused(NO_MESSAGES)
    name = _provider(host, provider, model)
    if name in {"shell", "local"}:
        return refused(f"llm.tools does not work with provider '{name}'")
    if wrong := unaskable(name, model):
        return wrong
    ask = Ask(
        said,
        str(model),
        name,
        temperature,
        api_base,
        deployment,
        None,
        opik_project_name,
        opik_trace,
        sent_along(extra),
    )

    def run(action: Action, arguments: State) -> Any:
        return run_action(partial(action, **arguments), state)

    return tooling.converse(
        ask, tools or [], tool_choice, max_tool_rounds, host.actions_registry, run
    )


def similar(
    host: Host,
    /,
    state: State,
    text_a: str | None = None,
    text_b: str | None = None,
    vector_a: list[float] | None = None,
    vector_b: list[float] | None = None,
    model: str = "text-embedding-3-small",
    provider: str = "auto",
    api_base: str | None = None,
    **extra: Any,
) -> Answer:
    """Compare two vectors, or two texts by their embeddings."""
    if vector_a is not None and vector_b is not None:
        return similarity.similarity_of_vectors(vector_a, vector_b)
    if text_a is None or text_b is None:
        return refused("Missing required parameters: text_a and text_b, or vector_a and vector_b")
    name = resolved(provider)
    if name in {"shell", "local"}:
        return refused(f"llm.similarity does not work with provider '{name}'")
    if wrong := unaskable(name, model):
        return wrong
    return similarity.similarity_of_texts(Ask([], model, name, api_base=api_base), text_a, text_b)


def chat(
    host: Host,
    /,
    state: State,
    model: str | None = None,
    messages: list[Message] | None = None,
    prompt: str | None = None,
    system: str | None = None,
    temperature: float = 0.7,
    **extra: Any,
) -> Answer:
    """Ask the local model if one is configured, otherwise whichever `llm.call` reaches."""
    return _near_or_far(
        host,
        state,
        "llm.call",
        model=model,
        messages=messages,
        prompt=prompt,
        system=system,
        temperature=temperature,
        **extra,
    )


def local_stream(host: Host, /, state: State, **asked: Any) -> Answer:
    """Ask the local model if one is configured, otherwise whichever `llm.stream` reaches."""
    return _near_or_far(host, state, "llm.stream", **asked)


def embed(host: Host, /, state: State, text: str, model: str | None = None, **extra: Any) -> Answer:
    """Return the vector of a text, by the local model or by `embedding.create`."""
    if _has_local(host, model):
        return local.embed_local(host, text, model)
    create = host.actions_registry.get("embedding.create")
    if create is None:
        return refused("No LLM backend available")
    made: Answer = create(state=state, text=text, model=model)
    return made


def _near_or_far(host: Host, state: State, far: str, **asked: Any) -> Answer:
    if _has_local(host, asked.get("model")):
        asked["provider"] = "local"
    action = host.actions_registry.get(far)
    if action is None:
        return refused("No LLM backend available")
    answer: Answer = action(state=state, **asked)
    return answer


def _has_local(host: Host, model: str | None) -> bool:
    override = host.parts.get(local.OVERRIDE) or {}
    return override.get("backend") != "api" and local.model_path(host, model) is not None


def _provider(host: Host, provider: str, model: str | None) -> str:
    auto = (provider or "auto").lower() == "auto"
    return "local" if auto and local.wants_local(host, model) else resolved(provider)


def _local_options(temperature: float, extra: State) -> State:
    known = ("max_tokens", "top_p", "top_k", "stop", "seed", "response_format")
    return {"temperature": temperature, **{k: extra[k] for k in known if k in extra}}
