"""The `!` screen: replies that failed or are unknown, with what can be done; accounts that are not well."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen

from inbox_tui.errors import InboxError
from inbox_tui.model import Health, HookHealth, Reply, ReplyState
from inbox_tui.records import dataclass
from inbox_tui.text import fit, snippet
from inbox_tui.tui import keys, words
from inbox_tui.tui.ink import Line
from inbox_tui.tui.screens.help import explain, given_keys
from inbox_tui.tui.sheet import wrap
from inbox_tui.tui.typeahead import ReadsAnew
from inbox_tui.tui.widgets.pick import Label, Pick
from inbox_tui.tui.widgets.status import Status

if TYPE_CHECKING:
    from inbox_tui.inbox import Inbox

READ_EVERY = 2.0
"""Seconds between two looks at what others, and the worker, have done meanwhile."""
_INSET = 17
"""Cells before what is said of an account."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the agent wants of the inbox screen."""

    reply: Reply
    edit: bool


class TroublesRead(Message):
    """What is in trouble."""

    def __init__(
        self, replies: tuple[Reply, ...], health: tuple[Health, ...], hooks: tuple[HookHealth, ...]
    ) -> None:
        self.replies, self.health, self.hooks = replies, health, hooks
        super().__init__()


class Mended(Message):
    """An act worked, or it did not."""

    def __init__(self, words_: str, error: InboxError | None = None) -> None:
        self.words, self.error = words_, error
        super().__init__()


