"""The client of each provider, made by the library the person installed."""

from __future__ import annotations

import os
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.journal.effects import idempotency_key

if TYPE_CHECKING:
    from codeanatomy.workflow.llm.ask import Ask

_OLLAMA = "http://localhost:11434/v1"
_AZURE_VERSION = "2024-02-15-preview"
_NO_OPENAI = (
    "OpenAI library not installed. Install with: pip install openai (the extra codeanatomy[llm])"
)
_NO_LITELLM = "LiteLLM library not installed. Install with: pip install litellm"


def openai_library() -> Any:  # noqa: ANN401 - a module that may be absent
    """Import openai, or say how to install it."""
    return _library("openai", _NO_OPENAI)


def litellm_library() -> Any:  # noqa: ANN401 - a module that may be absent
    """Import litellm, or say how to install it."""
    return _library("litellm", _NO_LITELLM)


def make_client(ask: Ask) -> Any:  # noqa: ANN401 - openai.OpenAI, or what stands for it
    """Make the client that an ask for openai, ollama or azure goes through."""
    library = openai_library()
    wait = {} if ask.timeout is None else {"timeout": ask.timeout}
    if ask.provider == "azure":
        client = library.AzureOpenAI(
            api_key=os.environ.get("AZURE_OPENAI_API_KEY"),
            azure_endpoint=ask.api_base or os.environ.get("AZURE_OPENAI_ENDPOINT"),
            api_version=os.environ.get("OPENAI_API_VERSION") or _AZURE_VERSION,
            **wait,
        )
    elif ask.provider == "ollama":
        base = ask.api_base or os.environ.get("OLLAMA_API_BASE") or _OLLAMA
        client = library.OpenAI(base_url=base, api_key="ollama", **wait)
    elif ask.api_base:
        client = library.OpenAI(base_url=ask.api_base, **wait)
    else:
        client = library.OpenAI(**wait)
    return _traced(client, ask) if ask.opik_trace else client


def send(ask: Ask, client: Any, part: int = 0, **more: object) -> Any:  # noqa: ANN401 - the provider's answer
    """Send the conversation once, with `more` keywords, and return what came back.

    In a journaled run the request carries the key of its effect; `part` tells the requests of
    one effect apart.
    """
    if ask.provider == "litellm":
        return _send_litellm(ask, **more)
    extra = {**ask.extra, **more}
    if (key := idempotency_key()) is not None:
        given = extra.get("extra_headers") or {}
        extra["extra_headers"] = {"Idempotency-Key": f"{key}/{part}", **given}
    return client.chat.completions.create(
        model=ask.model_sent,
        messages=ask.messages,
        temperature=ask.temperature,
        **extra,
    )


def client_of(ask: Ask) -> Any:  # noqa: ANN401 - None for litellm, which has functions only
    """Return what `send` needs besides the ask; raises ImportError for a missing library."""
    if ask.provider == "litellm":
        litellm_library()
        return None
    return make_client(ask)


def _send_litellm(ask: Ask, **more: object) -> Any:  # noqa: ANN401 - litellm's answer
    library = litellm_library()
    where = {"api_base": ask.api_base} if ask.api_base else {}
    extra = dict(ask.extra)
    if ask.opik_trace:
        _trace_litellm(library, ask, extra)
    return library.completion(
        model=ask.model,
        messages=ask.messages,
        temperature=ask.temperature,
        **more,
        **extra,
        **where,
    )


def _traced(client: Any, ask: Ask) -> Any:  # noqa: ANN401 - a client in, a client out
    try:
        track = import_module("opik.integrations.openai").track_openai
    except ImportError:
        _no_opik()
        return client
    return track(client, project_name=ask.opik_project)


def _trace_litellm(library: Any, ask: Ask, extra: dict[str, Any]) -> None:  # noqa: ANN401 - a module
    try:
        logger = import_module("opik.integrations.litellm").OpikLogger
    except ImportError:
        _no_opik()
        return
    library.callbacks = [logger()]
    if ask.opik_project:
        facts = dict(extra.get("metadata") or {})
        facts["opik"] = {**facts.get("opik", {}), "project_name": ask.opik_project}
        extra["metadata"] = facts


def _no_opik() -> None:
    warnings.warn(
        "opik_trace is on and opik is not installed: the call is not traced. pip install opik",
        RuntimeWarning,
        stacklevel=2,
    )


def _library(name: str, missing: str) -> Any:  # noqa: ANN401 - a module that may be absent
    try:
        return import_module(name)
    except ImportError as wrong:
        raise ImportError(missing) from wrong
