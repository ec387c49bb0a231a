"""Runs every bench one after the other and writes docs/benchmarks.md, with what was missing.

Within each bench ours and its peers take turns, so that its ratios come from one run. Needs half an hour and
about 5 GB in --dir; --quick takes minutes, with small stores: whether everything runs, not how quick it is.
It then prints the page and writes nothing.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
_VERSIONS = (
    ("notmuch", ["notmuch", "--version"]),
    ("mbsync", ["mbsync", "--version"]),
    ("neomutt", ["neomutt", "-v"]),
    ("Dovecot", ["dovecot", "--version"]),
)

Rows = list[dict[str, Any]]
Verdict = tuple[str, str, bool]
"""What was aimed at, what came out, and whether that is met."""


class Bench(NamedTuple):
    """One bench: how it is called, and what its rows must come to."""

    script: str
    title: str
    words: tuple[str, ...]
    quick: tuple[str, ...]
    judge: Callable[[Rows], list[Verdict]]
    stores: bool = True
    """It keeps stores in --dir."""


def _row(rows: Rows, begins: str) -> dict[str, Any] | None:
    key = next(iter(rows[0]), "") if rows else ""
    return next((row for row in rows if str(row.get(key, "")).startswith(begins)), None)


def _ratio(aim: str, rows: Rows, begins: str, most: float, base: str = "") -> list[Verdict]:
    """The ratio of a row; none where the peer that it is held against is missing."""
    row = _row(rows, begins)
    if row is None or (base and _row(rows, base) is None):
        return []
    return [(f"{aim}: at most {most:g}", f"{row['ratio']:g}", row["ratio"] <= most)]


def _search(rows: Rows) -> list[Verdict]:
    out: list[Verdict] = []
    for what in ("common word", "phrase", "prefix"):
        row = _row(rows, what)
        if row is not None and row.get("notmuch p50", "-") not in ("-", 0):
            ratio = row["ms p50"] / row["notmuch p50"]
            out.append((f"{what}: at most 0.2 of notmuch", f"{ratio:.2g}", ratio <= 0.2))
    return out


def _sync(rows: Rows) -> list[Verdict]:
    aim = "stored, threaded, searchable: times mbsync and notmuch"
    out = _ratio(aim, rows, "inbox-tui: all", 0.2, "mbsync and notmuch")
    newest = _row(rows, "inbox-tui: newest")
    if newest is not None:
        out.append(("newest 50 seen: within 1 s", f"{newest['ms'] / 1000:.2f} s", newest["ms"] <= 1000))
    return out


def _start(rows: Rows) -> list[Verdict]:
    return _ratio("first row: times neomutt", rows, "inbox-tui", 1.0, "neomutt")


def _memory(rows: Rows) -> list[Verdict]:
    return _ratio("resident memory: times the trivial app", rows, "inbox-tui", 1.6)


def _writers(rows: Rows) -> list[Verdict]:
    row = _row(rows, "4 writers")
    return [] if row is None else [("p99: within 100 ms", f"{row['ms p99']:g} ms", row["ms p99"] <= 100)]


def _growth(rows: Rows) -> list[Verdict]:
    out: list[Verdict] = []
    for row in rows:
        first, *_, last = (value for key, value in row.items() if key != "work")
        # A quarter is the machine's noise; less than half a millisecond more is none of a person's business.
        flat = last <= first * 1.25 or last - first < 0.5
        out.append((f"{row['work']}: the same at any size", f"{last / first:.2f} times", flat))
    return out


def _start_trivial(rows: Rows) -> list[Verdict]:
    firsts = [row for row in rows if str(row["work"]).endswith("first row")]
    return [
        (f"{row['work']}: at most 1.3 trivial apps", f"{row['ratio']:g}", row["ratio"] <= 1.3)
        for row in firsts
    ]


def _keys(rows: Rows) -> list[Verdict]:
    out: list[Verdict] = []
    # A key that scrolls draws half a page anew, and some of a hundred do: of bytes the mean counts.
    for begins, part, most in (("ms", "p95", 10), ("bytes", "mean", 1024)):
        row = _row(rows, begins)
        if row is not None:
            out.append((f"{row['what']}, {part}: at most {most}", f"{row[part]:g}", row[part] <= most))
    return out


def _oneshot(rows: Rows) -> list[Verdict]:
    return _ratio("list --json: times an empty Python", rows, "list", 6.0)


def _views(rows: Rows) -> list[Verdict]:
    pages = [row for row in rows if str(row["read"]).startswith(("first page", "counters"))]
    worst = max(pages, key=lambda row: float(row["ms p50"]))
    return [("first pages, counters: within 2 ms", f"{worst['ms p50']:g} ms", worst["ms p50"] <= 2)]


def _kinship(rows: Rows) -> list[Verdict]:
    low = [row for row in rows if "strong" in str(row["evidence"])]
    least = min((float(row["precision"]) for row in low), default=0.0)
    return [("all but certain, and right: at least 99 of 100", f"{100 * least:g}", least >= 0.99)]


def _joins(rows: Rows) -> list[Verdict]:
    wrong = sum(int(row["wrong"]) for row in rows)
    lost = sum(int(row["count"]) - int(row["joined"]) for row in rows if row["messages"] == "(supporters)")
    return [
        ("joined wrongly: nothing", f"{wrong:,}", wrong == 0),
        ("supporters that were not found: none", f"{lost:,}", lost == 0),
    ]


def _intake(rows: Rows) -> list[Verdict]:
    least = min(row["per second"] for row in rows if row["messages"] == "fetched")
    return [("new messages a second: at least 15,000", f"{least:,}", least >= 15_000)]


BENCHES = (
    Bench(
        "search",
        "Searching",
        ("--notmuch",),
        ("--notmuch", "--messages", "2000", "--rounds", "5"),
        _search,
    ),
    Bench(
        "sync",
        "Mails from a server",
        (),
        ("--mails", "500", "--rounds", "1"),
        _sync,
        stores=False,
    ),
    Bench(
        "start_peers",
        "Start, against neomutt",
        (),
        ("--messages", "2000", "--mails", "500", "--rounds", "2"),
        _start,
    ),
    Bench(
        "memory",
        "Memory",
        (),
        ("--messages", "2000", "--rounds", "1"),
        _memory,
    ),
    Bench(
        "writers",
        "An act while others write",
        (),
        ("--messages", "2000", "--rounds", "20"),
        _writers,
    ),
    Bench(
        "growth",
        "How cost grows",
        (),
        ("--sizes", "5000", "10000", "--rounds", "2", "--new", "500"),
        _growth,
    ),
    Bench(
        "start",
        "Start, against a trivial app",
        (),
        ("--sizes", "1000", "2000", "--rounds", "2"),
        _start_trivial,
    ),
    Bench("keys", "A key", (), ("--messages", "2000", "--rounds", "20"), _keys),
    Bench(
        "oneshot",
        "A subcommand",
        (),
        ("--messages", "2000", "--rounds", "3"),
        _oneshot,
    ),
    Bench(
        "views",
        "What the interface reads",
        (),
        ("--messages", "2000", "--rounds", "3"),
        _views,
    ),
    Bench("kinship", "Who is the same person", (), ("--people", "600"), _kinship, stores=False),
    Bench("joins", "Whose case it is", (), ("--people", "600"), _joins, stores=False),
    Bench("intake", "Intake", (), ("--messages", "2000"), _intake, stores=False),
)


def run(bench: Bench, folder: Path, quick: bool) -> tuple[Rows, list[str]]:
    """Its rows, and what it could not measure."""
    words = [*(bench.quick if quick else bench.words), "--json"]
    if bench.stores:
        words += ["--dir", str(folder)]
    command = [sys.executable, str(HERE / f"{bench.script}.py"), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().rpartition("\n")[2] or f"exit code {done.returncode}"
        return [], [f"{bench.script}.py did not run: {said}"]
    found = [json.loads(line) for line in done.stdout.splitlines()]
    lacking = [str(row["missing"]) for row in found if "missing" in row]
    return [row for row in found if "missing" not in row], lacking


def about(bench: Bench) -> str:
    """What it says of itself, up to its aim."""
    said = ast.get_docstring(ast.parse((HERE / f"{bench.script}.py").read_text("utf-8"))) or ""
    return " ".join(said.partition("Aim:")[0].split())


def table(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Rows as a table of Markdown."""
    titles = list(rows[0])
    lines = ["| " + " | ".join(titles) + " |", "|---|" + "--:|" * (len(titles) - 1)]
    for row in rows:
        cells = [f"{row[t]:,}" if isinstance(row[t], int | float) else str(row[t]) for t in titles]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def machine() -> str:
    """On what it ran, in a line."""
    versions = []
    for name, command in _VERSIONS:
        try:
            said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        except OSError:
            continue
        numbers = [word for word in said.replace("\n", " ").split() if word[:1].isdigit()]
        versions.append(f"{name} {numbers[0].strip(',()')}" if numbers else name)
    python = f"Python {platform.python_version()}"
    return ", ".join([f"{os.cpu_count()} cores, {platform.machine()}", platform.system(), python, *versions])


