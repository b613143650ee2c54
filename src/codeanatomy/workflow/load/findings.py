"""What a check of an agent file found: a code, a message, and the place in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.load.format import CODES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codeanatomy.workflow.load.document import Document, Path

# what a file must have in order to be loaded
STRUCTURAL: Final = frozenset(code.name for code in CODES if code.told == "load")


class Finding(NamedTuple):
    """One problem; `path` is the file, line and column count from 1 (0 where there is no text)."""

    code: str
    message: str
    node: str | None = None
    line: int = 0
    column: int = 0
    severity: str = "error"
    path: str = ""

    def __str__(self) -> str:
        return (
            f"{self.path}:{self.line}:{self.column}: {self.severity} [{self.code}]: {self.message}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as data."""
        return self._asdict()


class WorkflowInvalidError(SpecError):
    """A file cannot be loaded; `facts["findings"]` lists why."""

    code = "workflow-invalid"


def finding(
    document: Document,
    code: str,
    message: str,
    at: Path,
    *,
    node: str | None = None,
    severity: str = "error",
    key: bool = False,
) -> Finding:
    """Make a finding about what stands `at` a path; with `key`, about the key itself."""
    line, column = document.key_position(at) if key else document.position(at)
    return Finding(code, message, node, line, column, severity, document.file)


def invalid(findings: Iterable[Finding]) -> WorkflowInvalidError:
    """Return the error that says why a file cannot be loaded."""
    listed = list(findings)
    shown = "; ".join(f"[{f.code}] {f.message}" for f in listed)
    return WorkflowInvalidError(f"Workflow validation failed: {shown}", findings=listed)
