"""Who may be one person, with what speaks for it; and a person's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from inbox_tui.errors import InboxError
from inbox_tui.model import CaseRow, Joined, PersonPage, Proposal
from inbox_tui.text import fit, name_or, snippet
from inbox_tui.tui import keys, words
from inbox_tui.tui.ink import Line
from inbox_tui.tui.screens.help import Hints, explain
from inbox_tui.tui.sheet import wrap
from inbox_tui.tui.typeahead import ReadsAnew
from inbox_tui.tui.widgets.pick import Label, Pick

if TYPE_CHECKING:
    from inbox_tui.inbox import Inbox

_SHOWN = 3
"""Reasons shown with a proposal."""
EDGE = 3
"""Cells of a line that belong to the cursor and to the scrollbar."""


class ProposalsScreen(ReadsAnew, Screen[int | None]):
    """All proposals; answers with the case to open, None for none."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.SAME]

    def __init__(self, inbox: Inbox) -> None:
        super().__init__()
        self._inbox = inbox
        self._found: tuple[Proposal, ...] = ()

    def compose(self) -> ComposeResult:
        yield Label(((" Same person?", "strong"),), (), id="title")
        yield Pick([])
        yield Label((), id="said")
        yield Hints(keys.SAME)

    def on_mount(self) -> None:
        self.query_one(Pick).focus()
        self.begins()
        self._load()

    @work(thread=True, exclusive=True, group="same", exit_on_error=False)
    def _load(self) -> None:
        try:
            found = self._inbox.people.proposals()
        except InboxError as error:
            self.app.call_from_thread(self._fail, error)
        else:
            self.app.call_from_thread(self._show, found)

    def _show(self, found: tuple[Proposal, ...]) -> None:
        self.ends()
        self._found = found
        now = self._inbox.now()
        empty: tuple[Line, ...] = ((("Nobody may be somebody else, as far as anything says.", "dim"),),)
        width = self.app.size.width - EDGE
        self.query_one(Pick).show([proposal_lines(one, now, width) for one in found], empty)

    def on_resize(self) -> None:
        if self._found:
            self._show(self._found)

    def _fail(self, error: InboxError) -> None:
        self.ends(in_vain=True)
        self.query_one("#said", Label).say(((f" ! {error.message}", "trouble"), (f"  {error.hint}", "dim")))

    def _chosen(self) -> Proposal | None:
        place = self.query_one(Pick).index
        return None if place is None else self._found[place]

    def action_accept(self) -> None:
        one = self._chosen()
        if one is not None:
            self.begins()
            self._decide(lambda: self._inbox.people.accept(one.id), "They are one person now")

    def action_decline(self) -> None:
        one = self._chosen()
        if one is not None:
            self.begins()
            self._decide(
                lambda: self._inbox.people.decline(one.id), "They stay two, and it is not proposed again"
            )

    @work(thread=True, group="decide", exit_on_error=False)
    def _decide(self, act: Callable[[], Joined], did: str) -> None:
        try:
            act()
            found = self._inbox.people.proposals()
        except InboxError as error:
            self.app.call_from_thread(self._fail, error)
            return
        self.app.call_from_thread(self._decided, found, did)

    def _decided(self, found: tuple[Proposal, ...], did: str) -> None:
        self._show(found)
        self.query_one("#said", Label).say(
            ((f" {did} · {keys.told('inbox.undo')} in the inbox undoes", "dim"),)
        )

    def action_open(self) -> None:
        one = self._chosen()
        case = next((case for case in one.cases if case is not None), None) if one else None
        if case is not None:
            self.dismiss(case)

    def action_help(self) -> None:
        explain(self, "among the proposals", keys.SAME)

    def action_close(self) -> None:
        self.dismiss(None)


def proposal_lines(one: Proposal, now: int, width: int) -> list[Line]:
    """Both persons, and what speaks for it, each reason whole."""
    names = [words.person_name(each.name) for each in one.persons]
    cases = "   ".join(f"case {case}" for case in one.cases if case is not None)
    sure = "all but certain" if one.score >= 80 else "likely" if one.score >= 50 else "perhaps"
    first: Line = (
        (f"{snippet(names[0], 40)} = {snippet(names[1], 40)}?", "strong"),
        (f"   {sure}   {cases}", "dim"),
    )
    reasons = [words.evidence(reason, now) for reason in one.reasons[:_SHOWN]]
    told = [line for reason in reasons for line in wrap(snippet(reason, 200), max(20, width - 2))]
    return [first, *(((f"  {line}", "plain"),) for line in told)]


