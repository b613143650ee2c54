"""The command `codeanatomy`."""

from __future__ import annotations

import sys

INTERRUPTED = 130  # as a shell has it


def main() -> int:
    """Run the command line on the arguments of this process; return the exit status."""
    try:
        from codeanatomy.cli.run import run  # noqa: PLC0415 - a worker process never needs it

        return run(sys.argv[1:])
    except KeyboardInterrupt:  # before `run` could hear it: nothing has begun
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
