"""What a terminal would make of a stream: every control in it, and whether it is one of ours.

Strict: what is not on the list is foreign, and so is what a terminal may read in two ways. The list is what
Textual 8.2 and `inbox_tui.cli.output` write, found by looking at a harmless world; a mode or a family that is
missing here fails a test, whoever wrote it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""
    (?P<csi>\x1b\[[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e])
    | (?P<osc>\x1b\][^\x07\x1b]*(?:\x07|\x1b\\))
    | (?P<text>[^\x00-\x1f\x7f-\x9f]+)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_STYLE = r"(?:[0-9]|2[1-9]|[34]9|5[35]|[34]8;5;\d{1,3})"
_OURS = re.compile(
    rf"""
    \x1b\[(?:{_STYLE}(?:;{_STYLE})*)?m          # how it looks
    | \x1b\[\?(?:1000|1002|1003|1004|1006|1015|1016|1049|2004|2026|2031|2048|25|7)[hl]    # modes
    | \x1b\[\?(?:2026|2048)\$p                  # whether the terminal draws at once, and tells of its size
    | \x1b\[(?:>\d+|<|=1;1)?u                     # keys told apart
    | \x1b\[K                                   # the line on which progress is told
    | \x1b\]22;[a-z-]*(?:\x07|\x1b\\)           # the shape of the pointer
    """,
    re.VERBOSE,
)
_DRAWING = re.compile(r"\x1b\[(?:[^?>]|\?(?:25|2026)[hl])")
"""Begins what is written over and over; all else is written once, at the beginning or at the end."""
_MOVE = re.compile(r"\x1b\[(?:(\d+);(\d+))?H")
_FORBIDDEN = re.compile(
    "[\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ue000-\uf8ff\U000e0001-\U000e001f\U000f0000-\U0010ffff]"
)
_CONTROLS = "\r\n"


@dataclass
class Read:
    """What was found in a stream."""

    foreign: list[str] = field(default_factory=list)
    """Each control that is not ours, with a little of what stands around it."""
    controls: int = 0
    """Controls that are ours."""
    letters: int = 0
    modes: Counter[str] = field(default_factory=Counter)
    """How often each was switched or asked for that an interface needs but once."""


def read(stream: bytes, columns: int, lines: int) -> Read:
    """Every control of a whole stream on a terminal of this size."""
    found = Read()
    try:
        text = stream.decode()
    except UnicodeDecodeError as error:
        found.foreign.append(f"no UTF-8: {stream[max(0, error.start - 20) : error.end + 20]!r}")
        text = stream.decode("utf-8", "replace")
    for token in _TOKEN.finditer(text):
        if token.lastgroup == "text":
            found.letters += len(token[0])
            bad = _FORBIDDEN.search(token[0])
            good = bad is None
        else:
            good = (
                token[0] in _CONTROLS or bool(_OURS.fullmatch(token[0])) or _inside(token[0], columns, lines)
            )
            found.controls += good
            if token.lastgroup == "csi" and not _DRAWING.match(token[0]):
                found.modes[token[0]] += 1
        if not good:
            found.foreign.append(repr(text[max(0, token.start() - 30) : token.end() + 30]))
    return found


def _inside(token: str, columns: int, lines: int) -> bool:
    """It moves the cursor to a place on the screen."""
    move = _MOVE.fullmatch(token)
    return bool(move) and int(move[1] or 1) <= lines and int(move[2] or 1) <= columns  # type: ignore[index]
