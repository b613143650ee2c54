"""What a node does about a failure: raise it, note it and go on, or try again."""

from __future__ import annotations

import random
import time
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.errors import EffectMismatchError
from codeanatomy.workflow.journal.effects import current_step
from codeanatomy.workflow.response import HTTPResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    State = dict[str, Any]
    Run = Callable[..., State]

# what a file may write -> the class names it stands for
_ALIASES: dict[str, frozenset[str]] = {
    "timeout": frozenset({"TimeoutError", "Timeout", "TimeoutException", "APITimeoutError"}),
    "connection_error": frozenset({"ConnectionError", "ConnectError", "APIConnectionError"}),
    "rate_limit": frozenset({"RateLimitError", "TooManyRequests"}),
    "service_unavailable": frozenset({"ServiceUnavailableError", "InternalServerError"}),
    "http_error": frozenset({"HTTPError", "HTTPStatusError"}),
}
_RETRYABLE = tuple(_ALIASES)
_MODES = ("raise", "graceful", "retry")
_JITTER = 0.1
# field -> least, most
_BOUNDS: dict[str, tuple[float, float]] = {
    "max_retries": (0, 100),
    "retry_delay": (0.0, 3600.0),
    "backoff_multiplier": (1.0, 100.0),
}


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """The `on_error` of a node, with what `settings.error_handling` says beside it; seconds."""

    mode: str = "raise"
    max_retries: int = 3
    retry_delay: float = 1.0
    backoff_multiplier: float = 2.0
    retryable_errors: tuple[str, ...] = _RETRYABLE
    fallback: str | None = None
    capture_traceback: bool = False

    def is_retryable(self, error: BaseException) -> bool:
        """Tell whether a class of the error is among the retryable ones, by its name or alias."""
        names = {cls.__name__ for cls in type(error).__mro__}
        return any(
            name in names or not names.isdisjoint(_ALIASES.get(name.lower(), ()))
            for name in self.retryable_errors
        )

    def delay(self, attempt: int) -> float:
        """Return the seconds to wait after failure number `attempt`, from 0."""
        jitter = 1.0 + _JITTER * random.random()  # noqa: S311 - spreads retries, hides nothing
        return self.retry_delay * self.backoff_multiplier**attempt * jitter


def read_rule(node: Mapping[str, Any], where: str, defaults: Mapping[str, Any]) -> ErrorRule:
    """Read a node's `on_error`, a mode or a mapping, over the file's defaults."""
    declared = node["on_error"]
    if isinstance(declared, str):
        declared = {"mode": declared}
    if declared is not None and not isinstance(declared, dict):
        raise SpecError(f"Node '{where}': on_error is a mode or a mapping, got {declared!r}")
    own = dict(declared or {})
    if own.get("fallback") and "mode" not in own:
        own["mode"] = "graceful"
    both = {**defaults, **own}
    known = {
        name: both[name] for name in ErrorRule.__dataclass_fields__ if both.get(name) is not None
    }
    check(known)
    if "retryable_errors" in known:
        known["retryable_errors"] = tuple(map(str, known["retryable_errors"]))
    return ErrorRule(**known)


def check(values: Mapping[str, Any]) -> None:
    """Raise when a value is outside its bounds: pydantic's error, as the format promises."""
    mode = values.get("mode", "raise")
    out = [
        name
        for name, bounds in _BOUNDS.items()
        if name in values and not _inside(values[name], bounds)
    ]
    if mode in _MODES and not out:
        return
    try:
        from pydantic import ConfigDict, Field, create_model  # noqa: PLC0415 - only to say no
    except ImportError:
        wrong = f"mode {mode!r}" if not out else f"{out[0]} {values[out[0]]!r}"
        raise SpecError(f"error_handling: {wrong} is out of range") from None
    fields: dict[str, Any] = {
        name: (float, Field(default=least, ge=least, le=most))
        for name, (least, most) in _BOUNDS.items()
    }
    fields["mode"] = (str, Field(default="raise", pattern=f"^({'|'.join(_MODES)})$"))
    model = create_model("ErrorHandling", __config__=ConfigDict(extra="ignore"), **fields)
    model(**values)
    raise SpecError(f"error_handling: numbers are needed, not {dict(values)}")


def handled(run: Run, rule: ErrorRule, node: str, action: str | None) -> Run:
    """Return the node function that does about failures what the rule says."""
    extra = rule.max_retries if rule.mode == "retry" else 0

    def guarded(state: State, config: Mapping[str, Any] | None = None) -> State:
        visible = {key: value for key, value in state.items() if key != "__error__"}
        retries = 0
        while True:
            try:
                update = _attempt(run, visible, config)
            except (HTTPResponse, EffectMismatchError):
                raise
            except Exception as error:
                if rule.mode == "raise":
                    raise
                if retries < extra and rule.is_retryable(error):
                    time.sleep(rule.delay(retries))
                    retries += 1
                    continue
                return _noted(error, rule, node, action, retries)
            if rule.fallback and state.get("__fallback_node__"):
                return {**update, "__fallback_node__": None}
            return update

    return guarded


def _attempt(run: Run, state: State, config: Mapping[str, Any] | None) -> State:
    """Run once; in a journaled run every attempt performs the same effects, by their keys."""
    scope = current_step.get()
    if scope is None:
        return run(state, config)
    with scope.child("on_error").here():
        return run(state, config)


def _noted(error: Exception, rule: ErrorRule, node: str, action: str | None, retries: int) -> State:
    noted: State = {
        "__error__": {
            "type": type(error).__name__,
            "message": str(error),
            "node": node,
            "action": action,
            "timestamp": datetime.now(UTC).isoformat(),
            "retry_count": retries,
            "is_retryable": rule.is_retryable(error),
            "traceback": (
                "".join(traceback.format_exception(error)) if rule.capture_traceback else None
            ),
            "details": dict(getattr(error, "facts", None) or {}),
        }
    }
    if rule.fallback:
        noted["__fallback_node__"] = rule.fallback
    return noted


def _inside(value: Any, bounds: tuple[float, float]) -> bool:  # noqa: ANN401 - what a file says
    return (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and bounds[0] <= value <= bounds[1]
    )
