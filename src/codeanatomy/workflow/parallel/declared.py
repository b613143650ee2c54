"""How branches run, as an agent file says it: a mapping becomes a config."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any, Final

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.parallel.circuit import CircuitBreakerConfig
from codeanatomy.workflow.parallel.config import ParallelConfig
from codeanatomy.workflow.parallel.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLAIN: Final = (
    "timeout_seconds",
    "timeout_total",
    "fail_fast",
    "include_traceback",
    "strategy",
    "max_workers",
)
_RETRY: Final = (
    "max_retries",
    "base_delay",
    "max_delay",
    "backoff_multiplier",
    "max_stored_errors",
)
_CIRCUIT: Final = ("failure_threshold", "reset_timeout", "half_open_max_calls")


def declared_config(declared: Mapping[str, Any]) -> ParallelConfig:
    """Read a `parallel_config`; `retry_on` names built-in exceptions."""
    known = {name: declared[name] for name in _PLAIN if declared.get(name) is not None}
    retry = declared.get("retry_policy") or declared.get("retry")
    circuit = declared.get("circuit_breaker")
    if isinstance(retry, dict):
        plain = {name: retry[name] for name in _RETRY if name in retry}
        known["retry_policy"] = Retry(**plain, retry_on=_exceptions(retry.get("retry_on")))
    if isinstance(circuit, dict):
        plain = {name: circuit[name] for name in _CIRCUIT if name in circuit}
        known["circuit_breaker"] = CircuitBreakerConfig(**plain)
    return ParallelConfig(**known)


def _exceptions(names: Any) -> set[type[Exception]] | None:  # noqa: ANN401 - what a file says
    if not names:
        return None
    found: set[type[Exception]] = set()
    for name in names if isinstance(names, list) else [names]:
        kind = getattr(builtins, str(name), None)
        if not (isinstance(kind, type) and issubclass(kind, Exception)):
            raise SpecError(f"retry_on: no built-in exception is called '{name}'", name=str(name))
        found.add(kind)
    return found
