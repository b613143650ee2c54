"""Files fetched from elsewhere, kept for a while: a folder and a manifest of what lies in it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

DAY, HOUR, MINUTE = 86400, 3600, 60
TTL = 3600.0  # seconds
MOST = 100 * 1024 * 1024  # bytes
_UNITS = {"d": DAY, "h": HOUR, "m": MINUTE, "s": 1}
_FIXED_REF = re.compile(r"@(?:[0-9a-f]{7,40}|v?\d+(?:\.\d+)+[\w.+-]*)(?=/|$)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file that was fetched; `fetched` in seconds since the epoch."""

    url: str
    file: str
    fetched: float
    size: int
    fixed: bool

    @property
    def age(self) -> float:
        """Seconds since it was fetched."""
        return max(0.0, time.time() - self.fetched)

    def is_fresh(self, ttl: float) -> bool:
        """Tell whether it may be used; what a commit or a version names never expires."""
        return self.fixed or self.age < ttl


class Cached:
    """The folder of fetched files."""

    def __init__(self, folder: str | Path | None = None) -> None:
        self.folder = Path(folder) if folder else default_folder()
        self.ttl = float(os.environ.get("TEA_CACHE_TTL", TTL))
        self.most = int(os.environ.get("TEA_CACHE_MAX_SIZE", MOST))

    @property
    def manifest(self) -> Path:
        """The list of what is there."""
        return self.folder / "manifest.json"

    def entries(self) -> dict[str, Entry]:
        """Read the manifest; one that is missing or broken is an empty cache."""
        try:
            rows = json.loads(self.manifest.read_text(encoding="utf-8"))
            found = {key: Entry(**row) for key, row in rows.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}
        return {k: e for k, e in found.items() if Path(e.file).name == e.file}

    def find(self, url: str, *, stale: bool = False) -> Path | None:
        """Return the file of a URL, None when it is not there or too old."""
        entry = self.entries().get(_key(url))
        if entry is None or not (stale or entry.is_fresh(self.ttl)):
            return None
        path = self.folder / entry.file
        return path if path.is_file() else None

    def keep(self, url: str, data: bytes) -> Path:
        """Store what a URL gave; the oldest go when there is too much."""
        self.folder.mkdir(parents=True, exist_ok=True)
        key = _key(url)
        suffix = Path(url.partition("?")[0]).suffix
        name = key + (suffix if re.fullmatch(r"\.\w{1,8}", suffix) else "")
        _write(self.folder / name, data)
        rows = self.entries()
        rows[key] = Entry(url, name, time.time(), len(data), bool(_FIXED_REF.search(url)))
        self._drop_oldest(rows, spare=key)
        self._save(rows)
        return self.folder / name

    def clear(self, older_than: float = 0.0) -> int:
        """Remove what is older than that many seconds; return how many."""
        rows = self.entries()
        gone = [key for key, entry in rows.items() if entry.age >= older_than]
        for key in gone:
            (self.folder / rows.pop(key).file).unlink(missing_ok=True)
        if gone:
            self._save(rows)
        return len(gone)

    def _drop_oldest(self, rows: dict[str, Entry], spare: str) -> None:
        for key in sorted(rows, key=lambda k: rows[k].fetched):
            if sum(entry.size for entry in rows.values()) <= self.most:
                return
            if key != spare:
                (self.folder / rows.pop(key).file).unlink(missing_ok=True)

    def _save(self, rows: dict[str, Entry]) -> None:
        text = json.dumps({key: asdict(entry) for key, entry in rows.items()}, indent=2)
        _write(self.manifest, text.encode())


def default_folder() -> Path:
    """Return `$XDG_CACHE_HOME/tea/remote`, or the same below `~/.cache`."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "tea" / "remote"


def parse_age(text: str) -> float | None:
    """Read `7d`, `24h`, `30m` or `45s` as seconds; None for anything else."""
    match = re.fullmatch(r"\s*(\d+)\s*([dhms])\s*", text)
    return float(int(match[1]) * _UNITS[match[2]]) if match else None


def _key(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:32]


def _write(path: Path, data: bytes) -> None:
    """Replace a file as a whole, so that another process never reads half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    Path(name).replace(path)
