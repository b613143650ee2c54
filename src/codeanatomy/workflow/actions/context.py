"""The action that fills a prompt: the pieces that matter most, as many as the tokens allow."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions._calls import call
from codeanatomy.workflow.actions._results import err, ok
from codeanatomy.workflow.memory.words import words_of
from codeanatomy.workflow.template.written import render_given, renders

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host

State = dict[str, Any]
_MOST_TOKENS = 8000
_CHARACTERS = 4  # to a token, roughly
_OWN = ("self", "state", "template")  # what rendering itself is told
_RELEVANCE, _PRIORITY = 0.7, 0.3
_UNREADABLE = (
    "context.assemble needs functions that list and retrieve: pass list_fn and retrieve_fn,"
    " or configure a blob storage"
)


def actions(host: Host) -> dict[str, Action]:
    """Return the action by its name."""
    return {"context.assemble": renders(partial(assemble, host), "config*")}


def assemble(
    host: Host,
    /,
    state: State,
    config: State | None = None,
    query: str | None = None,
    variables: State | None = None,
    list_fn: Callable[[str], list[str]] | None = None,
    retrieve_fn: Callable[[str], Any] | None = None,
    **_: object,
) -> State:
    """Put together the pieces of each layer, the best first, within `max_tokens`.

    A layer is `{scope, path, priority (0 to 1), max_tokens}`; its path is a template of the
    variables. A table is `{table, sql, limit}`, asked through `data.query`.
    """
    own = {key: value for key, value in (variables or {}).items() if key not in _OWN}
    given = config or (host.settings or {}).get("context") or {}
    try:
        wanted = render_given(host, given, {**state, **(variables or {})}, **own)
    except Exception as error:
        return err(f"Context assembly failed: {error}", "assembly_error")
    lister = list_fn or state.get("_list_fn") or getattr(host.blob_storage, "names", None)
    reader = retrieve_fn or state.get("_retrieve_fn") or getattr(host.blob_storage, "read", None)
    layers = wanted.get("layers") or []
    if lister is None or reader is None:
        return err(_UNREADABLE, "configuration_error")
    try:
        pieces = [
            piece for layer in layers for piece in _pieces(layer, query or "", lister, reader)
        ]
        tables = _tables(host, state, wanted.get("tabular") or [])
    except Exception as error:
        return err(f"Context assembly failed: {error}", "assembly_error")
    chosen, cut = _fitting(pieces, int(wanted.get("max_tokens", _MOST_TOKENS)), tables)
    texts = [f"## {piece['path']}\n{piece['text']}" for piece in chosen]
    texts += [f"## {table['table']}\n{_rows(table['rows'])}" for table in tables]
    sources = [{k: p[k] for k in ("path", "scope", "tokens", "score")} for p in chosen]
    return ok(
        context="\n\n".join(texts),
        tokens=_tokens("\n\n".join(texts)),
        sources=sources,
        tabular=tables,
        truncated=cut,
    )


def relevance(query: str, text: str) -> float:
    """Return the share of the query's words that the text has; 1 without a query."""
    asked = set(words_of(query).split())
    return len(asked & set(words_of(text).split())) / len(asked) if asked else 1.0


def _pieces(
    layer: State,
    query: str,
    lister: Callable[[str], list[str]],
    reader: Callable[[str], Any],
) -> list[State]:
    path = str(layer.get("path", ""))
    priority = float(layer.get("priority", 0.5))
    found = []
    for name in lister(path):
        text = _text(reader(name))
        score = _RELEVANCE * relevance(query, text) + _PRIORITY * priority
        found.append(
            {
                "path": name,
                "scope": layer.get("scope") or layer.get("name") or path,
                "text": text,
                "tokens": _tokens(text),
                "score": round(score, 6),
            }
        )
    return _within(found, layer.get("max_tokens"))


def _within(pieces: list[State], most: int | None) -> list[State]:
    best = sorted(pieces, key=lambda piece: (-piece["score"], piece["path"]))
    if most is None:
        return best
    kept, used = [], 0
    for piece in best:
        if used + piece["tokens"] <= most:
            kept.append(piece)
            used += piece["tokens"]
    return kept


def _fitting(pieces: list[State], most: int, tables: list[State]) -> tuple[list[State], bool]:
    used = sum(_tokens(_rows(table["rows"])) for table in tables)
    chosen: list[State] = []
    for piece in sorted(pieces, key=lambda piece: (-piece["score"], piece["path"])):
        if used + piece["tokens"] <= most:
            chosen.append(piece)
            used += piece["tokens"]
    return chosen, len(chosen) < len(pieces)


def _tables(host: Host, state: State, wanted: list[State]) -> list[State]:
    tables = []
    for one in wanted:
        limit = int(one.get("limit", 50))
        asked = {
            "table": one["table"],
            "sql": one.get("sql") or "SELECT * FROM data",
        }
        found = call(partial(host.actions_registry["data.query"], **asked), state)
        if not found.get("success"):
            raise ValueError(f"table {one['table']}: {found.get('error')}")
        tables.append({"table": one["table"], "rows": list(found["rows"])[:limit]})
    return tables


def _rows(rows: list[Any]) -> str:
    return "\n".join(str(row) for row in rows)


def _text(found: Any) -> str:
    if isinstance(found, bytes):
        return found.decode("utf-8", "replace")
    return str(found.get("content", "")) if isinstance(found, dict) else str(found)


def _tokens(text: str) -> int:
    return len(text) // _CHARACTERS