class TroublesScreen(ReadsAnew, Screen[Wish | None]):
    """Everything that needs a person: nothing of it goes away by itself."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.TROUBLES]

    def __init__(self, inbox: Inbox, poll_seconds: Mapping[str, int]) -> None:
        super().__init__()
        self._inbox = inbox
        self._poll_seconds = poll_seconds
        self._replies: tuple[Reply, ...] = ()
        self._warned: int | None = None
        self._read_last: TroublesRead | None = None

    def compose(self) -> ComposeResult:
        yield Label(((" Replies that need you", "strong"),), (), id="title")
        yield Pick([], empty=[((" Reading …", "dim"),)])
        yield Label(id="accounts")
        yield Status(self._inbox.now)

    def on_mount(self) -> None:
        self._name_keys()
        self.query_one(Pick).focus()
        self.begins()
        self._read()
        self.set_interval(READ_EVERY, self._read)

    def on_resize(self) -> None:
        if self._read_last is not None:
            self._show(self._read_last)

    def _name_keys(self) -> None:
        """Only those that have something to act on."""
        always = ("troubles.help", "troubles.close")
        named = [key for key in keys.TROUBLES if self._replies or key.id in always]
        self.query_one(Status).show_keys(keys.pairs(named, given_keys(self)))

    @work(thread=True, exclusive=True, group="troubles", exit_on_error=False)
    def _read(self) -> None:
        try:
            stuck = (ReplyState.FAILED, ReplyState.UNKNOWN)
            replies = tuple(reply for reply in self._inbox.outbox() if reply.state in stuck)
            overview = self._inbox.overview()
            self.post_message(TroublesRead(replies, overview.health, overview.hooks))
        except InboxError as error:
            self.post_message(Mended("", error))

    @on(TroublesRead)
    def _show(self, event: TroublesRead) -> None:
        self.ends()
        pick, width = self.query_one(Pick), max(20, self.app.size.width - 3)
        held = self._replies[pick.index].id if pick.index is not None and self._replies else None
        self._replies, self._read_last = event.replies, event
        self._name_keys()
        now = self._inbox.now()
        calm: Line = (("  Every reply arrived, or is on its way.", "dim"),)
        pick.show([_item(reply, now, width) for reply in event.replies], [calm])
        # A key means the reply that the agent looks at, whatever has come before it.
        pick.cursor = next((n for n, reply in enumerate(event.replies) if reply.id == held), pick.cursor)
        lines: list[Line] = []
        for health in event.health:
            lines += _account(health, now, self._poll_seconds.get(health.account, 60), width)
        for hook in event.hooks:
            lines += _hook(hook, now, width)
        accounts = self.query_one("#accounts", Label)
        accounts.say(((" Accounts", "strong"),), (), *lines)
        accounts.styles.height = len(lines) + 3

    def _act(self, act: Callable[[int], Reply], done: str) -> None:
        place = self.query_one(Pick).index
        if place is not None:
            self.begins()
            self._mend(act, self._replies[place].id, done)

    @work(thread=True, group="mend", exit_on_error=False)
    def _mend(self, act: Callable[[int], Reply], reply: int, done: str) -> None:
        try:
            act(reply)
        except InboxError as error:
            self.post_message(Mended("", error))
        else:
            self.post_message(Mended(done))

    @on(Mended)
    def _mended(self, event: Mended) -> None:
        status = self.query_one(Status)
        if event.error is not None:
            self.ends(in_vain=True)
            status.fail(event.error)
        else:
            status.clear()
            status.tell(event.words)
            self._read()

    def action_retry(self) -> None:
        place = self.query_one(Pick).index
        if place is None:
            return
        reply, warned = self._replies[place], self._warned
        self._warned = None
        if reply.state is ReplyState.UNKNOWN and warned != reply.id:
            self._warned = reply.id
            status = self.query_one(Status)
            status.clear()
            again = keys.told("troubles.retry")
            status.tell(f"It may have arrived: look on the platform. {again} again sends it once more.")
        else:
            self._act(self._inbox.retry, "Queued again")

    def action_cancel(self) -> None:
        self._act(self._inbox.cancel, "Not sent; the text is kept as a draft")

    def action_edit(self) -> None:
        self._wish(edit=True)

    def action_open(self) -> None:
        self._wish(edit=False)

    def on_pick_taken(self) -> None:
        self._wish(edit=False)

    def action_help(self) -> None:
        explain(self, "among the troubles", keys.TROUBLES)

    def action_close(self) -> None:
        self.dismiss(None)

    def _wish(self, *, edit: bool) -> None:
        place = self.query_one(Pick).index
        if place is not None:
            self.dismiss(Wish(self._replies[place], edit))


def _said(lead: str, text: str, ink: str, width: int) -> Iterator[Line]:
    """A text in as many lines as it takes, set in behind its lead."""
    inset = len(lead)
    for number, line in enumerate(wrap(snippet(text, 300), max(2, width - inset))):
        yield ((" " * inset if number else lead, "dim"), (line, ink))


def _item(reply: Reply, now: int, width: int) -> list[Line]:
    unknown = reply.state is ReplyState.UNKNOWN
    state = "may have arrived" if unknown else "not sent"
    lines: list[Line] = [
        (
            (f"{'?' if unknown else '!'} {state}", "trouble"),
            (f"   {words.channel_name(reply.channel)} to ", "dim"),
            (snippet(reply.to, 50) or "unknown", "strong"),
            (f"   case {reply.case} · {words.moment(reply.created_at, now)}", "dim"),
            (f" · {snippet(reply.agent, 30)}", "dim"),
        ),
        (("  ", "plain"), (fit(words.says(reply) or "(no text)", width - 2).rstrip(), "plain")),
        *_said("  ", reply.error or "No reason was given", "dim", width),
    ]
    if reply.hint:
        lines += _said("  → ", reply.hint, "dim", width)
    return lines


def _account(health: Health, now: int, poll_seconds: int, width: int) -> list[Line]:
    wrong = words.health_trouble(health, now, poll_seconds)
    until = (
        f"complete up to {words.moment(health.complete_until, now)}"
        if health.complete_until
        else "not fetched yet"
    )
    spent = f" · ${health.spent_today / 1_000_000:.2f} today" if health.spent_today else ""
    kept = f" · {words.counted(health.unparsed, 'mail')} could not be read" if health.unparsed else ""
    history = "" if health.history_done else " · older messages are still being read"
    lines: list[Line] = [
        (
            (f"  {fit(health.account, 14)} ", "strong"),
            (f"{until}{spent}{kept}{history}", "dim"),
            (f"   ! {wrong}" if wrong else "", "trouble"),
        )
    ]
    for said, hint in ((health.error, health.hint), (health.notice, health.notice_hint)):
        if said:
            lines += _said(" " * _INSET, said, "plain", width)
        if said and hint:
            lines += _said("→ ".rjust(_INSET), hint, "dim", width)
    if not health.error and health.gap_from is not None:
        seen = f"look on the platform, then: inbox-tui accounts --gap-seen {health.account}"
        lines += _said("→ ".rjust(_INSET), seen, "dim", width)
    return lines


def _hook(hook: HookHealth, now: int, width: int) -> list[Line]:
    times = f"failed {words.counted(hook.failures, 'time')}" if hook.failures else "never failed"
    last = f", last {words.moment(hook.failed_at, now)}" if hook.failed_at is not None else ""
    lines: list[Line] = [
        (
            (f"  {fit(hook.name, 14)} ", "strong"),
            (f"hook · {times}{last}", "dim"),
            ("   ! fails" if hook.error else "", "trouble"),
        )
    ]
    if hook.error:
        lines += _said(" " * _INSET, hook.error, "plain", width)
        lines += _said("→ ".rjust(_INSET), hook.hint, "dim", width)
    return lines
