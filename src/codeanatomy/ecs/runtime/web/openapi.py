"""The OpenAPI document, derived from the routes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from codeanatomy.ecs.runtime.operation import operation_of
from codeanatomy.ecs.runtime.web.asked import Nothing
from codeanatomy.ecs.runtime.web.routes import ROUTES

if TYPE_CHECKING:
    from codeanatomy.ecs.runtime.web.asked import Body
    from codeanatomy.ecs.runtime.web.routes import Route

_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string", "description": "Stable; see the reference of errors."},
                "message": {"type": "string"},
                "facts": {"type": "object"},
            },
        }
    },
}


def document(version: str) -> dict[str, Any]:
    """Give the document (OpenAPI 3.1)."""
    schemas = _schemas()
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "codeanatomy worlds",
            "version": version,
            "description": "Named worlds: commands, ticks, branches, and every tick readable.",
        },
        "paths": paths,
        "components": {
            "schemas": {**schemas, "Error": _ERROR},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _operation(route: Route) -> dict[str, Any]:
    row = operation_of(route.operation)
    found: dict[str, Any] = {
        "operationId": _operation_id(route),
        "summary": row.meaning,
        "description": f"Needs the role {row.role.title}; costs {row.units} units"
        + (", and the price of each command." if row.name == "batch" else "."),
        "tags": ["worlds"],
        "parameters": [*_path_parameters(route), *_query_parameters(route)],
        "responses": {
            "200": _json("Done.", {"type": "object"}),
            "default": _json("Refused or failed.", {"$ref": "#/components/schemas/Error"}),
        },
    }
    if route.method in ("POST", "PUT") and route.asks is not Nothing:
        schema = {"$ref": f"#/components/schemas/{route.asks.__name__}"}
        content = {"application/json": {"schema": schema}}
        found["requestBody"] = {"required": True, "content": content}
    return found


def _json(meaning: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": meaning, "content": {"application/json": {"schema": schema}}}


def _operation_id(route: Route) -> str:
    words = [word for word in re.split(r"[/{}]+", route.path) if word and word != "api"]
    return "_".join([route.method.lower(), *words])


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", route.path)
    ]


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    if route.method != "GET":
        return []
    (schema,), _ = msgspec.json.schema_components((route.asks,), ref_template=_REF)
    own = _schemas()[route.asks.__name__] if "$ref" in schema else schema
    return [
        {
            "name": name,
            "in": "query",
            "required": name in own.get("required", ()),
            "schema": field,
        }
        for name, field in own.get("properties", {}).items()
    ]


_REF = "#/components/schemas/{name}"


def _schemas() -> dict[str, Any]:
    asks: list[type[Body]] = list(dict.fromkeys(route.asks for route in ROUTES))
    _, schemas = msgspec.json.schema_components(asks, ref_template=_REF)
    return dict(sorted(schemas.items()))
