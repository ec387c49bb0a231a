"""The console script ``inbox-tui`` and ``python -m inbox_tui``. Decides nothing: see `cli`."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run what the command line says; ends the process with its exit code."""
    from inbox_tui.cli.run import run

    code = run(sys.argv[1:])
    # What is left goes with the process: looking through all of it once more would take a tenth of `list`.
    gc.freeze()
    sys.exit(code)


if __name__ == "__main__":
    main()
