"""What is asked of a model, and which provider gets it; nothing is sent here."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

Message = dict[str, Any]
Answer = dict[str, Any]

PROVIDERS = ("azure", "litellm", "local", "ollama", "openai", "shell")
_SAME = {"azure_openai": "azure", "azureopenai": "azure"}
_NOT_SENT = frozenset(
    "state config node graph parallel_results max_retries base_delay max_delay opik_trace"
    " opik_project_name provider api_base shell_provider"
    " shell_providers backend model_path n_ctx".split()  # settings of a file, for other providers
)


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: the messages, the model, where it is, and how long to wait (seconds)."""

    messages: list[Message]
    model: str
    provider: str
    temperature: float = 0.7
    api_base: str | None = None
    deployment: str | None = None
    timeout: float | None = None
    opik_project: str | None = None
    opik_trace: bool = False
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def model_sent(self) -> str:
        """The name the provider knows the model by: on Azure that of the deployment."""
        if self.provider != "azure":
            return self.model
        return self.deployment or os.environ.get("AZURE_OPENAI_DEPLOYMENT") or self.model


def resolved(provider: str | None) -> str:
    """Return the provider by name; `auto` looks at what the environment is set up for."""
    name = (provider or "auto").lower()
    name = _SAME.get(name, name)
    if name != "auto":
        return name
    if os.environ.get("OLLAMA_API_BASE"):
        return "ollama"
    azure = os.environ.get("AZURE_OPENAI_API_KEY") and os.environ.get("AZURE_OPENAI_ENDPOINT")
    return "azure" if azure else "openai"


def conversation(
    messages: list[Message] | None, prompt: str | None, system: str | None
) -> list[Message] | None:
    """Return the messages; those given win over a prompt with its system text; None if neither."""
    if messages:
        return list(messages)
    if prompt is None:
        return None
    before = [{"role": "system", "content": system}] if system else []
    return [*before, {"role": "user", "content": prompt}]


def sent_along(extra: dict[str, Any]) -> dict[str, Any]:
    """Return the keywords that the provider is to see."""
    return {key: value for key, value in extra.items() if key not in _NOT_SENT}


def refused(text: str, **facts: object) -> Answer:
    """Return the answer of a question that got none."""
    return {"error": text, "success": False, **facts}


NO_MESSAGES = "Missing required parameter: prompt or messages"


def unaskable(provider: str, model: str | None) -> Answer | None:
    """Return why this provider cannot be asked for this model, or None."""
    if provider not in PROVIDERS:
        return refused(f"Unknown provider '{provider}'. Providers: auto, {', '.join(PROVIDERS)}")
    if not model:
        return refused(f"model is required for provider '{provider}'")
    return None
