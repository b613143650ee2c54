"""Content identity: equal values have equal fingerprints, on every machine."""

from __future__ import annotations

from hashlib import blake2b
from typing import NewType

import msgspec

Fingerprint = NewType("Fingerprint", str)


def fingerprint(*parts: object) -> Fingerprint:
    """Return a 128-bit hex digest of the canonical encoding of `parts`."""
    data = msgspec.json.encode(parts, order="deterministic")
    return Fingerprint(blake2b(data, digest_size=16).hexdigest())
