"""Where evidence is kept between builds."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

from codeanatomy.cpg.observe import packs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.cpg.config import Config

MOST_BYTES = 4 << 30
ONCE = "uncached"


@contextmanager
def cache_folder(config: Config, store: Path) -> Iterator[Path]:
    """Give the folder of packs: the configured one, the store's own, or one that is thrown away.

    What was not used for longest goes when the folder holds more than 4 GiB. The one that is
    thrown away lies in the store, so that what a killed build left is found by the next.
    """
    if not config.flag("cache"):
        once = store / ONCE
        rmtree(once, ignore_errors=True)
        try:
            yield once
        finally:
            rmtree(once, ignore_errors=True)
        return
    packs_in = Path(config.text("cache_dir") or store / "cache").expanduser()
    yield packs_in
    packs.prune(packs_in, MOST_BYTES)
