"""Export: a graph written in the form of other programs, by the form's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.graph.formats import write_bytes
from codeanatomy.cpg.graph.scip import scip_index
from codeanatomy.kernel.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from codeanatomy.cpg.graph.scip import Exported
    from codeanatomy.cpg.graph.snapshot import Snapshot

FORMS: dict[str, Callable[[Snapshot, str | None, str], tuple[bytes, Exported]]] = {
    "scip": scip_index,
}


def export(
    snapshot: Snapshot, form: str, path: Path, repo: str | None, package_version: str
) -> Exported:
    """Write one repository; raises `UnknownNameError`, `MissingPartError` and `OutputError`."""
    write = FORMS.get(form)
    if write is None:
        msg = f"no form {form!r}; there is {', '.join(FORMS)}"
        raise UnknownNameError(msg, name=form, known=tuple(FORMS))
    raw, about = write(snapshot, repo, package_version)
    write_bytes(path, raw)
    return about
