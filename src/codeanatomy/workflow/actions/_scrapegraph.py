"""Letting ScrapeGraph read a page into a shape, with memory and second tries."""

from __future__ import annotations

import hashlib
import json
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from codeanatomy.workflow.actions import _cache, _merging, _schemas, _web
from codeanatomy.workflow.actions._results import Failed, Result, err, ok

if TYPE_CHECKING:
    from codeanatomy.workflow.host import Host

_PAUSE = 1.0  # seconds before the second try; the next ones wait twice as long each
_TYPES = {"string": str, "integer": int, "number": float, "boolean": bool}
_ACTION = "web.ai_scrape"


class Wanted(NamedTuple):
    """What is to be read, how, and for how long it is remembered."""

    url: str
    prompt: str
    schema: dict[str, Any] | None
    timeout: float
    max_retries: int
    cache: dict[str, Any]


def scrape(host: Host, wanted: Wanted) -> Result:
    """Return the data of a page: from the memory, or from the service."""
    try:
        shape = _shape(host, wanted.schema)
    except Failed as failed:
        return failed.result
    if not wanted.cache.get("enabled"):
        return _fetch(wanted, shape)
    return _remembered(host, wanted, shape)


def _remembered(host: Host, wanted: Wanted, shape: dict[str, Any] | None) -> Result:
    memory, name = host.ltm_backend, _key(wanted, shape)
    if memory is not None and not wanted.cache.get("skip_cache"):
        hit = _cache.read(memory, name)
        if hit is not None and not hit.expired:
            created = hit.metadata.get("_cache_created_at")
            marks = {"_cache_hit": True, "_cache_key": name, "_cache_created_at": created}
            return {**hit.value, **marks}
    found = _fetch(wanted, shape)
    if memory is not None and found["success"]:
        given = wanted.cache
        seconds = _cache.life(
            given.get("ttl_days"), given.get("ttl_hours"), given.get("ttl_seconds")
        )
        _cache.write(memory, name, _ACTION, found, seconds)
    return {**found, "_cache_hit": False, "_cache_key": name}


def _key(wanted: Wanted, shape: dict[str, Any] | None) -> str:
    text = json.dumps([wanted.url, wanted.prompt, shape], sort_keys=True, default=str)
    return f"cache:{_ACTION}:{hashlib.sha256(text.encode()).hexdigest()}"


def _fetch(wanted: Wanted, shape: dict[str, Any] | None) -> Result:
    try:
        key = _web.key("SCRAPEGRAPH_API_KEY")
        client = _client(key)
        model = None if shape is None else _model(shape)
    except Failed as failed:
        return failed.result
    pause, told = _PAUSE, err("No try was made", "api_error")
    for attempt in range(max(1, wanted.max_retries)):
        if attempt:
            time.sleep(pause)
            pause *= 2
        try:
            answer = client.smartscraper(
                website_url=wanted.url, user_prompt=wanted.prompt, output_schema=model
            )
        except Exception as error:
            told = _failure(error)
            if told["error_type"] == "authentication":
                return told
        else:
            data = answer.get("result", answer) if isinstance(answer, dict) else answer
            return ok(data=data, url=wanted.url, schema_used=shape is not None)
    return told


def _client(key: str) -> Any:
    try:
        from scrapegraph_py import Client
    except ImportError as error:
        told = "ScrapeGraph is not installed: pip install scrapegraph-py"
        raise Failed(told, "dependency") from error
    return Client(api_key=key)


def _failure(error: Exception) -> Result:
    text = str(error)
    lowered = text.lower()
    marks = {
        "rate_limit": ("429", "rate limit"),
        "authentication": ("401", "403", "unauthorized", "api key"),
        "timeout": ("timeout", "timed out"),
    }
    for kind, words in marks.items():
        if any(word in lowered for word in words) or (
            kind == "timeout" and isinstance(error, TimeoutError)
        ):
            return err(f"ScrapeGraph failed: {text}", kind)
    return err(f"ScrapeGraph failed: {text}", "api_error")


def _shape(host: Host, declared: dict[str, Any] | None) -> dict[str, Any] | None:
    if declared is None:
        return None
    if not isinstance(declared, dict):
        raise Failed(f"A schema is a mapping, got {type(declared).__name__}", "schema_error")
    if not {"uses", "inline", "path"} & set(declared):
        return declared
    uses = declared.get("uses")
    parts = [{"uses": one} for one in (uses if isinstance(uses, list) else [uses]) if one]
    parts += [{name: declared[name]} for name in ("path", "inline") if declared.get(name)]
    loaded, errors = _schemas.load_all(host, parts)
    if errors:
        raise Failed(f"Cannot read the schema: {'; '.join(errors)}", "schema_error")
    return _merging.merge(loaded)


def _model(shape: dict[str, Any]) -> Any:
    """Return a pydantic model of a JSON schema of an object."""
    from pydantic import create_model

    try:
        return create_model("Output", **_fields(shape))
    except Exception as error:
        raise Failed(f"The schema is no object of fields: {error}", "schema_error") from error


def _fields(shape: dict[str, Any]) -> dict[str, Any]:
    required = set(shape.get("required") or ())
    return {
        name: (_type(field), ...) if name in required else (_type(field) | None, None)
        for name, field in shape["properties"].items()
    }


def _type(field: dict[str, Any]) -> Any:
    kind = field.get("type")
    if kind == "array":
        return list[_type(field.get("items") or {})]  # type: ignore[misc] # made while running
    if kind == "object":
        return _model(field) if field.get("properties") else dict[str, Any]
    return _TYPES.get(str(kind), Any)
