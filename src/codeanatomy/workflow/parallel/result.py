"""What became of one branch of a fan-out."""

from __future__ import annotations

import traceback as tracebacks
from dataclasses import dataclass, field, fields
from typing import Any, Final

from codeanatomy.workflow.parallel.circuit import CircuitOpenError


@dataclass
class ParallelFlowResult:
    """The end of a branch; `result["key"]` looks at its fields first, then at the branch's state.

    `timing_ms` is in milliseconds, `exit_code` that of the branch's process where it died.
    """

    branch: str
    success: bool
    state: dict[str, Any] | None = None
    error: str | None = None
    error_type: str | None = None
    traceback: str | None = None
    timeout: bool = False
    timing_ms: float = 0.0
    retry_count: int = 0
    circuit_state: str | None = None
    attempt_errors: list[dict[str, Any]] = field(default_factory=list)
    exit_code: int | None = None

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - a field, or whatever the state holds
        if isinstance(key, str):
            if key in FIELDS:
                return getattr(self, key)
            if self.state is not None and key in self.state:
                return self.state[key]
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and (key in FIELDS or key in (self.state or {}))

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - as above
        """Return a field or a value of the state, or the default where there is neither."""
        try:
            return self[key]
        except KeyError:
            return default

    def keys(self) -> list[str]:
        """Return the names of the fields, then the keys of the state."""
        return [*FIELDS, *(k for k in self.state or () if k not in FIELDS)]

    def to_dict(self) -> dict[str, Any]:
        """Return the twelve fields as a dict."""
        return {name: getattr(self, name) for name in FIELDS}

    @classmethod
    def from_success(
        cls,
        branch: str,
        state: dict[str, Any],
        timing_ms: float,
        retry_count: int = 0,
        circuit_state: str | None = None,
    ) -> ParallelFlowResult:
        """Make the result of a branch that came to its end."""
        return cls(
            branch,
            success=True,
            state=state,
            timing_ms=timing_ms,
            retry_count=retry_count,
            circuit_state=circuit_state,
        )

    @classmethod
    def from_error(
        cls,
        branch: str,
        exception: Exception,
        state: dict[str, Any] | None,
        timing_ms: float,
        include_traceback: bool = False,  # noqa: FBT001, FBT002 - the signature is promised
        retry_count: int = 0,
        attempt_errors: list[dict[str, Any]] | None = None,
        circuit_state: str | None = None,
    ) -> ParallelFlowResult:
        """Make the result of a branch that raised `exception`."""
        return cls(
            branch,
            success=False,
            state=state,
            error=str(exception),
            error_type=type(exception).__name__,
            traceback=traceback_of(exception) if include_traceback else None,
            timing_ms=timing_ms,
            retry_count=retry_count,
            circuit_state=circuit_state,
            attempt_errors=list(attempt_errors or ()),
        )

    @classmethod
    def from_timeout(
        cls,
        branch: str,
        state: dict[str, Any] | None,
        timing_ms: float,
        timeout_seconds: float,
        retry_count: int = 0,
        circuit_state: str | None = None,
    ) -> ParallelFlowResult:
        """Make the result of a branch that was not waited for any longer."""
        return cls(
            branch,
            success=False,
            state=state,
            error=f"Flow timed out after {timeout_seconds}s",
            error_type="TimeoutError",
            timeout=True,
            timing_ms=timing_ms,
            retry_count=retry_count,
            circuit_state=circuit_state,
        )

    @classmethod
    def from_circuit_open(cls, branch: str, circuit_name: str) -> ParallelFlowResult:
        """Make the result of a branch that was not run because its circuit is open."""
        return cls(
            branch,
            success=False,
            error=str(CircuitOpenError(circuit_name)),
            error_type="CircuitOpenError",
            circuit_state="open",
        )


FIELDS: Final = tuple(f.name for f in fields(ParallelFlowResult))


class BranchState(dict[str, Any]):
    """The state of a branch as a stream hands it to the fan-in: a dict like any other.

    A node may ask it for the fields of the branch's result as well, by attribute or by key, so
    that the same node runs in a stream and in `invoke`.
    """

    def __init__(self, result: ParallelFlowResult) -> None:
        super().__init__(result.state or {})
        self._result = result

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the field holds
        if name in FIELDS and "_result" in self.__dict__:
            return getattr(self._result, name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __missing__(self, key: str) -> Any:  # noqa: ANN401 - as above
        if key in FIELDS:
            return getattr(self._result, key)
        raise KeyError(key)

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - as above
        """Return a value of the state, else a field of the result, else the default."""
        return self[key] if key in self or key in FIELDS else default

    def to_dict(self) -> dict[str, Any]:
        """Return the twelve fields of the result as a dict."""
        return self._result.to_dict()


def traceback_of(exception: BaseException) -> str:
    """Format the traceback of an exception, with what caused it."""
    return "".join(tracebacks.format_exception(exception))
