"""The command `version`: which CodeAnatomy this is, and on what it stands."""

from __future__ import annotations

from codeanatomy.cli.options import AsJson, as_json, emit

STANDS_ON = ("pyarrow", "datafusion", "deltalake", "tree-sitter", "tree-sitter-python", "libcst")


def version(*, json: AsJson = False) -> int:
    """Show the version, and those of Python and of what it stands on."""
    import platform  # noqa: PLC0415 - only this command

    known = {"codeanatomy": version_text(), "python": platform.python_version()}
    known |= {name: _installed(name) or "not installed" for name in STANDS_ON}
    shown = "\n".join(f"{name} {number}" for name, number in known.items())
    emit(as_json(known) if json else shown)
    return 0


def version_text() -> str:
    """Return the version of this package."""
    import codeanatomy  # noqa: PLC0415 - the package itself: asked for its version only here

    return codeanatomy.__version__


def _installed(name: str) -> str | None:
    from importlib import metadata  # noqa: PLC0415 - reads files

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
