"""The inbox screen as far as an agent writes: the composer, drafts, sending, and replies on their way.

Every act runs in a thread, through `inbox` and nothing else; what came of it is a message.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from textual import on, work
from textual.message import Message
from textual.timer import Timer

from inbox_tui.desk import reach
from inbox_tui.errors import InboxError, ReplyBlocked
from inbox_tui.model import HIDING, Direction, Reply, ReplyKind, ReplyState, Thread
from inbox_tui.tui import keys, words
from inbox_tui.tui.drafts import Writing
from inbox_tui.tui.screens.reading import ReadingScreen
from inbox_tui.tui.sheet import Sheet

if TYPE_CHECKING:
    from inbox_tui.desk.checks import Caution
    from inbox_tui.tui.widgets.composer import Composer

T = TypeVar("T")
ON_ITS_WAY = 30_000
"""A reply that is not gone this long after its countdown is no longer watched in the status line."""


class Acted(Message):
    """An act worked; then: what follows on the loop; keyed: keys wait for it."""

    def __init__(self, then: Callable[[], None], keyed: bool) -> None:
        self.then, self.keyed = then, keyed
        super().__init__()


class ActFailed(Message):
    """An act did not work."""

    def __init__(self, error: InboxError, keyed: bool) -> None:
        self.error, self.keyed = error, keyed
        super().__init__()


class Moved(Message):
    """What the author of a text has not been shown."""

    def __init__(self, writing: Writing, caution: Caution) -> None:
        self.writing = writing
        self.caution = caution
        super().__init__()


class WritingScreen(ReadingScreen):
    """The screen with its composer and outbox."""

    _composer: Composer | None = None
    _acting = 0
    """Acts of which nobody knows yet what came of them."""
    _countdown: Timer | None = None

    def on_mount(self) -> None:
        self._mine: dict[int, Reply] = {}
        self._notes: dict[int, Writing] = {}
        self._writings: dict[tuple[int, bool], Writing] = {}
        self._countdown = self.set_interval(0.5, self._count, pause=True)

    def on_unmount(self) -> None:
        """Whatever closes the screen, what was typed is kept."""
        if self._composer is not None and self._composer.writing.unsaved:
            self._composer.writing.save(self.inbox)

    # --- acts in threads

    def act(self, act: Callable[[], T], then: Callable[[T], None]) -> None:
        """Run an act beside the loop; then gets its result on the loop. Keys wait for it."""
        self._acting += 1
        self._run_act(act, then, keyed=True)

    def beside(self, act: Callable[[], T], then: Callable[[T], None]) -> None:
        """The same, of something that no key asked for."""
        self._run_act(act, then, keyed=False)

    @work(thread=True, group="acts", exit_on_error=False)
    def _run_act(self, act: Callable[[], T], then: Callable[[T], None], *, keyed: bool) -> None:
        try:
            result = act()
        except InboxError as error:
            self.post_message(ActFailed(error, keyed))
        except BaseException:
            self.post_message(Acted(lambda: None, keyed))
            raise
        else:
            self.post_message(Acted(lambda: then(result), keyed))

    @on(Acted)
    def _acted(self, event: Acted) -> None:
        self._acting -= event.keyed
        event.then()

    @on(ActFailed)
    def _act_failed(self, event: ActFailed) -> None:
        self._acting -= event.keyed
        self.status.fail(event.error)

    @property
    def awaits(self) -> bool:
        """An act is under way, or what it is for is being read: the next key waits."""
        return self._acting > 0 or self.reads_for_a_key

    @property
    def failed(self) -> bool:
        """What the last key asked for will not come, and nothing is typed in that was there before."""
        return self.status.has_error and self.focused in (self.queue, self.timeline)

    # --- writing

    def compose_on(
        self,
        sheet: Sheet,
        thread: Thread | None,
        draft: Reply | None = None,
        *,
        fresh: bool = False,
        privately: bool = False,
    ) -> None:
        """Open the composer; a draft of that thread goes on where it ended.

        fresh: it begins here. privately: it answers the comment of that thread, for its author alone.
        """
        if not self.is_attached:
            return  # the agent has just left
        self._put_away()
        privately = privately or (draft is not None and draft.kind is ReplyKind.PRIVATE)
        if thread is not None and privately:
            thread = reach.privately(thread)
        writing = self._writing(sheet, thread, draft, privately)
        if fresh:
            writing.begun = writing.text
        # TextArea costs as much as the first paint: it is loaded when the first text is written.
        from inbox_tui.tui.widgets.composer import Composer

        self._composer = Composer(writing)
        self.case_pane().mount(self._composer)
        self.expect(self._composer)
        self.timeline.keep_in_sight(thread.last_in if thread is not None else None)
        self._look_around(writing)

    def _writing(self, sheet: Sheet, thread: Thread | None, draft: Reply | None, privately: bool) -> Writing:
        """What was written so far: here and now, else in the store, else nothing."""
        case, seen = sheet.case.row.id, sheet.case.last_message
        if thread is None:
            begun = self._notes.get(case)
            if begun is None or begun.over:
                begun = self._notes[case] = Writing(case, None, seen, text=sheet.note, saved=sheet.note)
            return begun
        known = self._writings.get((thread.id, privately))
        if draft is None and known is not None and known.case == case and not known.over:
            # The store may not have its last words yet.
            known.seen, known.agreed = seen, frozenset()
            return known
        if draft is None:
            own = [
                d
                for d in sheet.drafts
                if d.thread == thread.id and privately == (d.kind is ReplyKind.PRIVATE)
            ]
            draft = max(own, key=lambda d: d.id, default=None)
        text = draft.text if draft is not None else ""
        kind = ReplyKind.PRIVATE if privately else ReplyKind.REPLY
        writing = Writing(case, thread, seen, text=text, saved=text, kind=kind)
        if draft is not None:
            writing.take(draft)
        self._writings[thread.id, privately] = writing
        return writing

    def _put_away(self) -> None:
        """Close the composer, if there is one, and keep its text."""
        composer, self._composer = self._composer, None
        if composer is None:
            return
        self._keep(composer.writing)
        composer.remove()

    def _keep(self, writing: Writing) -> None:
        if writing.for_nothing and not writing.over:
            self.beside(lambda: writing.finish(self._discard), lambda _: self.refresh_all())
        elif writing.unsaved:
            self.beside(lambda: writing.save(self.inbox), lambda _: None)

    def _discard(self, writing: Writing) -> None:
        """Beside the loop: nothing of it stays."""
        assert writing.draft is not None
        self.inbox.writing.discard(writing.draft)

    def on_composer_edited(self) -> None:
        if self._composer is not None and self._composer.writing.unsaved:
            writing = self._composer.writing
            self.beside(lambda: writing.save(self.inbox), lambda _: None)
            self._look_around(writing)

    def on_composer_kept(self) -> None:
        if self.status.has_error:
            self.status.clear()
            return
        writing = self._composer.writing if self._composer is not None else None
        self._put_away()
        self.set_focus(self.timeline)
        if writing is not None and writing.for_nothing:
            self._left(writing)
        elif writing is not None and (writing.text.strip() or writing.files):
            key = "The same key" if writing.kind is ReplyKind.REPLY else "R"
            self.status.tell(f"Draft kept. {key} goes on with it.")

    def _left(self, writing: Writing) -> None:
        """Nothing of a mail of our own was kept, and nothing of a case that was opened for it."""
        self.status.tell("Nothing was written, nothing is kept.")
        sheet = self.timeline.sheet
        if sheet is not None and sheet.case.row.id == writing.case and not sheet.case.timeline:
            self.show_nothing()
            self._to_queue()

    def _to_queue(self) -> None:
        raise NotImplementedError

    def on_composer_read(self, event: Composer.Read) -> None:
        self.timeline.to_line(self.timeline.scroll_offset.y + event.lines)

    def on_composer_send(self) -> None:
        self.status.clear()
        composer = self._composer
        if composer is None:
            return
        writing = composer.writing
        if not writing.text.strip():
            self.status.complain(
                "There is nothing to send.", f"write something; {keys.told('composer.keep')} closes"
            )
        elif writing.thread is None:
            self.act(lambda: self._note(writing), lambda _: self._noted(writing))
        elif not self._moved_on(writing):
            self.act(lambda: self._send(writing), lambda reply: self._sent(writing, reply))

    def _note(self, writing: Writing) -> int:
        """Beside the loop: the id of the note."""
        return writing.finish(lambda w: self.inbox.note(w.case, w.text).id)

    def _moved_on(self, writing: Writing) -> bool:
        """The customer wrote while the agent did: show it first."""
        sheet = self.timeline.sheet
        if sheet is None or sheet.case.row.id != writing.case:
            return False
        new = [m for m in sheet.case.timeline if m.id > writing.seen and m.direction is Direction.IN]
        if new:
            writing.seen = sheet.case.last_message
            self.timeline.scroll_to_message(new[0].id)
            self.status.complain(
                f"{words.counted(len(new), 'new message')} since you began.",
                f"Read, then {keys.told('composer.send')} sends",
            )
        return bool(new)

    def _send(self, writing: Writing) -> Reply:
        """Beside the loop: the desk's checks, then into the outbox."""
        thread = writing.thread
        assert thread is not None
        against = self._check(writing)
        moved = next((one for one in against if one.code == "moved"), None)
        if moved is not None:
            # Not agreed to by having been told: first it must be on screen.
            self.post_message(Moved(writing, moved))
            raise ReplyBlocked(
                f"{words.initial(moved.message)}.", f"Read, then {keys.told('composer.send')} sends"
            )
        blocks = [one for one in against if one.blocks]
        if blocks or any(one.key not in writing.agreed for one in against):
            writing.agreed = frozenset() if blocks else frozenset(one.key for one in against)
            said = " ".join(words.sentence(words.initial(one.message)) for one in blocks or against)
            raise ReplyBlocked(
                said, blocks[0].hint if blocks else f"{keys.told('composer.send')} again sends"
            )
        agreed = writing.agreed
        return writing.finish(
            lambda w: self.inbox.reply(
                w.case,
                w.text,
                thread=thread.id,
                seen=w.seen,
                countdown=True,
                draft=w.draft,
                agreed=agreed,
                privately=w.privately,
            )
        )

    def _check(self, writing: Writing) -> tuple[Caution, ...]:
        """Beside the loop: everything that speaks against it as it stands."""
        thread = writing.thread
        if thread is None:
            return ()
        return self.inbox.check(
            writing.case,
            thread.id,
            writing.text,
            draft=writing.draft,
            seen=writing.seen,
            privately=writing.privately,
        )

    def _look_around(self, writing: Writing) -> None:
        """Show what speaks against it while it is written."""

        def show(found: tuple[Caution, ...]) -> None:
            if self._composer is not None and self._composer.writing is writing:
                self._composer.warn(found)

        def look() -> tuple[Caution, ...]:
            try:
                return self._check(writing)
            except InboxError:
                return ()  # It may have been thrown away meanwhile; what is wrong is said when it is sent.

        if writing.thread is not None:
            self.beside(look, show)

    @on(Moved)
    def _show_moved(self, event: Moved) -> None:
        """Bring on screen what came, and only then does the agent know of it."""

        def show(sheet: Sheet) -> None:
            event.writing.seen = max(event.writing.seen, sheet.case.last_message)
            if event.caution.about is not None:
                self.timeline.scroll_to_message(event.caution.about)

        if self.shown == event.writing.case:
            self.show_case(event.writing.case, show)

    def _sent(self, writing: Writing, reply: Reply) -> None:
        self._close_if(writing)
        self._show_end(writing.case)
        self._mine[reply.id] = reply
        self._count()
        self.refresh_all()

    def _noted(self, writing: Writing) -> None:
        self._notes.pop(writing.case, None)
        self._close_if(writing)
        self._show_end(writing.case)
        self.status.tell("Noted.")
        self.refresh_all()

    def _close_if(self, writing: Writing) -> None:
        if self._composer is not None and self._composer.writing is writing:
            self._put_away()
            self.set_focus(self.timeline)

    def _show_end(self, case: int) -> None:
        """The agent sees what was just written, unless another case is read by now."""
        if self.shown == case:
            self.timeline.keep_in_sight(None)

    def refresh_all(self) -> None:
        """Read list and case anew, without waiting for the next look."""
        self.refresh_reads()
        self.read_again()

    # --- replies on their way

    def follow_replies(self, outbox: tuple[Reply, ...]) -> None:
        known = {reply.id: reply for reply in outbox}
        for id_ in list(self._mine):
            reply = known.get(id_)
            if reply is None or reply.state in (ReplyState.FAILED, ReplyState.UNKNOWN):
                del self._mine[id_]
                self._settle(id_)
        now = self.inbox.now()
        for reply in outbox:
            if reply.state is ReplyState.SENDING or (
                reply.state is ReplyState.QUEUED and reply.not_before + ON_ITS_WAY > now
            ):
                self._mine[reply.id] = reply
        self._count()

    def _settle(self, id_: int) -> None:
        self.beside(lambda: self.inbox.reply_by_id(id_), self._settled)

    def _settled(self, reply: Reply) -> None:
        aside = "privately " if reply.kind is ReplyKind.PRIVATE else ""
        where = f"{aside}{words.on_channel(reply.channel)} to {reply.to or 'the customer'}"
        if reply.kind in HIDING and reply.state is ReplyState.SENT:
            self.status.tell(
                "The comment is hidden." if reply.kind is ReplyKind.HIDE else "The comment is shown."
            )
        elif reply.state is ReplyState.SENT:
            self.status.tell(words.sentence(f"Sent {where}"))
        elif reply.state is ReplyState.FAILED:
            self.status.complain(
                f"Not sent {where}: {reply.error}", f"{keys.told('inbox.troubles')} shows what can be done"
            )
        elif reply.state is ReplyState.UNKNOWN:
            doubt = words.sentence(f"Nobody knows whether it arrived {where}")
            self.status.complain(doubt, f"{keys.told('inbox.troubles')} shows what can be done")
        self.refresh_all()

    def _count(self) -> None:
        now = self.inbox.now()
        going = [r for r in self._mine.values() if r.not_before + ON_ITS_WAY > now]
        self.status.leaving(max(going, key=lambda reply: reply.id, default=None))
        if self._countdown is not None:
            (self._countdown.resume if going else self._countdown.pause)()

    def _taken_back(self, reply: Reply) -> None:
        self._mine.pop(reply.id, None)
        self._count()
        self._edit(reply)

    def _edit(self, reply: Reply, *, fresh: bool = False) -> None:
        """Go on with a reply that is a draft again. fresh: with a mail of our own that has just begun."""

        def compose(sheet: Sheet) -> None:
            thread = next((thread for thread in sheet.case.threads if thread.id == reply.thread), None)
            if thread is not None:
                self.compose_on(sheet, thread, reply, fresh=fresh)

        self.queue.go_to(reply.case)
        self._put_away()
        self.add_class("-reading")
        self.show_case(reply.case, compose)
