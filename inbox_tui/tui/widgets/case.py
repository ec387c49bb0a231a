"""The case: who it is over a timeline of everything that was said, on every channel, oldest first."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from inbox_tui.model import Direction
from inbox_tui.tui import keys
from inbox_tui.tui.ink import Drawn, DrawnScroll, Line, paint
from inbox_tui.tui.sheet import Sheet, head


class CaseHead(Drawn):
    """Person, identities, how the case stands."""

    def __init__(self, now: Callable[[], int]) -> None:
        super().__init__()
        self._now = now
        self._sheet: Sheet | None = None

    def show(self, sheet: Sheet | None) -> None:
        """Take a case, None for none."""
        self._sheet = sheet
        self.changed()

    def lines(self, width: int) -> Sequence[Line]:
        sheet = self._sheet
        return () if sheet is None else head(sheet.case, sheet.drafts, self._now(), width)


class Timeline(DrawnScroll, can_focus=True):
    """The messages of a case as a sheet of lines."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.MOVE]

    class Resized(Message):
        """The pane is of another width: the case must be laid out anew."""

    def __init__(self) -> None:
        super().__init__()
        self._sheet: Sheet | None = None
        self._empty: tuple[Line, ...] = ()
        self._wide = 0
        """Cells of the pane when it was last in sight."""
        self._kept: tuple[int | None, int] | None = None

    @property
    def sheet(self) -> Sheet | None:
        """What it shows."""
        return self._sheet

    @property
    def text_width(self) -> int:
        """Cells that a line may take; the scrollbar's column is always left free.

        Out of sight the pane has no size: then those that it had last, or that the terminal gives it.
        """
        return max(20, (self.size.width or self._wide or self.app.size.width - 2) - 1)

    def clear(self, *empty: Line) -> None:
        """Show no case, but some words."""
        self._sheet, self._empty, self._kept = None, empty, None
        self.set_height(0)
        self.to_line(0)
        self.refresh()

    def show(self, sheet: Sheet, at: int | None = None) -> None:
        """Take a sheet. The same case again keeps the text where it is. at: message to stand at the top."""
        before = self._sheet
        if before is sheet and at is None:
            return
        same = before is not None and before.case.row.id == sheet.case.row.id and before.full == sheet.full
        anchor = self._anchor() if same else None
        keeps = at is None and same and self._keeps(sheet)
        seen, top = self._in_sight(), self.scroll_offset.y
        self._sheet = sheet
        self.set_height(len(sheet.lines))
        if at is not None:
            self.to_line(sheet.line_of(at) or 0)
        elif keeps:
            self._stand()
        elif anchor is None:
            self.to_line(self._beginning(sheet))
        else:
            message, below = anchor
            self.to_line((sheet.line_of(message) or 0) + below)
        if not keeps:
            self._kept = None
        if self.scroll_offset.y == top:
            self.refresh_differences(seen, self._in_sight())
        if sheet.width != self.text_width:
            # It was laid out while the pane came into sight.
            self.post_message(self.Resized())

    def _in_sight(self) -> Sequence[Line]:
        lines = self._sheet.lines if self._sheet is not None else self._empty
        return lines[self.scroll_offset.y :][: self.size.height]

    def first_in_sight(self) -> int | None:
        """The message at the top."""
        anchor = self._anchor()
        return anchor[0] if anchor else None

    def scroll_to_message(self, message: int) -> None:
        """Bring a message into sight."""
        if self._sheet is not None and (line := self._sheet.line_of(message)) is not None:
            self.to_line(line)

    def keep_in_sight(self, message: int | None) -> None:
        """Show the end of a message, None for the newest, until the agent looks elsewhere.

        What stays shown while the pane changes its height and the case grows.
        """
        self._kept = message, 0
        self._stand()

    def _last_top(self) -> int:
        """The line at the top when the end is in sight."""
        return max(0, len(self._sheet.lines) - self.size.height) if self._sheet is not None else 0

    @property
    def at_end(self) -> bool:
        """The end is in sight."""
        return self.scroll_offset.y >= self._last_top()

    def _keeps(self, coming: Sheet | None = None) -> bool:
        """What was to be kept in sight still is: nobody scrolled, nothing came in that nobody read."""
        if self._kept is None or self._sheet is None:
            return False
        message, top = self._kept
        if message is None and coming is not None and coming.ids != self._sheet.ids:
            known = set(self._sheet.ids)
            if any(m.direction is Direction.IN and m.id not in known for m in coming.case.timeline):
                return False
        # A pane that grows scrolls by itself where its end would hang in the air.
        return self.scroll_offset.y in (top, self._last_top())

    def _stand(self) -> None:
        """Scroll to what is kept: all of it, and as much after it as there is room for; else its end."""
        if self._kept is None or self._sheet is None:
            return
        message, sheet, top = self._kept[0], self._sheet, self._last_top()
        if message is not None and message in sheet.ids:
            place = sheet.ids.index(message)
            after = sheet.starts[place + 1] if place + 1 < len(sheet.starts) else len(sheet.lines)
            top = min(top, max(after - self.size.height, sheet.starts[place]))
        self._kept = message, top
        self.to_line(top)

    def _beginning(self, sheet: Sheet) -> int:
        """Where reading begins: at the oldest message still owed an answer, else at the end."""
        last = max(0, len(sheet.lines) - self.size.height)
        owed = next((message.id for message in sheet.case.timeline if message.owed), None)
        line = sheet.line_of(owed) if owed is not None else None
        return last if line is None else min(last, max(0, line - 1))

    def _anchor(self) -> tuple[int, int] | None:
        sheet = self._sheet
        if sheet is None or not sheet.ids:
            return None
        top = self.scroll_offset.y
        place = max(0, bisect_right(sheet.starts, top) - 1)
        return sheet.ids[place], top - sheet.starts[place]

    def on_resize(self) -> None:
        self.set_height(len(self._sheet.lines) if self._sheet is not None else 0)
        if self._keeps():
            self._stand()
        if self.size.width and self._wide != self.size.width:
            self._wide = self.size.width
            self.post_message(self.Resized())

    def action_down(self) -> None:
        self.to_line(self.scroll_offset.y + 1)

    def action_up(self) -> None:
        self.to_line(self.scroll_offset.y - 1)

    def action_page_down(self) -> None:
        self.to_line(self.scroll_offset.y + max(1, self.size.height - 2))

    def action_page_up(self) -> None:
        self.to_line(self.scroll_offset.y - max(1, self.size.height - 2))

    def action_first(self) -> None:
        self.to_line(0)

    def action_last(self) -> None:
        self.to_line(self.virtual_size.height)

    def render_line(self, y: int) -> Strip:
        lines = self._sheet.lines if self._sheet is not None else self._empty
        at = y + self.scroll_offset.y
        return paint(self, lines[at] if at < len(lines) else (), self.size.width)
