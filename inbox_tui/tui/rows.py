"""A row of the queue as spans of text. Without Textual: the first rows are drawn before that is imported."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from inbox_tui.config.records import COLUMNS
from inbox_tui.desk.due import Lateness, lateness
from inbox_tui.model import CaseRow, CaseState, Priority
from inbox_tui.text import cell_width, fit, name_or
from inbox_tui.tui import words

if TYPE_CHECKING:
    from inbox_tui.tui.ink import Line, Span

ONE_PANE_BELOW = 120
TWO_LINES_BELOW = 56
"""In a narrow terminal, and in a pane narrower than this, a row takes two lines."""
WAIT = 8
SIGN = 4
MARKS = 5


def row_height(width: int, columns: int) -> int:
    """Lines of a row in a pane so wide, in a terminal of so many columns."""
    return 2 if width < TWO_LINES_BELOW or columns < ONE_PANE_BELOW else 1


def draw_row(
    row: CaseRow,
    width: int,
    now: int,
    here: bool,
    lines: int,
    part: int,
    shown: Collection[str] = COLUMNS,
) -> Line:
    """That part of a row of one or two lines. here: the cursor stands on it. shown: of `COLUMNS`."""
    if part:
        return _second_line(row, width, now, shown)
    return (_one_line if lines == 1 else _first_line)(row, width, now, here, shown)


def wait(row: CaseRow, now: int) -> str:
    """How long somebody waits, or else the state of the case."""
    if row.waiting_since is not None:
        return words.duration(now - row.waiting_since)
    return row.state.value


def _wait_ink(row: CaseRow, now: int) -> str:
    if row.waiting_since is None:
        return "faint"
    if row.due is None:
        return "late" if now - row.waiting_since >= words.DAY else "strong"
    return "late" if now >= row.due else "strong"


_SIGNS = {
    Lateness.NONE: ("    ", "plain"),
    Lateness.ON_TIME: (" .  ", "faint"),
    Lateness.SOON: (" !  ", "note"),
    Lateness.OVERDUE: (" !! ", "late"),
    Lateness.BROKEN: (" !! ", "trouble"),
}
"""How it stands to its due time; the case says it in words."""


def _marks(row: CaseRow) -> str:
    letters = list(dict.fromkeys(words.letter(channel) for channel in row.channels))
    return fit(" ".join(letters) if len(letters) <= 3 else "".join(letters), MARKS)


def _head(row: CaseRow, now: int, shown: Collection[str]) -> Line:
    return (
        (fit(wait(row, now), WAIT, "right"), _wait_ink(row, now)),
        _SIGNS[lateness(row, now)],
        *(((_marks(row) + "  ", "dim"),) if "channel" in shown else ()),
    )


def _inset(shown: Collection[str]) -> int:
    return WAIT + SIGN + (MARKS + 2 if "channel" in shown else 0)


def _name_ink(row: CaseRow, here: bool) -> str:
    if here:
        return "strong"
    return "dim" if row.state is CaseState.DONE else "plain"


def _one_line(row: CaseRow, width: int, now: int, here: bool, shown: Collection[str]) -> Line:
    room = width - _inset(shown)
    name = max(10, min(20, room // 3))
    who = fit(words.person_name(row.person.name), name) + "  "
    return (*_head(row, now, shown), (who, _name_ink(row, here)), *_matter(row, room - name - 2, now, shown))


def _first_line(row: CaseRow, width: int, now: int, here: bool, shown: Collection[str]) -> Line:
    many = row.messages > 1 and "count" in shown
    count = f"  {words.counted(row.messages, 'message')} " if many else ""
    room = width - _inset(shown) - cell_width(count)
    who = fit(words.person_name(row.person.name), room)
    return (*_head(row, now, shown), (who, _name_ink(row, here)), (count, "faint"))


def _second_line(row: CaseRow, width: int, now: int, shown: Collection[str]) -> Line:
    inset = WAIT + SIGN
    return ((" " * inset, "plain"), *_matter(row, width - inset, now, shown))


def _labels(row: CaseRow, now: int, shown: Collection[str]) -> list[Span]:
    """What agents said of it: priority, when it comes back, whose it is, tags."""
    labels: list[Span] = [("✗ ", "trouble")] if row.trouble else []
    if row.broken:
        labels.append(("promise broken ", "trouble"))
    if row.priority is not Priority.NORMAL and "priority" in shown:
        labels.append((f"{row.priority.value} ", "faint" if row.priority is Priority.LOW else "late"))
    if row.snoozed and "until" in shown:
        back = words.coming(row.snoozed_until, now) if row.snoozed_until is not None else "reply"
        labels.append((f"until {back} ", "note"))
    if row.assignee and "assignee" in shown:
        labels.append((f"→{words.within(row.assignee, 12)} ", "accent"))
    if "tags" in shown:
        labels += [(f"#{words.within(tag, 40)} ", "note") for tag in row.tags]
    return labels


def _matter(row: CaseRow, width: int, now: int, shown: Collection[str]) -> Line:
    """What agents said of it, the subject, and the beginning of the newest message where there is room."""
    labels = _labels(row, now, shown)
    used = sum(cell_width(text) for text, _ in labels)
    while labels and used > width // 2:
        used -= cell_width(labels.pop()[0])
    return (*labels, *_about(row, width - used, shown))


def _about(row: CaseRow, width: int, shown: Collection[str]) -> Line:
    if "subject" not in shown and "text" not in shown:
        return ((" " * max(0, width), "plain"),)
    # What has no subject is told by its text, which is what a search puts the words around its hit into.
    subject = name_or(row.subject, "") if "subject" in shown else ""
    said = name_or(row.snippet, "") if "text" in shown or not row.subject else ""
    used = cell_width(subject)
    if subject and said and subject != said and width - used > 14:
        return ((subject, "dim"), (fit(f"  {said}", width - used - 1) + " ", "faint"))
    return ((fit(subject or said or "(no text)", width - 1) + " ", "dim"),)
