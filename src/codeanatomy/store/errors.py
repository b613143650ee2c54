"""How a store fails: one named error for each thing that can go wrong with its tables."""

from __future__ import annotations

from codeanatomy.kernel.errors import AnatomyError, Phase, UnknownNameError


class StoreError(AnatomyError):
    """Base of everything a store raises about its own content."""

    code = "store"
    phase = Phase.STORE
    exit_status = 5


class StoreWriteError(StoreError):
    """The place cannot be written: full, read-only, a file where a folder should be."""

    code = "store-write"


class StoreReadError(StoreError):
    """What is stored cannot be read back: missing, damaged, or of another program."""

    code = "store-read"


class StoreBusyError(StoreError):
    """Another process holds the store; `facts["pid"]` names it."""

    code = "store-busy"


class StoreConflictError(StoreError):
    """Another writer changed the same rows first; nothing of this write is visible."""

    code = "store-conflict"


class SchemaMismatchError(StoreError, ValueError):
    """Rows do not fit the declared table; `facts["difference"]` lists every column that differs."""

    code = "schema-mismatch"


class UnknownTableError(UnknownNameError):
    """The store has no table of that name; the message lists the ones it has."""

    code = "unknown-table"
    phase = Phase.STORE


class UnknownVersionError(UnknownNameError):
    """The table, or the list of manifests, has no version of that number."""

    code = "unknown-version"
    phase = Phase.STORE
