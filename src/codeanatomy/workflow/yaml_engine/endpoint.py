"""The `endpoint` section of a file: the route under which an agent is served."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Mapping

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_PARAMETER = re.compile(r"\{(\w+)\}")


def read_endpoint(definition: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the endpoint with its defaults filled in; None when the file has none."""
    declared = definition.get("endpoint")
    if not declared:
        return None
    if not isinstance(declared, dict) or not declared.get("path"):
        raise SpecError("endpoint: a mapping with a 'path' is needed")
    method = str(declared.get("method", "POST")).upper()
    if method not in _METHODS:
        raise SpecError(f"endpoint: unknown method {method!r}; there are: {', '.join(_METHODS)}")
    return {
        **declared,
        "path": str(declared["path"]),
        "method": method,
        "summary": declared.get("summary") or str(definition.get("name") or ""),
        "description": declared.get("description") or str(definition.get("description") or ""),
        "tags": list(declared.get("tags") or []),
    }


def openapi_operation(endpoint: Mapping[str, Any]) -> dict[str, Any]:
    """Return the OpenAPI operation of an endpoint, its parameters and bodies."""
    operation: dict[str, Any] = {
        "summary": endpoint["summary"],
        "description": endpoint["description"],
        "tags": endpoint["tags"],
        "parameters": [*_parameters(endpoint, "path"), *_parameters(endpoint, "query")],
        "responses": {"200": _body(endpoint.get("response"), "Successful response")},
    }
    if endpoint.get("request"):
        operation["requestBody"] = _body(endpoint["request"], "Request")
    return operation


def _parameters(endpoint: Mapping[str, Any], place: str) -> list[dict[str, Any]]:
    declared = dict(_named(endpoint.get(f"{place}_params")))
    if place == "path":
        for name in _PARAMETER.findall(endpoint["path"]):
            declared.setdefault(name, {})
    return [
        {
            "name": name,
            "in": place,
            "required": place == "path" or bool(told.get("required")),
            "description": str(told.get("description") or ""),
            "schema": {"type": _TYPES.get(str(told.get("type", "str")), "string")},
        }
        for name, told in declared.items()
    ]


_TYPES = {
    "str": "string",
    "string": "string",
    "int": "integer",
    "integer": "integer",
    "float": "number",
    "number": "number",
    "bool": "boolean",
    "boolean": "boolean",
    "list": "array",
    "dict": "object",
}


def _named(declared: Any) -> list[tuple[str, dict[str, Any]]]:  # noqa: ANN401 - what a file says
    if isinstance(declared, dict):
        return [
            (str(name), told if isinstance(told, dict) else {"type": told})
            for name, told in declared.items()
        ]
    if isinstance(declared, list):
        return [
            (str(one["name"]), one) for one in declared if isinstance(one, dict) and "name" in one
        ]
    return []


def _body(declared: Any, description: str) -> dict[str, Any]:  # noqa: ANN401 - what a file says
    told = declared if isinstance(declared, dict) else {}
    kind = str(told.get("content_type") or "application/json")
    schema = told.get("schema", {"type": "object"})
    return {
        "description": str(told.get("description") or description),
        "content": {kind: {"schema": schema}},
    }
