"""Actions on long-term memory, as its backend answers them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions._results import err

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host

State = dict[str, Any]
_ABSENT = "Long-term memory is not configured: use YAMLEngine(enable_ltm=True) or pass ltm_backend"


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by their names."""
    return {
        "ltm.store": partial(store, host),
        "ltm.retrieve": partial(retrieve, host),
        "ltm.delete": partial(delete, host),
        "ltm.search": partial(search, host),
    }


def store(
    host: Host, /, state: State, key: Any, value: Any, metadata: State | None = None, **_: object
) -> State:
    """Keep a JSON value with its metadata."""
    return _keyed(host, key, lambda backend: backend.store(str(key), value, metadata))


def retrieve(host: Host, /, state: State, key: Any, default: Any = None, **_: object) -> State:
    """Return a value, or the default when it is not there."""
    return _keyed(host, key, lambda backend: backend.retrieve(str(key), default))


def delete(host: Host, /, state: State, key: Any, **_: object) -> State:
    """Forget a key."""
    return _keyed(host, key, lambda backend: backend.delete(str(key)))


def search(
    host: Host,
    /,
    state: State,
    query: str | None = None,
    metadata_filter: State | None = None,
    limit: int = 10,
    **_: object,
) -> State:
    """Find the entries with a phrase, or the newest."""
    return _asked(
        host, lambda backend: backend.search(query, metadata_filter=metadata_filter, limit=limit)
    )


def _keyed(host: Host, key: Any, work: Callable[[Any], State]) -> State:
    if key is None and host.ltm_backend is not None:
        return err("Key is required", "validation_error")
    return _asked(host, work)


def _asked(host: Host, work: Callable[[Any], State]) -> State:
    backend = host.ltm_backend
    if backend is None:
        return err(_ABSENT, "configuration_error")
    try:
        return work(backend)
    except Exception as error:
        return err(str(error), "query_error")
