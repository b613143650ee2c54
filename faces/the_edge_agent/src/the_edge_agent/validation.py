"""Input schemas: fields, checks, and the errors that list every problem."""

from __future__ import annotations

from codeanatomy.workflow.load.inputs import (
    FieldSchema,
    InputSchema,
    SchemaError,
    ValidationError,
    validate_input,
)

__all__ = ["FieldSchema", "InputSchema", "SchemaError", "ValidationError", "validate_input"]
