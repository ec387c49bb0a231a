"""The queue: a list of any length of which only the rows in sight are read and drawn.

It knows ids in their order, and the rows that were read of them; what is missing it asks for by a message.
A cursor that moves repaints its old and its new row alone: over SSH the bytes are the latency.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from inbox_tui.config.records import COLUMNS
from inbox_tui.model import CaseRow
from inbox_tui.tui import keys
from inbox_tui.tui.ink import DrawnScroll, Line, paint
from inbox_tui.tui.rows import draw_row, row_height, wait
from inbox_tui.tui.seek import marked

PAGE = 200
"""Rows asked for at once."""
KEPT = 5_000
"""Rows kept, at most."""
_SIGNS = {(False, False): " ", (False, True): "▌", (True, False): "+", (True, True): "╋"}
"""What stands before a row: is it marked, does the cursor stand on it. Colour alone would not say both."""


class Queue(DrawnScroll, can_focus=True):
    """The cases of one view."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.MOVE]

    class Moved(Message):
        """The cursor stands on another case."""

        def __init__(self, case: int | None) -> None:
            self.case = case
            super().__init__()

    class Wanted(Message):
        """Rows in sight that have not been read."""

        def __init__(self, ids: Sequence[int]) -> None:
            self.ids = ids
            super().__init__()

    class Opened(Message):
        """A row was clicked."""

    class Marked(Message):
        """So many cases are marked now."""

        def __init__(self, count: int) -> None:
            self.count = count
            super().__init__()

    cursor: reactive[int] = reactive(0, repaint=False, init=False)

    def __init__(self, now: Callable[[], int], columns: Collection[str] = COLUMNS) -> None:
        """columns: what a row tells."""
        super().__init__()
        self._now = now
        self._shown = frozenset(columns)
        self._drawn_at = now()
        self._ids: array[int] = array("q")
        self._rows: dict[int, CaseRow] = {}
        self._asked: set[int] = set()
        self.marked: set[int] = set()
        """Cases on which the next act is done."""
        self.found: tuple[str, ...] = ()
        """What was searched for, folded: it stands out in every row."""
        self._told: int | None = None
        self._partial = False
        """Only the first rows of the view are here yet."""
        self._wants_last = False
        """The end was asked for before it was known where that is."""
        self._wants_all = False
        """All are to be marked, and it is not known yet which these are."""
        self._empty: tuple[Line, ...] = ((("Reading the store …", "dim"),),)
        self._tall = 1
        self._wide = 0
        self._top = 0

    # --- what it is told

    @property
    def case(self) -> int | None:
        """The case under the cursor."""
        return self._ids[self.cursor] if self.cursor < len(self._ids) else None

    @property
    def count(self) -> int:
        """Cases that it lists."""
        return len(self._ids)

    @property
    def row(self) -> CaseRow | None:
        """Its row, where that has been read."""
        return self._rows.get(self.case or 0)

    def open_view(self, rows: Sequence[CaseRow], empty: tuple[Line, ...]) -> None:
        """Another view: its first rows are here, its ids will follow. empty: what to say if there is none."""
        self._rows = {row.id: row for row in rows}
        self._ids = array("q", self._rows)
        self._empty = empty
        self._asked.clear()
        self._partial, self._wants_last = True, False
        # A mark out of sight would make the next act one that nobody means.
        self.unmark()
        self.set_reactive(Queue.cursor, 0)
        self._fit_height()
        self.to_line(0)
        self.refresh()
        self._tell()

    def update_ids(self, ids: array[int], rows: Mapping[int, CaseRow], empty: tuple[Line, ...]) -> None:
        """The same view, read anew: the cursor stays on its case, and the case on its line of the screen."""
        held, kept = self.case, self.row
        place = self._place(ids, held)
        if held is not None and place is None and kept is not None:
            # A case that left the view stays in sight until the cursor leaves it.
            place = min(self.cursor, len(ids))
            ids = ids[:]
            ids.insert(place, held)
        self._ids, self._empty = ids, empty
        fresh = dict(rows)
        if held is not None and kept is not None:
            fresh.setdefault(held, kept)
        changed = {case for case, row in fresh.items() if self._rows.get(case) != row}
        self._rows = fresh
        self._asked.clear()
        moved = (place or 0) - self.cursor
        self.set_reactive(Queue.cursor, min(place or 0, max(0, len(ids) - 1)))
        self._fit_height()
        if moved:
            self.to_line(self.scroll_offset.y + moved * self._tall)
        self._redraw(changed, everything=bool(moved))
        self._ask()
        self._tell()
        self._partial = False
        if self._wants_last:
            self.action_last()
        if self._wants_all:
            self._mark(set(self._ids))

    def show_columns(self, columns: Collection[str]) -> None:
        """Rows tell other things from now on."""
        self._shown = frozenset(columns)
        self.refresh()

    def fill(self, rows: Mapping[int, CaseRow]) -> None:
        """Rows that had been asked for."""
        if len(self._rows) > KEPT:
            self._rows = {case: row for case, row in self._rows.items() if case in self.sight()}
        self._rows.update(rows)
        self._asked.difference_update(rows)
        self.refresh()
        self._tell()

    def known(self, case: int) -> CaseRow | None:
        """The row of a case, where it has been read."""
        return self._rows.get(case)

    def mark(self, case: int) -> None:
        """Mark a case, or take its mark away."""
        self._mark(self.marked ^ {case})

    def mark_all(self) -> None:
        """Mark all of the view; where all are marked, none."""
        everything = set(self._ids)
        self._mark(set() if everything <= self.marked else everything)
        self._wants_all = self._partial and bool(self.marked)

    def unmark(self) -> None:
        """Mark none."""
        if self.marked:
            self._mark(set())

    def _mark(self, cases: set[int]) -> None:
        self.marked, self._wants_all = cases, False
        self.refresh()
        self.post_message(self.Marked(len(cases)))

    def say(self, empty: tuple[Line, ...]) -> None:
        """What to say where there is no row."""
        self._empty = empty
        if not self._ids:
            self.refresh()

    def go_to(self, case: int) -> bool:
        """Put the cursor on a case; False where the view does not hold it."""
        place = self._place(self._ids, case)
        if place is not None:
            self.cursor = place
        return place is not None

    def leave(self, case: int) -> None:
        """The agent is through with a case: on to the next one."""
        if case == self.case and len(self._ids) > 1:
            self.cursor += 1 if self.cursor + 1 < len(self._ids) else -1

    def sight(self) -> tuple[int, ...]:
        """Ids of the rows on screen, and of the one under the cursor."""
        first, last = self._window()
        held = self.case
        return (*self._ids[first:last], *(() if held is None else (held,)))

    def tick(self) -> None:
        """Time went by: draw the rows whose wait reads differently now."""
        then, self._drawn_at = self._drawn_at, self._now()
        first, last = self._window()
        for number in range(first, last):
            row = self._rows.get(self._ids[number])
            if row is not None and wait(row, then) != wait(row, self._drawn_at):
                self._refresh_row(number)

    # --- keys

    def action_down(self) -> None:
        self.cursor += 1

    def action_up(self) -> None:
        self.cursor -= 1

    def action_page_down(self) -> None:
        self.cursor += max(1, self.size.height // self._tall - 1)

    def action_page_up(self) -> None:
        self.cursor -= max(1, self.size.height // self._tall - 1)

    def action_first(self) -> None:
        self.cursor = 0

    def action_last(self) -> None:
        self.cursor = len(self._ids) - 1
        self._wants_last = self._partial

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, len(self._ids) - 1))

    def watch_cursor(self, old: int, new: int) -> None:
        self._wants_last = False
        self._refresh_row(old)
        self._refresh_row(new)
        self._follow()
        self._tell()

    def on_click(self, event: events.Click) -> None:
        row = (self.scroll_offset.y + event.y) // self._tall
        if row < len(self._ids):
            self.cursor = row
            self.post_message(self.Opened())

    # --- drawing

    def _window(self) -> tuple[int, int]:
        first = self.scroll_offset.y // self._tall
        return first, min(len(self._ids), first + self.size.height // self._tall + 2)

    def _place(self, ids: array[int], case: int | None) -> int | None:
        if case is None:
            return None
        if self.cursor < len(ids) and ids[self.cursor] == case:
            return self.cursor
        try:
            return ids.index(case)
        except ValueError:
            return None

    def _fit_height(self) -> None:
        lines = len(self._ids) * self._tall
        # A blank line at the end, where the last row would else push half a row out at the top.
        self.set_height(lines + (self.size.height % self._tall if lines > self.size.height else 0))

    def _follow(self) -> None:
        """Keep the cursor in sight; by half pages, so that most moves scroll nothing."""
        top, height = self.scroll_offset.y, self.size.height
        line = self.cursor * self._tall
        if line < top:
            above = max(0, line - height // 2)
            self.to_line(above - above % self._tall)
        elif line + self._tall > top + height:
            above = line + self._tall - height // 2 - height % 2
            # A row of two lines stands whole at the top, or not at all.
            self.to_line(above + -above % self._tall)

    def _tell(self) -> None:
        self._ask()
        if self.case != self._told:
            self._told = self.case
            self.post_message(self.Moved(self.case))

    def _ask(self) -> None:
        first, last = self._window()
        if all(case in self._rows or case in self._asked for case in self._ids[first:last]):
            return
        start = max(0, (first + last - PAGE) // 2)
        page = self._ids[start : start + PAGE]
        missing = [case for case in page if case not in self._rows and case not in self._asked]
        self._asked.update(missing)
        self.post_message(self.Wanted(missing))

    def _redraw(self, changed: set[int], *, everything: bool) -> None:
        first, last = self._window()
        sight = self._ids[first:last].tolist()
        if everything or sight != self._painted or not sight:
            self.refresh()
            return
        for number, case in enumerate(sight, first):
            if case in changed:
                self._refresh_row(number)

    _painted: Sequence[int] = ()

    def _refresh_row(self, number: int) -> None:
        self.refresh_lines(number * self._tall, self._tall)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._ask()

    def on_resize(self) -> None:
        self._measure()
        self._fit_height()
        self._follow()
        self._ask()

    def on_focus(self) -> None:
        self._refresh_row(self.cursor)

    def on_blur(self) -> None:
        self._refresh_row(self.cursor)

    def _measure(self) -> None:
        """Textual works sizes out anew whenever they are asked for, which is too dear for every line."""
        self._wide, self._top = self.size.width, self.scroll_offset.y
        self._tall = row_height(self._wide, self.app.size.width)

    def render_lines(self, crop: object) -> list[Strip]:
        self._measure()
        first, last = self._window()
        self._painted = self._ids[first:last].tolist()
        return super().render_lines(crop)  # type: ignore[arg-type]

    def render_line(self, y: int) -> Strip:
        width = self._wide
        if not self._ids:
            lines = self._empty
            return paint(self, ((("  ", "plain"), *lines[y - 1]) if 1 <= y <= len(lines) else ()), width)
        number, part = divmod(y + self._top, self._tall)
        if number >= len(self._ids):
            return paint(self, (), width)
        row = self._rows.get(self._ids[number])
        here = number == self.cursor
        under = ("cursor" if self.has_focus else "rest") if here else ""
        if row is None:
            return paint(self, ((" …", "faint"),) if part == 0 else (), width, under)
        line = draw_row(row, width - 1, self._now(), here, self._tall, part, self._shown)
        if self.found:
            line = tuple(span for text, ink in line for span in marked(text, ink, self.found))
        return paint(self, ((_SIGNS[row.id in self.marked, here], "accent"), *line), width, under)
