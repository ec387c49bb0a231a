"""The inbox screen as far as an agent acts: reply, note, done, take back, and where to look next.

Every act runs in a thread, through `inbox` and nothing else; what came of it is a message.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import on, work
from textual.binding import BindingType
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget

from inbox_tui.errors import InboxError, ReplyBlocked
from inbox_tui.model import CaseRow, CaseState, Direction, Reply, ReplyState, Thread
from inbox_tui.tui import keys, words
from inbox_tui.tui.drafts import Writing
from inbox_tui.tui.screens.reading import ReadingScreen
from inbox_tui.tui.sheet import Sheet
from inbox_tui.tui.widgets.sidebar import Sidebar

if TYPE_CHECKING:
    from inbox_tui.tui.screens.troubles import Wish
    from inbox_tui.tui.widgets.composer import Composer

T = TypeVar("T")
ON_ITS_WAY = 30_000
"""A reply that is not gone this long after its countdown is no longer watched in the status line."""


class Acted(Message):
    """An act worked; then: what follows on the loop."""

    def __init__(self, then: Callable[[], None]) -> None:
        self.then = then
        super().__init__()


class ActFailed(Message):
    """An act did not work."""

    def __init__(self, error: InboxError) -> None:
        self.error = error
        super().__init__()


class InboxScreen(ReadingScreen):
    """All of the inbox."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.INBOX]

    _composer: Composer | None = None
    _last_done: int | None = None
    _countdown: Timer | None = None

    def on_mount(self) -> None:
        self._mine: dict[int, Reply] = {}
        self._notes: dict[int, str] = {}
        self._writings: dict[int, Writing] = {}
        self._countdown = self.set_interval(0.5, self._count, pause=True)
        self.watch(self, "focused", self._focus_changed, init=False)
        self._name_keys()

    def on_unmount(self) -> None:
        """Whatever closes the screen, what was typed is kept."""
        if self._composer is not None and self._composer.writing.unsaved:
            self._composer.writing.save(self.inbox)

    # --- acts in threads

    @work(thread=True, group="acts", exit_on_error=False)
    def act(self, act: Callable[[], T], then: Callable[[T], None]) -> None:
        """Run an act beside the loop; then gets its result on the loop."""
        try:
            result = act()
        except InboxError as error:
            self.post_message(ActFailed(error))
        else:
            self.post_message(Acted(lambda: then(result)))

    @on(Acted)
    def _acted(self, event: Acted) -> None:
        event.then()

    @on(ActFailed)
    def _act_failed(self, event: ActFailed) -> None:
        self.status.fail(event.error)

    # --- where to look

    def _target(self) -> int | None:
        """The case that a key means: the one under the cursor, or the one that is read."""
        return self.shown if self.reading else self.queue.case

    def _focus_changed(self, focused: Widget | None) -> None:
        if focused is self.queue and self.reading and not self.narrow:
            self.remove_class("-reading")
        elif focused is self.timeline:
            self.add_class("-reading")
        self._name_keys()

    def _name_keys(self) -> None:
        if self._composer is not None and self._composer.has_focus_within:
            self.status.show_keys(keys.active(self, keys.WHILE_WRITING))
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
            self.timeline.focus()
        self._name_keys()

    def action_back(self) -> None:
        if self.status.has_error:
            self.status.clear()
            return
        self.status.clear()
        self._put_away()
        self._to_queue()

    def _to_queue(self) -> None:
        self.remove_class("-reading")
        self.queue.focus()
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
        views = self.overview.views if self.overview is not None else ()
        if number > len(views):
            self.status.complain(f"There is no view {number}.", f"1–{len(views)} are there")
            return
        self._put_away()
        self._to_queue()
        self.open_view(views[number - 1].key)

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
        self.status.clear()
        case = self._target()
        if case is not None:
            self._read(case, then)

    def action_reply(self) -> None:
        self._with_sheet(self._reply_newest)

    def _reply_newest(self, sheet: Sheet) -> None:
        threads = {thread.id: thread for thread in sheet.case.threads if _answerable(thread, sheet)}
        open_to_reply = [thread for thread in threads.values() if thread.can_reply]
        drafted = {draft.thread for draft in sheet.drafts}
        if open_to_reply:
            # Where a draft is kept, that goes on; else where the customer wrote last.
            self.compose_on(sheet, max(open_to_reply, key=lambda t: (t.id in drafted, t.last_in or 0)))
        elif threads:
            newest = max(threads.values(), key=lambda thread: thread.last_in or 0)
            self.status.complain(newest.why_not or "The platform takes no reply here.", "n writes a note")
        else:
            self.status.complain("There is no message that could be answered.", "n writes a note")

    def action_elsewhere(self) -> None:
        self._with_sheet(self._choose_thread)

    def _choose_thread(self, sheet: Sheet) -> None:
        from inbox_tui.tui.screens.panels import ChooserScreen

        def chosen(thread: Thread | None) -> None:
            if thread is None:
                self.timeline.focus()
            elif not thread.can_reply or not _answerable(thread, sheet):
                why = thread.why_not or "There is nothing to answer on this thread."
                self.status.complain(why, "R chooses another")
                self.timeline.focus()
            else:
                self.compose_on(sheet, thread)

        self.app.push_screen(ChooserScreen(sheet.case), chosen)

    def action_note(self) -> None:
        self._with_sheet(lambda sheet: self.compose_on(sheet, None))

    def compose_on(self, sheet: Sheet, thread: Thread | None, draft: Reply | None = None) -> None:
        """Open the composer; a draft of that thread goes on where it ended."""
        self._put_away()
        writing = self._writing(sheet, thread, draft)
        # TextArea costs as much as the first paint: it is loaded when the first text is written.
        from inbox_tui.tui.widgets.composer import Composer

        self._composer = Composer(writing)
        self.case_pane().mount(self._composer)

    def _writing(self, sheet: Sheet, thread: Thread | None, draft: Reply | None) -> Writing:
        """What was written so far: here and now, else in the store, else nothing."""
        case, seen = sheet.case.row.id, sheet.case.last_message
        if thread is None:
            return Writing(case, None, seen, text=self._notes.get(case, ""))
        known = self._writings.get(thread.id)
        if draft is None and known is not None and known.case == case and not known.over:
            # The store may not have its last words yet.
            known.seen, known.agreed = seen, False
            return known
        if draft is None:
            draft = max((d for d in sheet.drafts if d.thread == thread.id), key=lambda d: d.id, default=None)
        text = draft.text if draft is not None else ""
        writing = Writing(case, thread, seen, draft=draft.id if draft else None, text=text, saved=text)
        self._writings[thread.id] = writing
        return writing

    def _put_away(self) -> None:
        """Close the composer, if there is one, and keep its text."""
        composer, self._composer = self._composer, None
        if composer is None:
            return
        self._keep(composer.writing)
        composer.remove()

    def _keep(self, writing: Writing) -> None:
        if writing.thread is None:
            self._notes[writing.case] = "" if writing.over else writing.text
        elif writing.unsaved:
            self.act(lambda: writing.save(self.inbox), lambda _: None)

    def on_composer_edited(self) -> None:
        if self._composer is not None:
            self._keep(self._composer.writing)

    def on_composer_kept(self) -> None:
        if self.status.has_error:
            self.status.clear()
            return
        text = self._composer.writing.text if self._composer is not None else ""
        self._put_away()
        self.timeline.focus()
        if text.strip():
            self.status.tell("Draft kept. The same key goes on with it.")

    def on_composer_read(self, event: Composer.Read) -> None:
        self.timeline.to_line(self.timeline.scroll_offset.y + event.lines)

    def on_composer_send(self) -> None:
        self.status.clear()
        composer = self._composer
        if composer is None:
            return
        writing = composer.writing
        if not writing.text.strip():
            self.status.complain("There is nothing to send.", "write something; Esc closes")
        elif writing.thread is None:
            self.act(lambda: self.inbox.note(writing.case, writing.text), lambda _: self._noted(writing))
        elif not self._moved_on(writing):
            self.act(lambda: self._send(writing), lambda reply: self._sent(writing, reply))

    def _moved_on(self, writing: Writing) -> bool:
        """The customer wrote while the agent did: show it first."""
        sheet = self.timeline.sheet
        if writing.agreed or sheet is None or sheet.case.row.id != writing.case:
            return False
        new = [m for m in sheet.case.timeline if m.id > writing.seen and m.direction is Direction.IN]
        if new:
            writing.seen, writing.agreed = sheet.case.last_message, True
            self.timeline.scroll_to_message(new[0].id)
            self.status.complain(
                f"{words.counted(len(new), 'new message')} since you began.", "Read, then Ctrl+S sends"
            )
        return bool(new)

    def _send(self, writing: Writing) -> Reply:
        """Beside the loop: the desk's checks, then into the outbox."""
        thread = writing.thread
        assert thread is not None
        if not writing.agreed:
            warnings = self.inbox.check(writing.case, thread.id, writing.text)
            if warnings:
                blocks = any(warning.blocks for warning in warnings)
                writing.agreed = not blocks
                raise ReplyBlocked(
                    " ".join(warning.message for warning in warnings), "" if blocks else "Ctrl+S again sends"
                )
        return writing.finish(
            lambda w: self.inbox.reply(
                w.case, w.text, thread=thread.id, seen=w.seen, countdown=True, draft=w.draft
            )
        )

    def _sent(self, writing: Writing, reply: Reply) -> None:
        self._close_if(writing)
        self._mine[reply.id] = reply
        self._count()
        self.refresh_all()

    def _noted(self, writing: Writing) -> None:
        writing.over = True
        self._notes.pop(writing.case, None)
        self._close_if(writing)
        self.status.tell("Noted.")
        self.refresh_all()

    def _close_if(self, writing: Writing) -> None:
        if self._composer is not None and self._composer.writing is writing:
            self._put_away()
            self.timeline.focus()

    def refresh_all(self) -> None:
        """Read list and case anew, without waiting for the next look."""
        self.refresh_reads()
        if self.shown is not None:
            self._read_case(self.shown, self.timeline.sheet)

    # --- replies on their way

    def follow_replies(self, outbox: tuple[Reply, ...]) -> None:
        known = {reply.id: reply for reply in outbox}
        for id_ in list(self._mine):
            reply = known.get(id_)
            if reply is None or reply.state in (ReplyState.FAILED, ReplyState.UNKNOWN):
                del self._mine[id_]
                self.act(lambda id_=id_: self.inbox.reply_by_id(id_), self._settled)
        now = self.inbox.now()
        for reply in outbox:
            if reply.state is ReplyState.SENDING or (
                reply.state is ReplyState.QUEUED and reply.not_before + ON_ITS_WAY > now
            ):
                self._mine[reply.id] = reply
        self._count()

    def _settled(self, reply: Reply) -> None:
        where = f"{words.channel_word(reply.channel)} to {reply.to or 'the customer'}"
        if reply.state is ReplyState.SENT:
            self.status.tell(f"Sent on {where}.")
        elif reply.state is ReplyState.FAILED:
            self.status.complain(f"Not sent on {where}: {reply.error}", "! shows what can be done")
        elif reply.state is ReplyState.UNKNOWN:
            self.status.complain(f"Nobody knows whether it arrived on {where}.", "! shows what can be done")
        self.refresh_all()

    def _count(self) -> None:
        now = self.inbox.now()
        going = [r for r in self._mine.values() if r.not_before + ON_ITS_WAY > now]
        self.status.leaving(max(going, key=lambda reply: reply.id, default=None))
        if self._countdown is not None:
            (self._countdown.resume if going else self._countdown.pause)()

    def action_take_back(self) -> None:
        self.status.clear()
        queued = [r.id for r in self._mine.values() if r.state is ReplyState.QUEUED]
        newest = max(queued, default=None)
        self.act(lambda: self.inbox.take_back(newest), self._taken_back)

    def _taken_back(self, reply: Reply) -> None:
        self._mine.pop(reply.id, None)
        self._count()
        self._edit(reply)

    def _edit(self, reply: Reply) -> None:
        """Go on with a reply that is a draft again."""

        def compose(sheet: Sheet) -> None:
            thread = next((thread for thread in sheet.case.threads if thread.id == reply.thread), None)
            if thread is not None:
                self.compose_on(sheet, thread, reply)

        self.queue.go_to(reply.case)
        self._put_away()
        self.add_class("-reading")
        self.show_case(reply.case, compose)

    # --- the rest

    def action_done(self) -> None:
        self.status.clear()
        case = self._target()
        if case is not None:
            self.act(lambda: self.inbox.done(case), self._is_done)

    def _is_done(self, row: CaseRow) -> None:
        self._last_done = row.id
        self.status.tell(f"Done: {words.person_name(row.person.name)}. E reopens it.")
        if self._target() == row.id and self._composer is None:
            self.queue.leave(row.id)
            self._to_queue()
        self.refresh_all()

    def action_reopen(self) -> None:
        self.status.clear()
        sheet, case = self.timeline.sheet, self._target()
        is_done = sheet is not None and sheet.case.row.id == case and sheet.case.row.state is CaseState.DONE
        wanted = case if is_done or self._last_done is None else self._last_done
        if wanted is not None:
            self.act(lambda: self.inbox.reopen(wanted), self._is_open)

    def _is_open(self, row: CaseRow) -> None:
        self._last_done = None
        self.status.tell(f"Open again: {words.person_name(row.person.name)}.")
        self.refresh_all()

    def action_fetch(self) -> None:
        self.status.clear()
        self.act(self.inbox.fetch_now, lambda _: self.status.tell("Every account is asked for news now."))

    def action_full(self) -> None:
        from inbox_tui.tui.screens.panels import FullTextScreen

        def show(sheet: Sheet) -> None:
            self.timeline.focus()
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

    def action_help(self) -> None:
        from inbox_tui.tui.screens.panels import HelpScreen

        self.app.push_screen(HelpScreen())

    async def action_leave(self) -> None:
        """Replies in their countdown stay in the outbox and are sent all the same."""
        writing = self._composer.writing if self._composer is not None else None
        if writing is not None and writing.unsaved:
            try:
                await asyncio.to_thread(writing.save, self.inbox)
            except InboxError as error:
                self.status.fail(error)
                return
        self.app.exit(0)


def _answerable(thread: Thread, sheet: Sheet) -> bool:
    """It holds a message of the customer, and has not gone on in a later case."""
    return thread.last_in is not None and thread.case == sheet.case.row.id
