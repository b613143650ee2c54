"""Checks the sections of a file that describe values: schemas of state, input, output, endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from codeanatomy.workflow.load.findings import Finding, finding
from codeanatomy.workflow.load.inputs import FieldSchema, SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.workflow.load.document import Document

MAPPINGS: Final = (
    "variables settings config state_schema input_schema output_schema initial_state endpoint"
    " extraction_schema"
).split()


def check_schemas(document: Document, root: dict[str, Any]) -> Iterator[Finding]:
    """Yield an INVALID_SCHEMA for each section that is no mapping, and each field that is none."""
    for name in MAPPINGS:
        section = root.get(name)
        if section is not None and not isinstance(section, dict):
            said = f"'{name}' must be a mapping, got {type(section).__name__}"
            yield finding(document, "INVALID_SCHEMA", said, (name,))
    declared = root.get("input_schema")
    for field, told in declared.items() if isinstance(declared, dict) else ():
        try:
            FieldSchema.from_dict(str(field), told)
        except SchemaError as exc:
            at = (
                ("input_schema", field, "type")
                if isinstance(told, dict)
                else ("input_schema", field)
            )
            yield finding(document, "INVALID_SCHEMA", f"input_schema: {exc}", at)
    endpoint = root.get("endpoint")
    if isinstance(endpoint, dict) and endpoint and not endpoint.get("path"):
        yield finding(document, "INVALID_SCHEMA", "endpoint: a 'path' is needed", ("endpoint",))
