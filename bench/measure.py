"""What the benches share: options, stores built once, interleaved rounds, a small table of results."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import make_store

from inbox_tui.config import load
from inbox_tui.store.engine import Store

PYTHON = sys.executable
_SCRIPT = Path(PYTHON).with_name("inbox-tui")
INBOX_TUI = [PYTHON, str(_SCRIPT)] if _SCRIPT.exists() else [PYTHON, "-m", "inbox_tui"]
"""The command as it is installed beside this Python."""
Row = Mapping[str, object]

# An installed program is compiled already. Where Python may not keep what it compiled, each process compiles
# the checkout anew, and that would be measured instead.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def options(about: str | None, rounds: int, messages: int | None = None) -> argparse.ArgumentParser:
    """The options that a bench has. messages: size of its store, where it needs one."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--rounds", type=int, default=rounds, help=f"default {rounds}")
    parser.add_argument("--json", action="store_true", help="one JSON object a line instead of a table")
    if messages is not None:
        about_size = f"in the store; default {messages:,}"
        parser.add_argument("--messages", type=int, default=messages, help=about_size)
    parser.add_argument(
        "--dir",
        type=Path,
        default=Path(tempfile.gettempdir()) / f"inbox-tui-bench-{os.getuid()}",
        help="where the stores are kept and, where they are missing, built; default %(default)s",
    )
    return parser


def store(folder: Path, messages: int) -> Path:
    """Configuration of a store of that size; built when it is first asked for."""
    place = folder / str(messages)
    config = place / "config.toml"
    if not config.exists():
        if (place / "inbox.db").exists():
            raise SystemExit(f"{place} holds half a store: remove it, and try again")
        print(f"building a store of {messages:,} messages in {place} …", file=sys.stderr)
        make_store.build(place, messages)
    return config


@contextlib.contextmanager
def copy(folder: Path, messages: int) -> Iterator[Path]:
    """Configuration of a copy of the store of that size, to write in; it is gone afterwards."""
    config = store(folder, messages)
    # What stands in the log beside the file goes into it, so that the file alone is the whole store.
    Store(load(str(config)).store, create=False).close()
    with tempfile.TemporaryDirectory(prefix="copy-", dir=folder) as place:
        for name in ("config.toml", "inbox.db"):
            shutil.copy(config.with_name(name), place)
        os.sync()  # else the system writes the copy out while others are timed
        yield Path(place) / "config.toml"


def rounds(jobs: Mapping[str, Callable[[], float]], times: int) -> dict[str, list[float]]:
    """All jobs in turn, so many times: what disturbs the machine disturbs all. Once before, to warm up."""
    found: dict[str, list[float]] = {name: [] for name in jobs}
    for number in range(times + 1):
        for name, job in jobs.items():
            took = job()
            if number:
                found[name].append(took)
    return found


def timed(act: Callable[[], object]) -> float:
    """Milliseconds that it takes."""
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


def percentile(values: Sequence[float], part: int) -> float:
    """That percentile."""
    return statistics.quantiles(values, n=100, method="inclusive")[part - 1] if len(values) > 1 else values[0]


def against(found: Mapping[str, Sequence[float]], base: str, unit_name: str = "ms") -> list[Row]:
    """Median of each job, and how many times that of the base it is."""
    unit = statistics.median(found[base])
    return [
        {
            "work": name,
            unit_name: round(statistics.median(took), 1),
            "ratio": round(statistics.median(took) / unit, 2),
        }
        for name, took in found.items()
    ]


def lacks(what: str, as_json: bool) -> None:
    """Say what was not measured because something is not installed; nothing where `what` is empty."""
    if what:
        print(json.dumps({"missing": what}) if as_json else f"not measured: {what}")


def show(rows: Sequence[Row], as_json: bool) -> None:
    """Results: a table, or an object a line."""
    if as_json:
        for row in rows:
            print(json.dumps(row))
        return
    titles = list(rows[0])
    cells = [titles, *([str(row[title]) for title in titles] for row in rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(titles))]
    for first, *rest in cells:
        numbers = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        print("  ".join([first.ljust(widths[0]), *numbers]))
