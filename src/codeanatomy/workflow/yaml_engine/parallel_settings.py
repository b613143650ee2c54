"""How branches run, as a file says it: mappings into the values that fan-outs take."""

from __future__ import annotations

import builtins
import logging
from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.parallel.circuit import CircuitBreakerConfig
from codeanatomy.workflow.parallel.config import ParallelConfig
from codeanatomy.workflow.parallel.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOG = logging.getLogger("the_edge_agent.yaml_engine")
_STRATEGIES = ("thread", "process", "asyncio", "remote")
_PLAIN = (
    "timeout_seconds",
    "timeout_total",
    "fail_fast",
    "include_traceback",
    "strategy",
    "max_workers",
)
_RETRY = ("max_retries", "base_delay", "max_delay", "backoff_multiplier", "max_stored_errors")
_CIRCUIT = ("failure_threshold", "reset_timeout", "half_open_max_calls")


def parallel_config(declared: Mapping[str, Any]) -> ParallelConfig:
    """Read a `parallel_config`; of `retry_on`, the names of built-in exceptions count."""
    known = {name: declared[name] for name in _PLAIN if declared.get(name) is not None}
    retry, circuit = (
        declared.get("retry_policy") or declared.get("retry"),
        declared.get("circuit_breaker"),
    )
    if isinstance(retry, dict):
        known["retry_policy"] = Retry(
            **{name: retry[name] for name in _RETRY if name in retry},
            retry_on=_exceptions(retry.get("retry_on")),
        )
    if isinstance(circuit, dict):
        known["circuit_breaker"] = CircuitBreakerConfig(
            **{name: circuit[name] for name in _CIRCUIT if name in circuit}
        )
    return ParallelConfig(**known)


def parallel_settings(settings: Mapping[str, Any]) -> ParallelConfig | None:
    """Read `settings.parallel`; a strategy that is not known is a warning, and threads."""
    declared = settings.get("parallel")
    if not isinstance(declared, dict) or not declared:
        return None
    strategy = declared.get("strategy", "thread")
    if strategy not in _STRATEGIES:
        _LOG.warning(
            "Invalid parallel strategy '%s' in settings.parallel: using 'thread'. There are: %s",
            strategy,
            ", ".join(_STRATEGIES),
        )
        strategy = "thread"
    config = parallel_config({**declared, "strategy": strategy})
    if strategy == "remote":
        config.remote_config = declared.get("remote") or declared
    return config


def check_streams(settings: Mapping[str, Any], streaming: list[str]) -> None:
    """Refuse streams between nodes where branches do not run in processes."""
    declared = settings.get("parallel")
    parallel = declared if isinstance(declared, dict) else {}
    streams = parallel.get("streams")
    wanted = streams.get("enabled", True) if isinstance(streams, dict) else bool(streams)
    strategy = parallel.get("strategy", "thread")
    if (wanted or streaming) and strategy != "process":
        where = f" (nodes: {', '.join(streaming)})" if streaming else ""
        raise SpecError(
            f"Streams require parallel_strategy: process, but it is '{strategy}'{where}"
        )


def _exceptions(names: Any) -> set[type[Exception]] | None:  # noqa: ANN401 - what a file says
    if not names:
        return None
    found: set[type[Exception]] = set()
    for name in names if isinstance(names, list) else [names]:
        kind = getattr(builtins, str(name), None)
        if not (isinstance(kind, type) and issubclass(kind, Exception)):
            raise SpecError(f"retry_on: no built-in exception is called '{name}'")
        found.add(kind)
    return found
