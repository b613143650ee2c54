"""A process that may not write: run as a script by `test_refused`; it prints what it was told."""

from __future__ import annotations

import os
import resource
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from codeanatomy.store.errors import StoreError
from codeanatomy.store.manifest import Lock, Manifest, latest, publish
from codeanatomy.store.open import open_store
from tests.store.samples import FLAT, flat


def main(limit: str, uri: str) -> None:
    """Give up a right, then write; report code, exit status, and what is visible."""
    store = open_store(uri)
    if limit == "nobody":
        os.setuid(65534)
    elif limit != "none":
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), resource.RLIM_INFINITY))
    try:
        store.append(FLAT, flat(*range(5000)))
    except StoreError as error:
        print(error.code, error.exit_status, error)  # noqa: T201 - the report
    print(store.version("flat"))  # noqa: T201 - the report


def lock(root: str) -> None:
    """Give up all rights, then lock and publish."""
    os.setuid(65534)
    for act in (
        lambda: Lock(Path(root)).__enter__(),
        lambda: publish(Path(root), Manifest(number=1, run_id="r", created=1, tables={})),
    ):
        try:
            act()
        except StoreError as error:
            print(error.code)  # noqa: T201 - the report
    print(getattr(latest(Path(root)), "number", None))  # noqa: T201 - the report


if __name__ == "__main__":
    if sys.argv[1] == "lock":
        lock(sys.argv[2])
    else:
        main(sys.argv[1], sys.argv[2])
