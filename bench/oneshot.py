"""A whole process that lists 50 cases as JSON, against an empty Python. Aim: 6 times, at a million messages.

`--imports` shows instead what its imports cost, the dearest last.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import measure


def process(command: list[str]) -> Callable[[], float]:
    """A job: run the command to its end; its output goes nowhere."""

    def job() -> float:
        return measure.timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))

    return job


def imports(command: list[str], dearest: int) -> None:
    """What each module costs by itself, in milliseconds, and all of them together."""
    done = subprocess.run(
        [measure.PYTHON, "-X", "importtime", *command], check=True, capture_output=True, text=True
    )
    found = []
    for line in done.stderr.splitlines()[1:]:
        alone, _, module = line.removeprefix("import time:").split("|")
        found.append((int(alone) / 1000, module.strip()))
    for alone_ms, module in sorted(found)[-dearest:]:
        print(f"{alone_ms:8.2f} ms  {module}")
    print(f"{sum(ms for ms, _ in found):8.2f} ms  all {len(found)}")


def main() -> None:
    """The command line."""
    parser = measure.options(__doc__, 25, messages=1_000_000)
    parser.add_argument("--imports", type=int, nargs="?", const=25, metavar="N", help="the N dearest imports")
    given = parser.parse_args()
    config = measure.store(given.dir, given.messages)
    command = [*measure.INBOX_TUI, "--config", str(config), "list", "--limit", "50", "--json"]
    if given.imports:
        imports(command[1:], given.imports)
        return
    jobs = {
        "python -c pass": process([measure.PYTHON, "-c", "pass"]),
        "list --limit 50 --json": process(command),
    }
    measure.show(measure.against(measure.rounds(jobs, given.rounds), "python -c pass"), given.json)


if __name__ == "__main__":
    main()
