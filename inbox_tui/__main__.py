"""The console script ``inbox-tui`` and ``python -m inbox_tui``. Decides nothing: see `cli`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run what the command line says; ends the process with its exit code."""
    from inbox_tui.cli.run import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
