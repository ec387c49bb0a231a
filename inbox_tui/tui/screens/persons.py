"""The inbox screen as far as persons go: merge, split, who may be one, a person's page, calls."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from inbox_tui.errors import UsageError
from inbox_tui.model import CaseRow, Joined, Message, Proposal
from inbox_tui.text import snippet
from inbox_tui.tui import keys, words
from inbox_tui.tui.screens.finding import FindingScreen
from inbox_tui.tui.sheet import Sheet
from inbox_tui.tui.suggest import Option, anywhere, last_word, matching

_OFFERED = 300
"""Cases that a merge offers; any other is named by its number."""
_CALLS = (
    Option("answered", "the clock stops"),
    Option("not answered", "the customer called, and is owed an answer"),
    Option("somebody else", "of another person: by number or name"),
)


class PersonsScreen(FindingScreen):
    """The screen with its acts on persons."""

    def _read(self, case: int, then: Callable[[Sheet], None] | None = None) -> None:
        raise NotImplementedError

    def _with_sheet(self, then: Callable[[Sheet], None]) -> None:
        raise NotImplementedError

    # --- merge and split

    def action_merge(self) -> None:
        """All that are marked, else this one and another."""
        case, marked = self._target(), sorted(self.queue.marked)
        if len(marked) > 1:
            first = case if case in marked else marked[0]
            self._join([first, *(one for one in marked if one != first)])
        elif case is not None:
            self.act(lambda: self._others(case), lambda options: self._ask_merge(case, options))

    def _others(self, case: int) -> list[Option]:
        """Cases that may be the same matter, those that something speaks for first."""
        row = self.inbox.rows([case])[case]
        said = [one for one in self.inbox.people.proposals_of(row.person.id) if None not in one.cases]
        likely = {other: one for one in said for other in one.cases if other is not None and other != row.id}
        own = [one for one in self.inbox.people.person(row.person.id).cases if one.id != row.id]
        rows = {one.id: one for one in (*own, *self.inbox.page("all", limit=_OFFERED)) if one.id != row.id}
        found = [_offer(rows[one], "same person?") for one in likely if one in rows]
        found += [_offer(one, "the same person") for one in own]
        known = {option.text for option in found}
        return found + [each for each in map(_offer, rows.values()) if each.text not in known]

    def _ask_merge(self, case: int, options: Sequence[Option]) -> None:
        def chosen(typed: str) -> None:
            self._join([case, _number(typed)])

        self.ask("Merge with (name or number)", anywhere(options), chosen)

    def _join(self, cases: Sequence[int]) -> None:
        self.status.clear()
        self.act(lambda: self.inbox.people.merge(cases), self._merged)

    def _merged(self, done: Joined) -> None:
        self.queue.unmark()
        persons = ", and their persons are one" if done.person is not None else ""
        taken = "case " + ", ".join(map(str, done.taken))
        self.status.tell(f"Case {done.case} took in {taken}{persons} · {keys.told('inbox.undo')} undoes")
        if done.case is not None:
            self._turn_to(done.case)

    def _turn_to(self, case: int) -> None:
        """The case as it is now, and the cursor on it."""
        self._joined = time.monotonic()
        self.refresh_all()
        self.go_when_read(case)
        if self.shown is not None:
            self.show_case(case)

    def action_split(self) -> None:
        def ask(sheet: Sheet) -> None:
            case = sheet.case
            own = [one for one in case.threads if one.case == case.row.id]
            if len(own) < 2:
                self.status.complain("The case has one thread alone.", "there is nothing to split")
                return
            options = [
                Option(
                    str(one.id),
                    f"{words.channel_word(one.channel)} {one.customer.handle or one.customer.name}"
                    f"  {snippet(one.subject, 60)}",
                )
                for one in own
            ]
            number = case.row.id
            self.ask("Split off threads", last_word(options), lambda typed: self._part(number, typed))

        self._with_sheet(ask)

    def _part(self, case: int, typed: str) -> None:
        def made(done: Joined) -> None:
            self.status.tell(f"Case {done.case} is new · {keys.told('inbox.undo')} undoes")
            self._turn_to(case)

        self.act(lambda: self.inbox.people.split(case, [_number(one) for one in typed.split()]), made)

    def action_own_matter(self) -> None:
        """Whoever wrote on the customer's behalf has a matter of his own."""

        def ask(sheet: Sheet) -> None:
            number, found = sheet.case.row.id, sheet.case.supporters
            if not found:
                self.status.complain("Nobody else writes in this case on the customer's behalf.")
            elif len(found) == 1:
                self._make_own(number, found[0].id)
            else:
                options = [Option(f"{one.id} {words.person_name(one.name)}", "") for one in found]
                self.ask(
                    "A matter of his own has",
                    anywhere(options),
                    lambda typed: self._make_own(number, _number(typed)),
                )

        self._with_sheet(ask)

    def _make_own(self, case: int, person: int) -> None:
        def made(done: Joined) -> None:
            self.status.tell(
                f"Case {done.case} is new, a matter of his own · {keys.told('inbox.undo')} undoes"
            )
            self._turn_to(case)

        self.act(lambda: self.inbox.people.own_matter(case, person), made)

    # --- same person?

    def action_accept(self) -> None:
        """The proposal that the case shows is right."""
        self._with_proposal(lambda one: self.act(lambda: self.inbox.people.accept(one.id), self._accepted))

    def action_decline(self) -> None:
        """It is wrong, for good."""

        def declined(_: Joined) -> None:
            self.status.tell(
                f"They stay two, and it is not proposed again · {keys.told('inbox.undo')} undoes"
            )
            self.refresh_all()
            if self.shown is not None:
                self.show_case(self.shown)

        self._with_proposal(lambda one: self.act(lambda: self.inbox.people.decline(one.id), declined))

    def _accepted(self, done: Joined) -> None:
        if done.case is not None:
            taken = ", ".join(map(str, done.taken))
            self.status.tell(
                f"One person, one case: {done.case} took in {taken} · {keys.told('inbox.undo')} undoes"
            )
            self._turn_to(done.case)
        else:
            self.status.tell(f"They are one person now · {keys.told('inbox.undo')} undoes")
            if self.shown is not None:
                self._turn_to(self.shown)

    def _with_proposal(self, then: Callable[[Proposal], object]) -> None:
        sheet = self.timeline.sheet
        if sheet is None or not sheet.case.same or sheet.case.row.id != self.shown:
            self.status.complain(
                "Nothing says that this person is another one, too.",
                f"{keys.told('inbox.same')} lists all proposals",
            )
        else:
            self.status.clear()
            then(sheet.case.same[0])

    def action_same(self) -> None:
        """All proposals."""
        from inbox_tui.tui.screens.same import ProposalsScreen

        def closed(case: int | None) -> None:
            self.refresh_all()
            if case is not None:
                self._go_to_case(case)

        self.status.clear()
        self.app.push_screen(ProposalsScreen(self.inbox), closed)

    def _go_to_case(self, case: int) -> None:
        self.queue.go_to(case)
        self._read(case)

    # --- a person, a call

    def action_person(self) -> None:
        from inbox_tui.tui.screens.same import PersonScreen

        def closed(case: int | None) -> None:
            # He may have been split there.
            self.refresh_all()
            if case is not None:
                self._go_to_case(case)
            elif self.shown is not None:
                self.show_case(self.shown)

        def show(sheet: Sheet) -> None:
            self.app.push_screen(PersonScreen(self.inbox, sheet.case.row.person.id), closed)

        self._with_sheet(show)

    def action_call(self) -> None:
        """Log a call of whoever this case is with, or of somebody else."""
        case = self._target()
        self.status.clear()
        if case is None:
            self._ask_who()
        else:
            self.ask("A call, and it was", matching(_CALLS), lambda how: self._how(case, how))

    def _how(self, case: int, how: str) -> None:
        if how == "somebody else":
            self._ask_who()
        elif how in ("answered", "not answered"):
            self.ask(
                "What was said",
                lambda _: (),
                lambda text: self._log_call("", text, case, answered=how == "answered"),
                choose=False,
            )
        else:
            self.status.complain(
                f'"{snippet(how, 40)}" is neither answered nor not answered.',
                f"{keys.told('inbox.call')} asks again",
            )

    def _ask_who(self) -> None:
        def known(who: str) -> None:
            self.ask("A call, and it was", matching(_CALLS[:2]), lambda how: said(who, how))

        def said(who: str, how: str) -> None:
            self.ask(
                "What was said",
                lambda _: (),
                lambda text: self._log_call(who, text, None, answered=how == "answered"),
                choose=False,
            )

        self.ask("Who called (number or name)", lambda _: (), known, choose=False)

    def _log_call(self, who: str, text: str, case: int | None, *, answered: bool) -> None:
        def logged(message: Message) -> None:
            how = "answered" if answered else "not answered"
            self.status.tell(f"Call of {words.author_name(message)} logged: {how}")
            self.refresh_all()
            if message.case is not None and message.case == self.shown:
                self.show_case(message.case)

        def log() -> Message:
            name = who or self._person_of(case)
            return self.inbox.people.call(name, text, answered=answered, case=case)

        self.act(log, logged)

    def _person_of(self, case: int | None) -> str:
        rows = self.inbox.rows([case]) if case is not None else {}
        return next((f"person:{row.person.id}" for row in rows.values()), "")


def _offer(row: CaseRow, why: str = "") -> Option:
    channels = " ".join(words.channel_word(one) for one in row.channels)
    meaning = "  ".join(part for part in (why, channels, snippet(row.subject or row.snippet, 60)) if part)
    return Option(f"{row.id} {words.person_name(row.person.name)}", meaning)


def _number(typed: str) -> int:
    first = typed.split()[0] if typed.split() else ""
    if not (first.isascii() and first.isdigit() and len(first) <= 18):
        raise UsageError(f'"{snippet(typed, 40)}" is none of them', "type the number of a case")
    return int(first)
