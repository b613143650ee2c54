"""What keeps a file from being loaded: the structural part of its validation."""

from __future__ import annotations

from typing import Any, Final

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.load.document import Document
from codeanatomy.workflow.load.validate import validate

STRUCTURAL: Final = frozenset(
    {
        "DUPLICATE_NODE",
        "EDGE_FROM_UNDEFINED",
        "EDGE_TO_UNDEFINED",
        "GOTO_UNDEFINED",
        "DYN_PARALLEL_MODE",
        "DYN_PARALLEL_MISSING_FAN_IN",
        "DYN_PARALLEL_FAN_IN_UNDEFINED",
        "DYN_PARALLEL_MISSING_ITEMS",
        "PARALLEL_FAN_IN_UNDEFINED",
    }
)


class WorkflowInvalidError(SpecError):
    """A file whose nodes and transitions do not fit together; facts: `findings`."""

    code = "workflow-invalid"


def check_structure(definition: dict[str, Any]) -> None:
    """Raise WorkflowInvalidError with every structural finding of a definition."""
    found = [one for one in validate(Document(definition)) if one.code in STRUCTURAL]
    if found:
        told = "; ".join(f"[{one.code}] {one.message}" for one in found)
        raise WorkflowInvalidError(f"Workflow validation failed: {told}", findings=found)