class PersonScreen(ReadsAnew, Screen[int | None]):
    """All cases of a person on all channels, calls and notes; answers with the case to open."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.PERSON]

    def __init__(self, inbox: Inbox, person: int) -> None:
        super().__init__()
        self._inbox, self._person = inbox, person
        self._cases: tuple[int | None, ...] = ()
        self._page: PersonPage | None = None

    def compose(self) -> ComposeResult:
        yield Label((), (), id="title")
        yield Pick([])
        yield Label((), id="said")
        yield Hints(keys.PERSON)

    def on_mount(self) -> None:
        self.query_one(Pick).focus()
        self.begins()
        self._load()

    @work(thread=True, exclusive=True, group="person", exit_on_error=False)
    def _load(self) -> None:
        try:
            page = self._inbox.people.person(self._person)
        except InboxError as error:
            self.app.call_from_thread(self._fail, error)
        else:
            self.app.call_from_thread(self._show, page)

    def _fail(self, error: InboxError) -> None:
        self.ends(in_vain=True)
        self.query_one("#title", Label).say(((f" ! {error.message}", "trouble"),))

    def on_resize(self) -> None:
        if self._page is not None:
            self._show(self._page)

    def _show(self, page: PersonPage) -> None:
        self.ends()
        self._page = page
        now = self._inbox.now()
        known = "   ".join(
            f"{words.letter(one.kind)} {name_or(one.handle, name_or(one.name, snippet(one.value)))}"
            for one in page.identities
        )
        name = words.person_name(page.person.name)
        self.query_one("#title", Label).say(((f" {name}", "strong"), (f"   {known}", "dim")), ())
        items: list[list[Line]] = [_case_lines(row, now) for row in page.cases]
        to: list[int | None] = [row.id for row in page.cases]
        for row in page.supports:
            items.append(_case_lines(row, now, f"for {words.person_name(row.person.name)}   "))
            to.append(row.id)
        for remark in page.remarks:
            when = words.moment(remark.sent_at, now)
            what = f"{remark.kind.value}  {when}  {words.author_name(remark)}  "
            items.append([((fit(what, 34), "note"), (snippet(remark.text, 200), "plain"))])
            to.append(remark.case)
        for given in page.goodwill:
            what = f"given  {words.moment(given.at, now)}  {given.amount}  "
            items.append([((fit(what, 34), "note"), (snippet(given.reason, 200), "plain"))])
            to.append(given.case)
        for one in page.proposals:
            items.append(proposal_lines(one, now, self.app.size.width - EDGE))
            to.append(next((case for case in one.cases if case is not None), None))
        self._cases = tuple(to)
        self.query_one(Pick).show(items)

    def action_split(self) -> None:
        """Some of the identities are somebody else's."""
        from inbox_tui.tui.screens.apart import ApartScreen

        page = self._page
        if page is None:
            return
        if len(page.identities) < 2:
            self._say("He has one identity alone: there is nothing to split.", "trouble")
            return

        def parted(done: Joined | None) -> None:
            if done is not None:
                self._say(
                    f"Person {done.person} is new · {keys.told('inbox.undo')} in the inbox undoes", "dim"
                )
                self.begins()
                self._load()

        self.app.push_screen(ApartScreen(self._inbox, page), parted)

    def _say(self, what: str, ink: str) -> None:
        self.query_one("#said", Label).say(((f" {what}", ink),))

    def action_open(self) -> None:
        place = self.query_one(Pick).index
        if place is not None and self._cases[place] is not None:
            self.dismiss(self._cases[place])

    def action_help(self) -> None:
        explain(self, "on a person's page", keys.PERSON)

    def action_close(self) -> None:
        self.dismiss(None)


def _case_lines(row: CaseRow, now: int, whose: str = "") -> list[Line]:
    """whose: on whose behalf he writes there, where the case is another's."""
    channels = " ".join(words.channel_word(one) for one in row.channels)
    how = row.state.value
    if row.waiting_since is not None:
        how = f"waits {words.duration(now - row.waiting_since)}"
    first: Line = (
        (fit(f"case {row.id}", 12), "strong"),
        (fit(how, 18), "plain"),
        (whose, "note"),
        (f"{channels}   {_supported(row)}{words.moment(row.updated_at, now)}", "dim"),
    )
    return [first, ((f"  {snippet(row.subject or row.snippet, 200)}", "plain"),)]


def _supported(row: CaseRow) -> str:
    return f"{words.counted(row.supporters, 'supporter')}   " if row.supporters else ""
