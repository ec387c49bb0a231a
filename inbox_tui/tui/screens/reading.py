"""The inbox screen as far as it reads: queue, case, header and views, kept fresh while others write.

Reads run in threads and come back as messages; what an agent does is in `screens.inbox`.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from shutil import get_terminal_size
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.worker import Worker, WorkerState, get_current_worker

from inbox_tui import memory
from inbox_tui.config import Config
from inbox_tui.errors import InboxError, NotFound
from inbox_tui.model import Direction, Overview, Reply, View
from inbox_tui.tui import blank, keys, reads
from inbox_tui.tui.first import FIRST_PAGE, Page
from inbox_tui.tui.rows import ONE_PANE_BELOW
from inbox_tui.tui.sheet import Sheet
from inbox_tui.tui.typeahead import KeysInOrder
from inbox_tui.tui.widgets.case import CaseHead, Timeline
from inbox_tui.tui.widgets.header import Header
from inbox_tui.tui.widgets.queue import Queue
from inbox_tui.tui.widgets.sidebar import Sidebar
from inbox_tui.tui.widgets.status import Status

if TYPE_CHECKING:
    from inbox_tui.inbox import Inbox

WATCH_EVERY = 0.25
"""Seconds between two looks for other processes' commits."""
TIDY_EVERY = 40
"""Looks after which memory that is free is given back."""
PREVIEW_AFTER = 0.08
"""Seconds that the cursor must rest before its case is read."""
TICK_EVERY = 10.0
JOINING = 2.0
"""Seconds that cases which are put together may take to be shown as one."""
AGAIN_AFTER = 2.0
"""Seconds until a failed read is tried again."""


