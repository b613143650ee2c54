"""The command `diag`: whether a graph can be trusted, what is missing from it, and why."""

from __future__ import annotations

from codeanatomy.cli.options import AsJson, Output, StorePlace, Version, as_json, emit, opened


def diag(
    *,
    store: StorePlace = None,
    version: Version = None,
    json: AsJson = False,
    output: Output = None,
) -> int:
    """Report on the quality of a graph; exit status 1 if a rule does not hold.

    The rules that were checked before it was published, where it is not as declared, how well
    files were understood and which are worst, what each extractor saw, how each relation was
    decided, what is unresolved, and what is absent, with the reasons.
    """
    found = opened(store, version).diagnose()
    emit(as_json(found) if json else found.to_text(), output)
    return 0 if found.holds else 1