def page(found: Sequence[tuple[Bench, Rows, list[str]]], began: float, quick: bool) -> str:
    """The page."""
    day = datetime.now(UTC).date().isoformat()
    took = round((time.monotonic() - began) / 60)
    out = [
        "# Benchmarks",
        "",
        f"Written by `python bench/all.py{' --quick' if quick else ''}` on {day}, in {took} minutes.",
        f"{machine()}.",
        "Medians where nothing else is said. Times drift with the machine; ratios are of programs in turn.",
        *(["Small stores and few rounds: this shows that all runs, not how quick it is."] if quick else []),
        "",
        "## Aims",
        "",
        "| bench | aim | came out | |",
        "|---|---|--:|---|",
    ]
    for bench, rows, _ in found:
        for aim, came, met in bench.judge(rows) if rows else ():
            out.append(f"| `{bench.script}.py` | {aim} | {came} | {'met' if met else '**missed**'} |")
    lacking = [text for _, _, texts in found for text in texts]
    out += [
        "",
        "Not measured: " + ("; ".join(dict.fromkeys(lacking)) if lacking else "nothing is missing") + ".",
    ]
    for bench, rows, _ in found:
        if rows:
            out += [
                "",
                f"## {bench.title}",
                "",
                f"`bench/{bench.script}.py`: {about(bench)}",
                "",
                *table(rows),
            ]
    return "\n".join(out) + "\n"


def main() -> int:
    """The command line; 1 where a bench did not run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small stores, few rounds; print, write nothing")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only these benches; print, write nothing")
    parser.add_argument(
        "--dir",
        type=Path,
        default=Path(tempfile.gettempdir()) / f"inbox-tui-bench-{os.getuid()}",
        help="where the stores are kept and, where they are missing, built; default %(default)s",
    )
    given = parser.parse_args()
    names = [bench.script for bench in BENCHES]
    if unknown := set(given.only or ()) - set(names):
        parser.error(f"there is no bench {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    began = time.monotonic()
    found = []
    for bench in BENCHES:
        if given.only is None or bench.script in given.only:
            print(f"{bench.script} …", file=sys.stderr, flush=True)
            found.append((bench, *run(bench, given.dir, given.quick)))
    text = page(found, began, given.quick)
    if given.quick or given.only:
        print(text, end="")
    else:
        PAGE.write_text(text, encoding="utf-8")
        print(PAGE)
    return 1 if any(not rows for _, rows, _ in found) else 0


if __name__ == "__main__":
    sys.exit(main())
