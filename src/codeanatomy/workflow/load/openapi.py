"""The OpenAPI document of the routes that agent files declare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.load.inputs import InputSchema

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codeanatomy.workflow.load.inputs import FieldSchema

VERSION: Final = "3.1.0"

_JSON_TYPES: Final = {
    "str": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "list": "array",
    "dict": "object",
}
_LIMITS: Final = {
    "description": "description",
    "default": "default",
    "pattern": "pattern",
    "min": "minimum",
    "max": "maximum",
    "choices": "enum",
}


class Route(NamedTuple):
    """One agent at a path: its OpenAPI operation, and the schema of its input if it has one."""

    path: str
    method: str
    operation: dict[str, Any]
    input_schema: dict[str, Any] | None = None


def openapi_document(
    routes: Iterable[Route], *, title: str, version: str = "1.0.0", description: str = ""
) -> dict[str, Any]:
    """Return the document of all routes; two agents at one path and method are an error."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        methods = paths.setdefault(route.path, {})
        if route.method.lower() in methods:
            raise SpecError(f"two agents answer {route.method} {route.path}", path=route.path)
        methods[route.method.lower()] = _operation(route)
    about = {"title": title, "version": version, "description": description}
    return {"openapi": VERSION, "info": about, "paths": paths}


def json_schema(schema: InputSchema) -> dict[str, Any]:
    """Return an input schema as a JSON Schema of an object."""
    required = [name for name, field in schema.fields.items() if field.required]
    told = {"required": required} if required else {}
    properties = {name: _field(field) for name, field in schema.fields.items()}
    return {"type": "object", "properties": properties, **told}


def _operation(route: Route) -> dict[str, Any]:
    operation = dict(route.operation)
    if route.input_schema is None:
        return operation
    schema = json_schema(InputSchema.from_dict(route.input_schema))
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    if route.method.upper() != "GET":
        operation.setdefault("requestBody", body)
    refused = {"description": "The input does not fit its schema"}
    return {**operation, "responses": {**operation.get("responses", {}), "422": refused}}


def _field(field: FieldSchema) -> dict[str, Any]:
    told: dict[str, Any] = {"type": _JSON_TYPES[field.type]}
    for ours, theirs in _LIMITS.items():
        if getattr(field, ours) is not None:
            told[theirs] = getattr(field, ours)
    unit = "Items" if field.type == "list" else "Length"
    for ours, theirs in (("min_length", f"min{unit}"), ("max_length", f"max{unit}")):
        if getattr(field, ours) is not None:
            told[theirs] = getattr(field, ours)
    if field.properties is not None:
        told.update(json_schema(InputSchema(field.properties)))
    if field.items is not None:
        told["items"] = _field(field.items)
    return told
