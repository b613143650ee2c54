"""The tests see the built wheel, and the wheel is what stands in `src`."""

from __future__ import annotations

from pathlib import Path

import codeanatomy
from tests.house.source import SRC

INSTALLED = Path(codeanatomy.__file__).parent


def test_the_package_is_the_installed_one() -> None:
    """Tests on the sources would miss a file that the wheel leaves out."""
    assert not INSTALLED.is_relative_to(SRC.parent)


def test_the_wheel_holds_every_source() -> None:
    """Same files, same bytes; if not, `python3 dev.py test` builds it anew."""
    sources = {p.relative_to(SRC): p for p in SRC.rglob("*") if p.suffix not in ("", ".pyc")}
    changed = [
        str(name)
        for name, path in sources.items()
        if not (INSTALLED / name).is_file() or (INSTALLED / name).read_bytes() != path.read_bytes()
    ]
    assert changed == []
