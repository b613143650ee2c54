"""Merging JSON schemas from agent files, disks and repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions import _json, _merging, _schemas
from codeanatomy.workflow.actions._results import Result, ok

if TYPE_CHECKING:
    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host


def actions(host: Host) -> dict[str, Action]:
    """Return the action by its name."""

    def merge(
        state: dict[str, Any],
        schemas: list[Any],
        validate: bool = False,
        output_key: str = "merged_schema",
        **_: object,
    ) -> Result:
        """Merge schemas from first to last; one that cannot be read fails them all."""
        if not schemas:
            return {"success": False, "error": "No schemas provided"}
        loaded, errors = _schemas.load_all(host, schemas)
        if errors:
            return {"success": False, "error": "Failed to load schemas", "errors": errors}
        merged = _merging.merge(loaded)
        answer = ok(**{output_key: merged})
        return {**answer, "validation": _checked(merged)} if validate else answer

    return {"schema.merge": merge}


def _checked(merged: dict[str, Any]) -> dict[str, Any]:
    wrong = _json.schema_violation(merged)
    return {"valid": wrong is None, "errors": [] if wrong is None else [wrong], "schema": merged}
