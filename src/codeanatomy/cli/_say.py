"""Says something to the person at the terminal, beside the output: on standard error."""

from __future__ import annotations

import sys


def say(text: str) -> None:
    """Print one text on standard error; what its encoding lacks is escaped."""
    sys.stdout.flush()
    encoding = sys.stderr.encoding or "utf-8"
    sys.stderr.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    sys.stderr.flush()
