"""The inbox screen: where an agent looks, and what each key does.

Every act runs in a thread, through `inbox` and nothing else; what came of it is a message.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from inbox_tui.desk import reach
from inbox_tui.errors import InboxError
from inbox_tui.model import Acted, CaseRow, CaseState, ReplyKind, Thread
from inbox_tui.tui import keys, reads
from inbox_tui.tui.screens.palette import PaletteScreen
from inbox_tui.tui.sheet import Sheet
from inbox_tui.tui.widgets.sidebar import Sidebar

if TYPE_CHECKING:
    from inbox_tui.tui.screens.troubles import Wish


class InboxScreen(PaletteScreen):
    """All of the inbox."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.INBOX]

    _last_done: int | None = None

    def on_mount(self) -> None:
        self.watch(self, "focused", self._focus_changed, init=False)
        self._name_keys()

    # --- where to look

    def _target(self) -> int | None:
        """The case that a key means: the one under the cursor, or the one that is read."""
        return self.shown if self.reading else self.queue.case

    def _focus_changed(self, focused: Widget | None) -> None:
        if focused in (self.queue, self.timeline):
            # Whoever clicks beside a prompt is through with it; what a search found stays.
            self._close_prompt()
        if focused is self.queue and self.reading and not self.narrow:
            self.remove_class("-reading")
        elif focused is self.timeline:
            self.add_class("-reading")
        self._name_keys()

    def _name_keys(self) -> None:
        if self._prompt is not None:
            self.status.show_keys(keys.of_prompt())
        elif self._composer is not None and self._composer.has_focus_within:
            self.status.show_keys(keys.active(self, self._composer.worth_naming()), writing=True)
        else:
            self.status.show_keys(keys.active(self, keys.IN_CASE if self.reading else keys.IN_QUEUE))

    def action_open(self) -> None:
        self.status.clear()
        if self.queue.case is not None:
            self._read(self.queue.case)

    def _read(self, case: int, then: Callable[[Sheet], None] | None = None) -> None:
        """Turn to a case."""
        self._put_away()
        self.add_class("-reading")
        sheet = self.timeline.sheet
        if sheet is not None and sheet.case.row.id == case == self.shown:
            if then is not None:
                then(sheet)
        else:
            self.show_case(case, then)
        if then is None:
            self.set_focus(self.timeline)
        self._name_keys()

    def action_back(self) -> None:
        if self.status.has_error:
            self.status.clear()
            return
        self.status.clear()
        self._put_away()
        was_reading = self.reading
        self._to_queue()
        if was_reading:
            return
        if self.queue.marked:
            self.queue.unmark()
        else:
            self.leave_search()

    def _to_queue(self) -> None:
        self.remove_class("-reading")
        self.set_focus(self.queue)  # at once: a line that is opened next has the focus after it
        if self.queue.case is not None and self.queue.case != self.shown and not self.narrow:
            self.show_case(self.queue.case)
        self._name_keys()

    def on_queue_opened(self) -> None:
        self._put_away()
        if self.narrow:
            self.action_open()

    def on_sidebar_chosen(self, event: Sidebar.Chosen) -> None:
        self.action_view(event.number)

    def action_view(self, number: int) -> None:
        self.status.clear()
        views = self.listed_views()
        if number > len(views):
            self.status.complain(f"There is no view {number}.", f"1–{len(views)} are there")
            return
        if views[number - 1].key == reads.SAME:
            self.action_same()
            return
        self._put_away()
        self.queue.unmark()
        self._to_queue()
        self.open_view(views[number - 1].key)

    def action_step_view(self, by: int) -> None:
        views = [view for view in self.listed_views() if view.key != reads.SAME]
        places = [place for place, view in enumerate(views, 1) if view.key == self.view]
        if views:
            key = views[(places[0] - 1 + by if places else 0) % len(views)].key
            self.action_view([view.key for view in self.listed_views()].index(key) + 1)

    def action_next_waiting(self) -> None:
        self.status.clear()
        after = self._target()
        self.act(lambda: self.inbox.next_waiting(after), self._go_next)

    def _go_next(self, case: int | None) -> None:
        if case is None:
            self.status.tell("Nobody waits.")
        else:
            self._go(case, view="waiting")

    def _go(self, case: int, view: str = "", then: Callable[[Sheet], None] | None = None) -> None:
        """Cursor and, where the case is read, the case."""
        if not self.queue.go_to(case) and view and view != self.view:
            self.open_view(view, case)
        if self.reading or then is not None or not view:
            self._read(case, then)

    # --- writing

    def _with_sheet(self, then: Callable[[Sheet], None]) -> None:
        def here(sheet: Sheet) -> None:
            then(sheet)
            if self._composer is None and self._prompt is None and self.app.screen is self:
                # Nothing came of it but words: keys mean the case.
                self.set_focus(self.timeline)

        self.status.clear()
        case = self._target()
        if case is not None:
            self._read(case, here)

    def action_reply(self) -> None:
        self._with_sheet(self._reply_newest)

    def _reply_newest(self, sheet: Sheet) -> None:
        now = self.inbox.now()
        open_to_reply = [t for t in sheet.case.threads if _answerable(t, sheet) and not reach.closed(t, now)]
        drafted = {draft.thread for draft in sheet.drafts if draft.kind is not ReplyKind.PRIVATE}
        if open_to_reply:
            # With the customer: where a draft is kept, that goes on; else where he wrote last, by the clock:
            # what is fetched first is not what was written first.
            wrote = {message.id: (message.sent_at, message.id) for message in sheet.case.timeline}
            last = {thread.id: wrote.get(thread.last_in or 0, (0, 0)) for thread in open_to_reply}
            best = max(open_to_reply, key=lambda t: (t.with_customer, t.id in drafted, last[t.id]))
            self.compose_on(sheet, best)
        else:
            own = [t for t in sheet.case.threads if t.case == sheet.case.row.id]
            why = next((why for t in own if (why := reach.closed(t, now))), "")
            open_ = any(not reach.closed(reach.privately(t), now) for t in own)
            self.status.complain(
                why or "There is no message that could be answered.",
                keys.filled(
                    "{inbox.elsewhere} shows what is open" if open_ else "{inbox.note} writes a note"
                ),
            )

    def action_elsewhere(self) -> None:
        self._with_sheet(self._choose_thread)

    def _choose_thread(self, sheet: Sheet) -> None:
        from inbox_tui.tui.screens.panels import ChooserScreen, Way

        now = self.inbox.now()

        def chosen(way: Way | None) -> None:
            if way is None:
                self.set_focus(self.timeline)
                return
            seen = reach.privately(way.thread) if way.privately else way.thread
            why = reach.closed(seen, now)
            if why or not _answerable(seen, sheet):
                another = f"{keys.told('inbox.elsewhere')} chooses another"
                self.status.complain(why or "There is nothing to answer on this thread.", another)
                self.set_focus(self.timeline)
            else:
                self.compose_on(sheet, way.thread, privately=way.privately)

        self.app.push_screen(ChooserScreen(sheet.case, sheet.drafts, now), chosen)

    def action_note(self) -> None:
        self._with_sheet(lambda sheet: self.compose_on(sheet, None))

    # --- the rest

    def action_done(self) -> None:
        self._close()

    def action_thanks(self) -> None:
        """The customer's last word needs no answer."""
        self._close(thanks=True)

    def _close(self, *, thanks: bool = False) -> None:
        case, marked = self._target(), self.queue.marked
        if case is not None and not marked:
            self._last_done = case
        sheet = self.timeline.sheet
        seen = {sheet.case.row.id: sheet.case.last_message} if sheet is not None else {}
        self._act(lambda cases: self.inbox.triage.done(cases, seen, thanks=thanks))

    def action_reopen(self) -> None:
        self.status.clear()
        sheet, case = self.timeline.sheet, self._target()
        is_done = sheet is not None and sheet.case.row.id == case and sheet.case.row.state is CaseState.DONE
        wanted = case if is_done or self._last_done is None else self._last_done
        targets = tuple(sorted(self.queue.marked)) or (() if wanted is None else (wanted,))
        if targets:
            self.act(
                lambda: self._with_row(self.inbox.triage.reopen(targets)), lambda done: self._reopened(*done)
            )
            self._last_done = None

    def _reopened(self, acted: Acted, row: CaseRow | None) -> None:
        """The cursor follows the case that came back: the next key is meant for it."""
        if len(acted.cases) == 1 and not self.reading:
            self.go_when_read(acted.cases[0])
        self._did(acted, row)

    def action_fetch(self) -> None:
        self.status.clear()
        self.act(self.inbox.fetch_now, lambda _: self.status.tell("Every account is asked for news now."))

    def action_full(self) -> None:
        from inbox_tui.tui.screens.panels import FullTextScreen

        def show(sheet: Sheet) -> None:
            self.set_focus(self.timeline)
            self.app.push_screen(FullTextScreen(sheet.case, self.timeline.first_in_sight(), self.inbox.now()))

        self._with_sheet(show)

    def action_troubles(self) -> None:
        from inbox_tui.tui.screens.troubles import TroublesScreen

        def wished(wish: Wish | None) -> None:
            if wish is None:
                self.refresh_all()
            elif wish.edit:
                self.act(lambda: self.inbox.cancel(wish.reply.id), self._edit)
            else:
                self._go(wish.reply.case)

        self.status.clear()
        polls = {name: account.poll_seconds for name, account in self.config.accounts.items()}
        self.app.push_screen(TroublesScreen(self.inbox, polls), wished)

    def action_log(self) -> None:
        from inbox_tui.tui.screens.log import LogScreen

        self.app.push_screen(LogScreen())

    def action_end_tour(self) -> None:
        self.query("#tour").remove()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        return action != "end_tour" or bool(self.query("#tour"))

    def action_help(self) -> None:
        from inbox_tui.tui.screens.help import HelpScreen

        place = "in a case" if self.reading else "in the queue"
        self.app.push_screen(HelpScreen(place, keys.AT_THE_INBOX))

    async def action_leave(self) -> None:
        """Replies in their countdown stay in the outbox and are sent all the same."""
        writing = self._composer.writing if self._composer is not None else None
        if writing is not None and writing.unsaved:
            try:
                await asyncio.to_thread(writing.save, self.inbox)
            except InboxError as error:
                self.status.fail(error)
                return
        await self._say_who_waits()

    async def _say_who_waits(self) -> None:
        """Leave, or first show whose answer is still owed by this agent."""
        try:
            left = await asyncio.to_thread(self.inbox.shift.handover)
        except InboxError:
            # Nothing that is wrong with the store keeps anybody here.
            self.app.exit(0)
            return
        from inbox_tui.tui.screens.leaving import GO, STAY, LeavingScreen, unsettled

        if not unsettled(left):
            self.app.exit(0)
            return

        def over(choice: int | None) -> None:
            if choice == GO:
                self.app.exit(0)
                return
            self.refresh_all()
            if choice not in (None, STAY):
                self._go(int(choice or 0))

        self.app.push_screen(LeavingScreen(self.inbox, left), over)


def _answerable(thread: Thread, sheet: Sheet) -> bool:
    """It holds a message of the customer, or can be begun; and it has not gone on in a later case."""
    begun = thread.last_in is not None or not thread.public
    return begun and thread.case == sheet.case.row.id
