"""What a screen looks like, as text: what stands there, then which style each run of cells has.

Small enough to be read in a diff. With INBOX_TUI_PICTURES=FOLDER each look is drawn there as SVG, too.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from string import ascii_letters
from typing import Any, NamedTuple

from rich.style import Style
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from inbox_tui.tui.app import InboxApp

PICTURES = "INBOX_TUI_PICTURES"
_TURNS = ("bold", "dim", "italic", "underline", "reverse")


class TextFile(SingleFileSnapshotExtension):
    """A file for each snapshot, as it is."""

    file_extension = _file_extension = "txt"  # syrupy asks for the one since 6, for the other before
    _write_mode = WriteMode.TEXT

    def serialize(self, data: Any, **rest: Any) -> str:
        return str(data)


class Run(NamedTuple):
    """So many cells of one style."""

    style: str
    cells: int


class Look(NamedTuple):
    """One screen as it stands."""

    rows: tuple[str, ...]
    runs: tuple[tuple[Run, ...], ...]


def look(app: InboxApp, picture: str) -> Look:
    """The screen that is open. picture: the name of its SVG, where one is wanted."""
    rows, runs = [], []
    for strip in app.screen._compositor.render_strips():
        assert strip.cell_length == app.size.width, f"a row is {strip.cell_length} wide: {strip.text!r}"
        rows.append(strip.text.rstrip())
        cells = [(_style(segment.style, segment.text), segment.cell_length) for segment in strip]
        runs.append(tuple(_joined(cells)))
    if folder := os.environ.get(PICTURES):
        (Path(folder) / f"{picture}.svg").write_text(app.export_screenshot(), "utf-8")
    return Look(tuple(rows), tuple(runs))


def _joined(cells: Iterable[tuple[str, int]]) -> Iterable[Run]:
    for style, same in groupby(cells, key=lambda cell: cell[0]):
        yield Run(style, sum(wide for _, wide in same))


def _style(style: Style | None, text: str) -> str:
    """In words. A blank shows no ink."""
    if style is None:
        return "plain"
    blank = not text.strip()
    turns = [
        turn for turn in _TURNS if getattr(style, turn) and not (blank and turn in ("bold", "dim", "italic"))
    ]
    ink = [] if blank and not (style.reverse or style.underline) else [_colour(style.color)]
    return " ".join([*turns, *ink, "on", _colour(style.bgcolor)])


def _colour(colour: Any) -> str:
    return "default" if colour is None else str(colour.name)


def written(looks: dict[str, Look]) -> str:
    """All looks of one screen, which says the same in each of them."""
    (first, rows), *others = ((name, one.rows) for name, one in looks.items())
    for name, said in others:
        odd = [pair for pair in zip(rows, said, strict=True) if pair[0] != pair[1]]
        assert not odd, f"{name} does not say what {first} says: {odd}"
    lines = [*rows]
    for name, one in looks.items():
        letters = dict(
            zip(dict.fromkeys(run.style for row in one.runs for run in row), ascii_letters, strict=False)
        )
        lines += ["", f"== {name}", *(f"{letter} = {style}" for style, letter in letters.items())]
        lines += _ranges([" ".join(f"{letters[run.style]}{run.cells}" for run in row) for row in one.runs])
    return "\n".join([*lines, ""])


def _ranges(rows: Sequence[str]) -> list[str]:
    """Rows that are alike stand in one line: ``4-9: a80``."""
    found, first = [], 1
    for row, same in groupby(rows):
        last = first + len(list(same)) - 1
        found.append(f"{first if first == last else f'{first}-{last}'}: {row}")
        first = last + 1
    return found
