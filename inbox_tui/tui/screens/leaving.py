"""Before leaving: who still waits. Each gets an owner, a time or a promise, or the agent leaves knowingly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen

from inbox_tui.errors import InboxError
from inbox_tui.model import Acted, CaseRow, Handover
from inbox_tui.text import fit, snippet
from inbox_tui.tui import keys, words
from inbox_tui.tui.ink import Line
from inbox_tui.tui.screens.help import explain, given_keys
from inbox_tui.tui.suggest import Option, Suggest, matching
from inbox_tui.tui.typeahead import KeysInOrder
from inbox_tui.tui.widgets.pick import Label, Pick
from inbox_tui.tui.widgets.status import Status

if TYPE_CHECKING:
    from inbox_tui.inbox import Inbox
    from inbox_tui.tui.widgets.prompt import Prompt

NOBODY = "nobody"
TIMES = ("2h", "tomorrow 9", "in 3d", "next week", "reply")
PROMISES = ("2h", "tomorrow 9", "tomorrow 17", "in 3d", "next week")
STAY, GO = 0, -1
"""What the screen was left with: go on here, leave the program; else the case that is to be opened."""


class LeftRead(Message):
    """Who waits now, and what was done to bring that about."""

    def __init__(self, left: Handover, said: str) -> None:
        self.left, self.said = left, said
        super().__init__()


class Asked(Message):
    """What may be chosen is known."""

    def __init__(
        self,
        title: str,
        options: Sequence[Option],
        act: Callable[[str], Acted],
        did: Callable[[str], str],
        *,
        free: bool = False,
    ) -> None:
        """did: what is said when it is done, by the answer; may read the store."""
        self.title, self.options, self.act, self.did, self.free = title, tuple(options), act, did, free
        super().__init__()


class ActFailed(Message):
    """An act did not work."""

    def __init__(self, error: InboxError) -> None:
        self.error = error
        super().__init__()


class LeavingScreen(Screen[int]):
    """Nobody is forgotten: an owner (a), a time (b), a promise (P), or leave all the same (q)."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.LEAVING]

    def __init__(self, inbox: Inbox, left: Handover) -> None:
        super().__init__()
        self._inbox = inbox
        self._left = left
        self._prompt: Prompt | None = None
        self._then: tuple[Callable[[str], Acted], Callable[[str], str]] | None = None
        self._acting = 0

    @property
    def awaits(self) -> bool:
        """What the last key asked for is under way."""
        return self._acting > 0

    @property
    def failed(self) -> bool:
        """It did not work."""
        return self._prompt is None and self.query_one(Status).has_error

    def compose(self) -> ComposeResult:
        yield Label(id="title")
        yield Pick([])
        yield Status(self._inbox.now)

    def on_mount(self) -> None:
        self._show()
        self.query_one(Pick).focus()

    # --- what is shown

    def _show(self) -> None:
        now, left = self._inbox.now(), self._left
        open_ = unsettled(left)
        count = words.counted(len(open_), "customer still waits", "customers still wait")
        title: Line = ((f" {count} on you", "strong"),)
        also: list[str] = []
        if promised := len(left.waiting) + len(left.nobodys) - len(open_):
            also.append(f"{promised} more of yours, promised an answer")
        if left.unassigned and not left.nobodys:
            also.append(f"{words.counted(left.unassigned, 'case')} that nobody has")
        if left.snoozed:
            many = f"{len(left.snoozed)} more" if left.waiting else str(len(left.snoozed))
            also.append(f"{many} of yours, snoozed")
        if left.drafts:
            also.append(words.counted(len(left.drafts), "draft is kept", "drafts are kept"))
        if left.unsent:
            also.append(f"! {words.counted(len(left.unsent), 'reply', 'replies')} not sent")
        if not open_:
            title = ((" Nobody waits on you", "strong"),)
        self.query_one("#title", Label).say(title, ((f" {' · '.join(also)}", "dim"),))
        calm: Line = (("  Every case of yours has an owner, a time or a promise.", "dim"),)
        self.query_one(Pick).show([_item(row, now) for row in open_], [calm])
        self._name_keys()

    def _name_keys(self) -> None:
        pairs = keys.of_prompt() if self._prompt is not None else keys.pairs(keys.LEAVING, given_keys(self))
        self.query_one(Status).show_keys(pairs)

    @on(LeftRead)
    def _left_read(self, event: LeftRead) -> None:
        self._acting -= 1
        self._left = event.left
        status = self.query_one(Status)
        status.clear()
        self._show()
        status.tell(event.said)

    @on(ActFailed)
    def _act_failed(self, event: ActFailed) -> None:
        self._acting -= 1
        self.query_one(Status).fail(event.error)

    # --- acts, each in a thread

    def _case(self) -> CaseRow | None:
        place = self.query_one(Pick).index
        return unsettled(self._left)[place] if place is not None else None

    def action_assign(self) -> None:
        row = self._case()
        if row is not None:
            self._acting += 1
            self._ask_owner(row)

    @work(thread=True, group="ask", exit_on_error=False)
    def _ask_owner(self, row: CaseRow) -> None:
        triage = self._inbox.triage
        try:
            others = [name for name in triage.agents() if name != self._inbox.agent]
        except InboxError as error:
            self.post_message(ActFailed(error))
            return
        options = [Option(name) for name in others]
        if row.assignee:
            options.append(Option(NOBODY, "back to whoever takes it"))

        def give(name: str) -> Acted:
            return triage.assign([row.id], "" if name == NOBODY else name)

        def given(name: str) -> str:
            return f"{_name(row)}: goes to {name}"

        self.post_message(Asked("Assign to", options, give, given, free=True))

    def action_snooze(self) -> None:
        row = self._case()
        if row is not None:
            self._acting += 1
            self._ask_time(row)

    def action_promise(self) -> None:
        row = self._case()
        if row is not None:
            self._acting += 1
            self._ask_promise(row)

    @work(thread=True, group="ask", exit_on_error=False)
    def _ask_time(self, row: CaseRow) -> None:
        triage = self._inbox.triage

        def snooze(text: str) -> Acted:
            return triage.snooze([row.id], triage.when(text))

        def snoozed(text: str) -> str:
            return f"{_name(row)}: comes back {self._time(text)}"

        self.post_message(Asked("Snooze until", self._offered(TIMES), snooze, snoozed))

    @work(thread=True, group="ask", exit_on_error=False)
    def _ask_promise(self, row: CaseRow) -> None:
        triage = self._inbox.triage

        def promise(text: str) -> Acted:
            return triage.promise([row.id], triage.check_promise(triage.when(text)))

        def promised(text: str) -> str:
            return f"{_name(row)}: hears from us by {self._time(text)}"

        self.post_message(Asked("He hears from us by", self._offered(PROMISES), promise, promised))

    def _offered(self, times: Sequence[str]) -> list[Option]:
        return [Option(text, self._time(text)) for text in times]

    def _time(self, text: str) -> str:
        until = self._inbox.triage.when(text)
        return words.moment(until, self._inbox.now()) if until is not None else "when the customer writes"

    @work(thread=True, group="acts", exit_on_error=False)
    def _do(self, act: Callable[[str], Acted], answer: str, did: Callable[[str], str]) -> None:
        try:
            acted = act(answer)
            said = did(answer) if acted.cases else f"Nothing changed: {acted.skipped[0][1]}."
            left = self._inbox.shift.handover()
        except InboxError as error:
            self.post_message(ActFailed(error))
            return
        self.post_message(LeftRead(left, said))

    # --- asking

    @on(Asked)
    def _ask(self, event: Asked) -> None:
        from inbox_tui.tui.widgets.prompt import Prompt

        self._acting -= 1
        if self._prompt is not None or not self.is_attached:
            return  # it asks already, or the agent has just left
        suggest: Suggest = matching(event.options, free=event.free)
        self._prompt, self._then = Prompt(event.title, suggest), (event.act, event.did)
        self.mount(self._prompt, before=self.query_one(Status))
        if isinstance(self.app, KeysInOrder):
            self.app.expect(self._prompt)
        self.query_one(Status).clear()
        self._name_keys()

    def on_prompt_answered(self, event: Prompt.Answered) -> None:
        prompt, then = self._prompt, self._then
        if prompt is None or event.prompt is not prompt:
            return
        self._prompt = self._then = None
        self.query_one(Pick).focus()
        prompt.remove()
        self._name_keys()
        if event.answer and then is not None:
            self._acting += 1
            act, did = then
            self._do(act, event.answer, did)

    # --- the end

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        # While something is asked, its line has the keys.
        acts = ("go", "stay", "assign", "snooze", "promise", "open", "help")
        return self._prompt is None or action not in acts

    def on_pick_taken(self) -> None:
        """A click chooses; it does not leave."""

    def action_open(self) -> None:
        row = self._case()
        if row is not None:
            self.dismiss(row.id)

    def action_go(self) -> None:
        self.dismiss(GO)

    def action_stay(self) -> None:
        status = self.query_one(Status)
        if status.has_error:
            status.clear()
        else:
            self.dismiss(STAY)

    def action_help(self) -> None:
        explain(self, "before leaving", keys.LEAVING)


def unsettled(left: Handover) -> tuple[CaseRow, ...]:
    """Cases that wait on him and of which nobody was told by when he hears from us; or that time has passed.

    Where he sees to the desk alone, those that are nobody's wait on him, too.
    """
    return tuple(row for row in (*left.waiting, *left.nobodys) if row.promised is None or row.broken)


def _name(row: CaseRow) -> str:
    return words.person_name(row.person.name)


def _item(row: CaseRow, now: int) -> list[Line]:
    wait = words.duration(now - row.waiting_since) if row.waiting_since is not None else "-"
    channels = "".join(words.letter(channel) for channel in row.channels)
    about = row.subject or row.snippet
    return [
        (
            (f"{fit(wait, 9, 'right')}  ", "strong"),
            (f"{fit(channels, 4)} ", "dim"),
            (f"{fit(words.person_name(row.person.name), 24)} ", "strong"),
            (snippet(about, 120), "plain"),
        )
    ]
