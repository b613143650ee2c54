"""Looking at the failure that an `on_error` put into the state, and answering it."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host

State = dict[str, Any]

# what the name of an error says -> the status of an answer to it; the first that fits
_STATUS = (
    (("validation",), 422),
    (("auth", "permission"), 401),
    (("notfound", "not_found"), 404),
    (("ratelimit", "rate_limit"), 429),
    (("timeout",), 504),
    (("unavailable",), 503),
)
_ELSE, _FINE = 500, 200


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by name; each is a coroutine function."""

    async def retry(state: State, max_attempts: int = 1, **_: object) -> State:
        """Run the node that failed once more, up to `max_attempts` times."""
        return await _retry(host, state, max_attempts)

    async def respond(
        state: State, template: Any = None, status: int | None = None, **_: object
    ) -> State:
        """Make the answer to a request out of the failure."""
        return {"__http_response__": _response(state, template, status)}

    return {
        "error.is_retryable": is_retryable,
        "error.clear": clear,
        "error.get": get,
        "error.has": has,
        "error.type": type_,
        "error.retry": retry,
        "error.respond": respond,
    }


async def is_retryable(state: State, **_: object) -> bool:
    """Tell whether doing it again may help."""
    return bool(_error(state).get("is_retryable", False))


async def clear(state: State, **_: object) -> State:
    """Forget the failure."""
    return {"__error__": None}


async def get(state: State, **_: object) -> State | None:
    """Return the failure, or None."""
    found: State | None = state.get("__error__")
    return found


async def has(state: State, **_: object) -> bool:
    """Tell whether there is a failure."""
    return state.get("__error__") is not None


async def type_(state: State, **_: object) -> str | None:
    """Return the class name of the failure, or None."""
    return _error(state).get("type")


def _error(state: State) -> State:
    found = state.get("__error__")
    return found if isinstance(found, dict) else {}


async def _retry(host: Host, state: State, max_attempts: int) -> State:
    failed = _error(state)
    if not failed:
        return {"__retry_error__": "There is no error to retry"}
    run, told = _node(host, failed.get("node"))
    if run is None:
        return {"__retry_error__": told}
    clean = {key: value for key, value in state.items() if key != "__error__"}
    for _attempt in range(max(1, max_attempts)):
        try:
            result = run(state=clean)
            if inspect.isawaitable(result):
                result = await result
        except Exception as error:
            told = str(error) or type(error).__name__
        else:
            return {"__retry_success__": True, "__retry_result__": result, "__error__": None}
    return {"__retry_error__": told}


def _node(host: Host, name: object) -> tuple[Any, str]:
    graph = host.current_graph
    if graph is None or not isinstance(name, str):
        return None, "There is no graph, or the error names no node"
    try:
        run = graph.node(name).get("run")
    except KeyError:
        return None, f"Node '{name}' not found in the graph"
    return run, f"Node '{name}' has no run function"


def _response(state: State, template: Any, status: int | None) -> State:
    # The template comes rendered: what the state put into it is not rendered a second time.
    failed = _error(state)
    plain = {"error": failed.get("type"), "message": failed.get("message")} if failed else {}
    usual = _status(str(failed.get("type", ""))) if failed else _FINE
    body = plain if template is None else template
    return {"status": status or usual, "body": body, "headers": {}}


def _status(kind: str) -> int:
    lowered = kind.lower()
    for marks, status in _STATUS:
        if any(mark in lowered for mark in marks):
            return status
    return _ELSE
