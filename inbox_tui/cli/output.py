"""The only writer to stdout and stderr: data goes to stdout, what is told about it to stderr.

Everything that is not JSON is cleaned once more here, so that no foreign control reaches a terminal; in JSON
whatever a terminal could obey is escaped. On a terminal tables fit its width; elsewhere nothing is cut.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TextIO

from inbox_tui.errors import InboxError

_NARROWEST = 12
"""Cells that the widest column keeps, however narrow the terminal is."""
_BAR = 24
"""Cells of a bar."""


class Column:
    """A column of a table."""

    __slots__ = ("most", "right", "title")

    def __init__(self, title: str, *, right: bool = False, most: int = 24) -> None:
        self.title = title
        self.right = right
        self.most = most
        """Cells it takes at most on a terminal; the last column takes what is left."""


class Output:
    """Where one invocation writes to. json: records instead of text."""

    def __init__(self, *, json: bool) -> None:
        self.json = json
        self._told = False
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                # JSON is UTF-8 whatever the locale is; an odd character ends no command.
                stream.reconfigure(encoding="utf-8" if json else None, errors="backslashreplace")

    @property
    def terminal(self) -> bool:
        """Whether a person reads stdout as it comes."""
        return sys.stdout.isatty()

    @property
    def width(self) -> int | None:
        """Cells of a line; None: nothing is to be cut."""
        return None if self.json else _width(sys.stdout)

    # -- data

    def record(self, record: Mapping[str, object]) -> None:
        """One JSON object on a line of its own."""
        self._out(encode(record) + "\n")

    def line(self, text: str = "", *, quiet: bool = False, indent: int = 0) -> None:
        """A text for a reader, wrapped to fit a terminal. quiet: less bright where that is allowed."""
        width = self.width
        for each in _clean(text, multiline=True).split("\n"):
            for part in [each] if width is None else _wrap(each, width - indent):
                shown = (" " * indent + part).rstrip()
                self._out((self._dim(shown) if quiet else shown) + "\n")

    def raw(self, line: str) -> None:
        """A line for a program: neither wrapped nor changed."""
        self._out(line + "\n")

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        """Aligned columns under their titles; the last one takes what is left of the line."""
        from inbox_tui.text import cell_width, fit, steady

        titles = [column.title for column in columns]
        cells = [[steady(_clean(cell, multiline=False)) for cell in row] for row in [titles, *rows]]
        widths = [max(cell_width(row[at]) for row in cells) for at in range(len(columns))]
        if self.width is not None:
            widths = _squeezed(widths, columns, self.width)
        for number, row in enumerate(cells):
            parts = [
                fit(cell, width, "right" if column.right else "left")
                for cell, width, column in zip(row, widths, columns, strict=True)
            ]
            line = "  ".join(parts).rstrip()
            self._out((line if number else self._dim(line)) + "\n")

    def flush(self) -> None:
        """Hand over what was written, for whoever reads along."""
        sys.stdout.flush()

    # -- narration

    def say(self, text: str) -> None:
        """What happens, for a reader; scripts that ask for JSON are not told."""
        if not self.json:
            self._stderr(_clean(text, multiline=True))

    def complain(self, text: str) -> None:
        """Something went wrong and the work goes on: a line, or an object of JSON. Any thread may call."""
        if self.json:
            self._stderr(encode({"type": "warning", "message": text}))
        else:
            self._stderr("inbox-tui: " + _clean(text, multiline=False))

    def progress(self, text: str) -> None:
        """What is going on, on one line that the next word replaces; only where a person watches."""
        width = None if self.json else _width(sys.stderr)
        if width is None:
            return
        from inbox_tui.text import cell_width, fit

        shown = _clean(text, multiline=False)
        # What ran into a second line could not be replaced.
        shown = fit(shown, width - 1).rstrip() if cell_width(shown) >= width else shown
        sys.stderr.write("\r\x1b[K" + shown)
        sys.stderr.flush()
        self._told = True

    def bar(self, what: str, done: int, total: int) -> None:
        """How far a long work is, as `progress`. total: 0 where nobody knows."""
        counted = f"{done:,} of {total:,}" if total else f"{done:,}"
        if total:
            filled = _BAR * min(done, total) // total
            full, rest = "█░" if (sys.stderr.encoding or "").lower().startswith("utf") else "#."
            counted = f"{full * filled}{rest * (_BAR - filled)}  {counted}"
        self.progress(f"{what}  {counted}")

    def error(self, raised: InboxError) -> None:
        """An error: one JSON object, or words and what to do."""
        if self.json:
            from inbox_tui.cli.serial import error

            self._stderr(encode(error(raised)))
            return
        width = _width(sys.stderr)
        for text, indent in ((f"inbox-tui: {raised.message}", 0), (raised.hint, 2)):
            line = _clean(text, multiline=False)
            parts = [line] if width is None else _wrap(line, width - indent)
            if line:
                self._stderr("\n".join(" " * indent + part for part in parts))

    def _out(self, text: str) -> None:
        self._wipe()
        sys.stdout.write(text)

    def _stderr(self, text: str) -> None:
        self._wipe()
        sys.stderr.write(text + "\n")
        sys.stderr.flush()

    def _wipe(self) -> None:
        """What was going on is over: something else comes on its line."""
        if self._told:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._told = False

    def _dim(self, text: str) -> str:
        plain = os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb"
        return text if plain or not self.terminal or not text else f"\x1b[2m{text}\x1b[22m"


def of_account(account: str, message: str) -> str:
    """The message, with the account in front where it does not begin with it."""
    named = (f"account {account}:", f"[accounts.{account}]")
    return message if message.startswith(named) else f"account {account}: {message}"


def _width(stream: TextIO) -> int | None:
    """Cells of a line of this stream; None where it is no terminal."""
    if not stream.isatty():
        return None
    given = os.environ.get("COLUMNS", "")
    if given.isascii() and given.isdigit() and int(given):
        return int(given)
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80


def encode(record: Mapping[str, object]) -> str:
    """JSON on one line, in which nothing is left that a terminal would obey."""
    import json

    return _unsafe().sub(_escaped, json.dumps(record, ensure_ascii=False, separators=(",", ":")))


@cache
def _unsafe() -> re.Pattern[str]:
    """What json leaves as it is: it escapes C0 alone."""
    from inbox_tui.unsafe import UNSAFE

    return re.compile(f"[{UNSAFE}]")


def abandon(stream: TextIO) -> None:
    """The reader went away: what is still to be written goes nowhere, and the exit complains of nothing."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _escaped(match: re.Match[str]) -> str:
    units = match.group().encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{high:02x}{low:02x}" for high, low in zip(units[::2], units[1::2], strict=True))


def _clean(text: str, *, multiline: bool) -> str:
    from inbox_tui.text import clean

    return clean(text, multiline=multiline)


def _squeezed(widths: list[int], columns: Sequence[Column], whole: int) -> list[int]:
    """Widths that fill a line of so many cells."""
    fixed = [min(width, column.most) for width, column in zip(widths, columns, strict=True)][:-1]
    left = whole - sum(fixed) - 2 * len(fixed)
    while left < _NARROWEST and max(fixed, default=0) > _NARROWEST:
        fixed[fixed.index(max(fixed))] -= 1
        left += 1
    return [*fixed, max(min(left, widths[-1]), 1)]


def _wrap(line: str, width: int) -> list[str]:
    """Break at spaces; what is longer than a line stays whole, so that links can be copied."""
    from inbox_tui.text import cell_width

    if cell_width(line) <= width:
        return [line]
    start = len(line) - len(line.lstrip(" "))
    lines, held = [], line[:start]
    for word in line[start:].split(" "):
        joined = f"{held} {word}" if held.strip() else held + word
        if held.strip() and cell_width(joined) > width:
            lines.append(held)
            held = word
        else:
            held = joined
    return [*lines, held]