class ReadingScreen(Screen[None]):
    """Header, views, queue, case, status line."""

    def __init__(self, inbox: Inbox, config: Config, first: Page | None, *, expects_worker: bool) -> None:
        super().__init__()
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (ONE_PANE_BELOW, "-wide")]
        # Textual would lay it out once more, and draw it, when it learns the size.
        self.add_class("-wide" if get_terminal_size().columns >= ONE_PANE_BELOW else "-narrow")
        self.inbox = inbox
        self.config = config
        self._first = first
        polls = {name: account.poll_seconds for name, account in config.accounts.items()}
        self.header = Header(inbox.now, polls, expects_worker=expects_worker)
        self.sidebar = Sidebar()
        self.queue = Queue(inbox.now, config.ui.columns)
        self.head = CaseHead(inbox.now)
        self.timeline = Timeline()
        self.status = Status(inbox.now)
        self.view = "waiting"
        self.overview: Overview | None = None
        self.shown: int | None = None
        self._then: Callable[[Sheet], None] | None = None
        self._goal: int | None = None
        self._opening = True
        """Nothing of the view is on screen yet."""
        self._marked: tuple[str, ...] = ()
        """What was searched for: it stands out in list and case."""
        self._preview: Timer | None = None
        self._listing = self._stale = self._unread = False
        self._since = 0.0
        self._told_below = ""
        """What was said of messages that came out of sight."""
        self._joined = -JOINING
        """When the agent put cases together: what that brings in is no news to him."""
        self._stopped = threading.Event()
        self.touched = True
        """The agent did something since it was last written down that he is here."""

    def compose(self) -> ComposeResult:
        yield self.header
        with Container(id="body"):
            yield self.sidebar
            yield self.queue
            with Vertical(id="case"):
                yield self.head
                yield self.timeline
        yield self.status

    def on_mount(self) -> None:
        self.queue.focus()
        if self._first is not None:
            self._apply_page(self._first)
        else:
            self._read_page(self.view)
        self.refresh_reads()
        self._watch()
        self.watch(self.timeline, "scroll_y", self._scrolled, init=False)
        self.set_interval(TICK_EVERY, self._tick)

    def on_unmount(self) -> None:
        self._stopped.set()

    # --- what changes beside us

    @work(thread=True, group="watch", exit_on_error=False)
    def _watch(self) -> None:
        seen: int | None = None
        told = False
        give_back = memory.giver()
        for look in itertools.count():
            try:
                version = self.inbox.version()
            except InboxError as error:
                if not told:
                    self.post_message(reads.ReadFailed(error, "watch"))
                told = True
            else:
                # The first look is a change, too: a list read before it might miss a commit in between.
                if version != seen:
                    self.post_message(reads.Changed())
                seen, told = version, False
                if self.touched and self.inbox.shift.here():
                    self.touched = False
            if look % TIDY_EVERY == 0:
                give_back()
            if self._stopped.wait(WATCH_EVERY):
                return

    def _tick(self) -> None:
        """Waits grow, accounts fall behind and workers stop without any commit."""
        self.queue.tick()
        self.head.changed()
        self.refresh_reads()

    @on(reads.Changed)
    def _changed(self) -> None:
        self.refresh_reads()
        if self.timeline.sheet is not None:
            self.read_again()

    # --- the list

    def refresh_reads(self) -> None:
        """Read list and overview anew; one read at a time, and pauses that follow what a read costs."""
        if self._listing:
            self._stale = True
            return
        self._listing, self._stale = True, False
        self._since = time.monotonic()
        self._read_list(self.view, self.queue.sight())

    @work(thread=True, group="list", exit_on_error=False)
    def _read_list(self, view: str, sight: Sequence[int]) -> None:
        try:
            self.post_message(reads.ListRead(reads.read_listing(self.inbox, view, sight)))
        except InboxError as error:
            self.post_message(reads.ReadFailed(error, "list"))

    @work(thread=True, exclusive=True, group="page", exit_on_error=False)
    def _read_page(self, view: str) -> None:
        worker = get_current_worker()
        try:
            page, marked = reads.read_view(self.inbox, view)
        except InboxError as error:
            self.post_message(reads.ReadFailed(error, "page"))
            return
        if not worker.is_cancelled:
            self.post_message(reads.PageRead(page, marked))

    @work(thread=True, group="rows", exit_on_error=False)
    def _read_rows(self, view: str, ids: Sequence[int]) -> None:
        try:
            self.post_message(reads.RowsRead(view, self.inbox.rows(ids)))
        except InboxError as error:
            self.post_message(reads.ReadFailed(error, "rows"))

    @on(reads.PageRead)
    def _page_read(self, event: reads.PageRead) -> None:
        # Where the whole list was quicker, its beginning is not needed any more.
        if event.page.view == self.view and self._opening:
            self._mark(event.words)
            self._apply_page(event.page)

    def _apply_page(self, page: Page) -> None:
        self._opening = False
        self._apply_overview(page.overview)
        self.queue.open_view(page.rows, blank.empty(self.config, self.view, page.overview))
        self._name_views()

    def _mark(self, words: tuple[str, ...]) -> None:
        """From now on these words stand out."""
        if words != self._marked:
            self._marked = words
            self.queue.found = words
            self.read_again()

    @on(reads.ListRead)
    def _list_read(self, event: reads.ListRead) -> None:
        self._listing = False
        listing = event.listing
        if self._unread:
            self._unread = False
            self.status.clear()
        self._apply_overview(listing.overview)
        self.follow_replies(listing.outbox)
        if listing.view == self.view:
            self._mark(listing.words)
            if self._opening:
                rows = (listing.rows.get(case) for case in listing.ids[:FIRST_PAGE])
                first = tuple(row for row in rows if row is not None)
                self._apply_page(Page(self.view, first, listing.overview))
            self.queue.update_ids(
                listing.ids, listing.rows, blank.empty(self.config, self.view, listing.overview)
            )
            # A read that began before the case came back does not hold it; then the next one may.
            if self._goal is not None and (self.queue.go_to(self._goal) or not self._stale):
                self._goal = None
        self._name_views()
        if self._stale or listing.view != self.view:
            cost = time.monotonic() - self._since
            self.set_timer(min(2.0, 5 * cost), self.refresh_reads)

    @on(reads.RowsRead)
    def _rows_read(self, event: reads.RowsRead) -> None:
        if event.view == self.view:
            self.queue.fill(event.rows)

    @on(reads.ReadFailed)
    def _read_failed(self, event: reads.ReadFailed) -> None:
        self._unread = True
        if event.what in ("case", "gone"):
            self._then = None
        self.status.fail(event.error)
        self.queue.say(blank.unreadable(event.error))
        if event.what == "list":
            self._listing = False
            self.set_timer(AGAIN_AFTER, self.refresh_reads)

    @on(Worker.StateChanged)
    def _worker_ended(self, event: Worker.StateChanged) -> None:
        """A fault of ours in a thread: say so, instead of going on as if nothing were wrong."""
        if event.state is WorkerState.ERROR:
            if event.worker.group == "list":
                self._listing = False
            fault = event.worker.error
            self.status.complain(f"Unexpected fault: {type(fault).__name__}: {fault}", "please report it")

    def _apply_overview(self, overview: Overview) -> None:
        self.overview = overview
        self.header.show(overview)

    def _name_views(self) -> None:
        """After the list is filled: a search is counted by what stands there."""
        if self.overview is not None:
            self.sidebar.show(self.listed_views(), self.view)

    def listed_views(self) -> tuple[View, ...]:
        """All views in the order of the sidebar: of the desk, saved ones, the search that is open."""
        listed = list(self.overview.views) if self.overview is not None else []
        listed += [View(reads.SEARCH + saved.query, saved.name, 0) for saved in self.config.views]
        if self.overview is not None and self.overview.same:
            listed.append(View(reads.SAME, "same person?", self.overview.same))
        if self.view.startswith(reads.SEARCH) and self.view not in {view.key for view in listed}:
            asked = self.view.removeprefix(reads.SEARCH).removeprefix(reads.TYPING)
            listed.append(View(self.view, f"/ {asked}", 0 if self._opening else self.queue.count))
        return tuple(listed)

    def open_view(self, view: str, goal: int | None = None) -> None:
        """Show another view; goal: a case to put the cursor on."""
        self._goal = goal
        self.view, self._opening = view, True
        self._name_views()
        self._read_page(view)
        self.refresh_reads()

    def go_when_read(self, case: int) -> None:
        """Put the cursor on a case as soon as the view is read anew, if it holds it then."""
        self._goal = case

    @on(Queue.Wanted)
    def _wanted(self, event: Queue.Wanted) -> None:
        self._read_rows(self.view, event.ids)

    # --- the case

    @property
    def narrow(self) -> bool:
        """One pane at a time."""
        return not self.has_class("-wide")

    @property
    def reading(self) -> bool:
        """The case is what the agent looks at, not the queue."""
        return self.has_class("-reading")

    @on(Queue.Moved)
    def _moved(self, event: Queue.Moved) -> None:
        if self.reading or (self.narrow and self.size.width):
            return
        if self._preview is not None:
            self._preview.stop()
        if event.case is None:
            self.show_nothing()
        elif self.timeline.sheet is None:
            self.show_case(event.case)
        else:
            case = event.case
            self._preview = self.set_timer(PREVIEW_AFTER, lambda: self.show_case(case))

    @property
    def reads_for_a_key(self) -> bool:
        """A view or a case that a key asked for, and that the next one is meant for, is not here yet."""
        if self._unread:
            return False
        # What is found while one types is for the eyes alone.
        typing = self.view.startswith(reads.SEARCH + reads.TYPING)
        listing = (self._opening and not typing) or (self._goal is not None and self._listing)
        return listing or self._then is not None

    def expect(self, widget: Widget) -> None:
        """It was opened to be typed in: keys wait until it has the focus."""
        if isinstance(self.app, KeysInOrder):
            self.app.expect(widget)

    def show_nothing(self) -> None:
        """There is no case to show."""
        self.shown = self._then = None
        self.head.show(None)
        self.timeline.clear()

    def show_case(self, case: int, then: Callable[[Sheet], None] | None = None) -> None:
        """Read a case and show it; then: what to do once it is here."""
        if self._preview is not None:
            self._preview.stop()
        self.shown, self._then = case, then
        self._read_case(case, None, self.timeline.text_width)

    def read_again(self) -> None:
        """Read the case that is shown anew. What waits for it gets it, even if it is the same as before."""
        if self.shown is not None:
            before = self.timeline.sheet if self._then is None else None
            self._read_case(self.shown, before, self.timeline.text_width)

    @work(thread=True, exclusive=True, group="case", exit_on_error=False)
    def _read_case(self, case: int, before: Sheet | None, width: int) -> None:
        # The width is asked for by the loop: whoever asks a widget for it may lay out the whole screen.
        worker = get_current_worker()
        try:
            sheet = reads.read_sheet(self.inbox, case, width, before, self._marked)
        except InboxError as error:
            if not worker.is_cancelled:
                self.post_message(reads.ReadFailed(error, "gone" if isinstance(error, NotFound) else "case"))
            return
        if not worker.is_cancelled and sheet is not before:
            self.post_message(reads.CaseRead(case, sheet))

    @on(reads.CaseRead)
    def _case_read(self, event: reads.CaseRead) -> None:
        if event.asked != self.shown:
            return
        before, sheet = self.timeline.sheet, event.sheet
        self.head.show(sheet)
        self.timeline.show(sheet)
        if before is not None and before.case.row.id == sheet.case.row.id:
            self._announce(before, sheet)
        then, self._then = self._then, None
        if then is not None:
            then(sheet)

    def _announce(self, before: Sheet, sheet: Sheet) -> None:
        """What came while the agent was reading, and stands out of sight."""
        bottom = self.timeline.scroll_offset.y + self.timeline.size.height
        known = set(before.ids)
        below = [
            message
            for message, line in zip(sheet.case.timeline, sheet.starts, strict=True)
            if message.id not in known and message.direction is Direction.IN and line >= bottom
        ]
        if below and time.monotonic() > self._joined + JOINING:
            self._told_below = f"{len(below)} new below · {keys.told('move.last')} shows"
            self.status.tell(self._told_below)

    def _scrolled(self) -> None:
        """What was below is in sight now."""
        if self._told_below and self.timeline.at_end:
            self.status.forget(self._told_below)
            self._told_below = ""

    @on(Timeline.Resized)
    def _case_resized(self) -> None:
        if self.shown is not None:
            self.read_again()
        elif self.queue.case is not None:
            # The pane came into sight with the terminal's new size.
            self.show_case(self.queue.case)

    def follow_replies(self, outbox: tuple[Reply, ...]) -> None:
        """My replies on their way."""
        raise NotImplementedError

    def case_pane(self) -> Widget:
        """The pane of the case, where the composer is put."""
        return self.query_one("#case")
