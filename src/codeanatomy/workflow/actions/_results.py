"""The two shapes in which an action answers, and how an exception becomes the second one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Result = dict[str, Any]


class Failed(Exception):  # noqa: N818 - carries a result out of a depth; it never leaves an action
    """What an action is to answer, raised where that is found out."""

    def __init__(self, text: str, kind: str | None = None, **facts: object) -> None:
        super().__init__(text)
        self.result = err(text, kind, **facts)


def ok(**facts: object) -> Result:
    """Answer that it worked, with `facts`."""
    return {"success": True, **facts}


def err(text: str, kind: str | None = None, **facts: object) -> Result:
    """Answer that it did not work, and why; `kind` is the promised error type."""
    typed = {} if kind is None else {"error_type": kind}
    return {"success": False, "error": text, **typed, **facts}


def attempt(fallback: str, work: Callable[[], Result], **facts: object) -> Result:
    """Do `work`; a failure of a file system becomes a result of the fitting type."""
    try:
        return work()
    except Failed as failed:
        return {**failed.result, **facts}
    except Exception as error:
        return err(str(error) or type(error).__name__, storage_kind(error, fallback), **facts)


def storage_kind(error: Exception, fallback: str) -> str:
    """Name the type of a storage failure: by its class, or by what its message says."""
    if isinstance(error, PermissionError):
        return "permission_denied"
    if isinstance(error, FileNotFoundError):
        return "not_found"
    text = str(error)
    lowered = text.lower()
    for kind, marks in _MARKS.items():
        if any(mark in text or mark in lowered for mark in marks):
            return kind
    return fallback


# in this order: what a message says about a bucket is also "not found"
_MARKS = {
    "permission_denied": ("403", "Forbidden"),
    "bucket_not_found": ("NoSuchBucket",),
    "not_found": ("404", "NoSuchKey", "not found"),
    "missing_credentials": ("credential", "auth"),
}
