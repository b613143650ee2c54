"""The command `codeanatomy`."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line on the arguments of this process; return the exit status."""
    from codeanatomy.cli.run import run  # noqa: PLC0415 - a worker process never needs it

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
