"""The inbox screen as far as an agent sorts cases: marks, assign, tag, snooze, priority, spam, undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from inbox_tui.errors import NothingToDo, UsageError
from inbox_tui.model import Acted, CaseRow, Priority, Reply, Undone
from inbox_tui.tui import keys, words
from inbox_tui.tui.screens.writing import WritingScreen
from inbox_tui.tui.suggest import Option, Suggest, matching, tags

if TYPE_CHECKING:
    from textual.widget import Widget

    from inbox_tui.tui.widgets.prompt import Prompt
    from inbox_tui.tui.widgets.queue import Queue

NOBODY = "nobody"
PROMISED = ("2h", "today 17:00", "tomorrow 12", "fri 17:00", "next week")
"""Times by which a customer may be told that he hears from us."""
NO_PROMISE = "none"
_TIMES = ("2h", "tomorrow 9", "in 3d", "next week", "reply")
_DID = {
    "assign": "assigned",
    "tag": "tagged",
    "priority": "given a priority",
    "snooze": "snoozed",
    "wake": "back in the queue",
    "promise": "promised an answer",
    "spam": "sorted as spam or not",
    "automatic": "sorted as automatic or not",
    "done": "done",
    "reopen": "open again",
}
"""What became of the cases of an act, as the bottom line says it."""


class TriageScreen(WritingScreen):
    """The screen with its acts on one case or on all that are marked."""

    _prompt: Prompt | None = None
    _answer: Callable[[str], None] | None = None
    _told: int = 0
    """The event of which it was told last that undo leaves it."""
    _asked_from: Widget | None = None
    """What had the focus before it was asked."""

    # --- asking

    def ask(
        self,
        title: str,
        suggest: Suggest,
        then: Callable[[str], None],
        *,
        choose: bool = True,
        text: str = "",
        instead: bool = False,
    ) -> None:
        """Ask at the bottom; then gets the answer. Nothing follows where the agent goes back.

        choose: Enter takes the suggestion under the cursor; else what was typed, and Tab takes it.
        instead: the text is a proposal, which goes with the first letter that is typed.
        """
        if not self.is_attached:
            return  # the agent has just left
        # Input is loaded when something is asked for the first time: the first paint does not wait for it.
        from inbox_tui.tui.widgets.prompt import Prompt

        self._close_prompt()
        prompt = Prompt(title, suggest, choose=choose, text=text, instead=instead)
        self._prompt, self._answer, self._asked_from = prompt, then, self.focused
        self.mount(prompt, before=self.status)
        self.expect(prompt)
        self.status.clear()
        self.status.show_keys(keys.of_prompt())

    def _close_prompt(self) -> None:
        prompt, self._prompt, self._answer = self._prompt, None, None
        if prompt is None:
            return
        # First the focus: Textual would give it to whatever stands next, and so to another case.
        before = self._asked_from
        home = before if before is not None and before.is_attached else None
        if prompt.has_focus_within:
            self.set_focus(home or (self.timeline if self.reading else self.queue))
        prompt.remove()

    def on_prompt_answered(self, event: Prompt.Answered) -> None:
        then = self._answer
        if event.prompt is not self._prompt:
            return
        self._close_prompt()
        self._name_keys()
        if event.answer is None:
            self.prompt_left()
        elif then is not None:
            then(event.answer)

    def prompt_left(self) -> None:
        """The agent went back from a prompt."""

    def _name_keys(self) -> None:
        raise NotImplementedError

    def _target(self) -> int | None:
        raise NotImplementedError

    # --- which cases

    def _targets(self) -> tuple[int, ...]:
        """The marked cases, else the one that a key means."""
        case = self._target()
        return tuple(sorted(self.queue.marked)) or (() if case is None else (case,))

    def _rows(self) -> list[CaseRow]:
        """Their rows, as far as they were read."""
        sheet = self.timeline.sheet
        read = {sheet.case.row.id: sheet.case.row} if sheet is not None else {}
        rows = (self.queue.known(case) or read.get(case) for case in self._targets())
        return [row for row in rows if row is not None]

    def on_queue_marked(self, event: Queue.Marked) -> None:
        self.status.marked(event.count)

    def action_mark(self) -> None:
        case = self._target()
        if case is not None:
            self.queue.mark(case)
            if not self.reading:
                self.queue.action_down()
            self._say_marked()

    def action_mark_all(self) -> None:
        self.queue.mark_all()
        self._say_marked()

    def _say_marked(self) -> None:
        self.status.tell(
            f"the next act is on all of them · {keys.told('inbox.back')} unmarks" if self.queue.marked else ""
        )

    def _act(
        self,
        act: Callable[[Sequence[int]], Acted],
        words_: str = "",
        targets: Sequence[int] = (),
    ) -> None:
        """Do it beside the loop, to the marked cases or to this one. targets: what it was asked for."""
        targets = targets or self._targets()
        if not targets:
            return
        self.status.clear()
        target = self._target()

        def did(done: tuple[Acted, CaseRow | None]) -> None:
            self._did(*done, target, words_)

        self.act(lambda: self._with_row(act(targets)), did)

    def _with_row(self, acted: Acted) -> tuple[Acted, CaseRow | None]:
        """Beside the loop: what was done, and the first case to which it was."""
        return acted, next(iter(self.inbox.rows(acted.cases[:1]).values()), None)

    def _did(self, acted: Acted, row: CaseRow | None, target: int | None = None, words_: str = "") -> None:
        if not acted.cases:
            self.status.complain(f"Nothing changed: {acted.skipped[0][1]}.")
            return
        self.queue.unmark()
        what = words_ or _DID[acted.act]
        if len(acted.cases) == 1 and not acted.skipped and row is not None:
            what = words.put_off(row, self.inbox.now()) if acted.act == "snooze" else what
            self.status.tell(
                f"{words.person_name(row.person.name)}: {what} · {keys.told('inbox.undo')} undoes"
            )
        else:
            left = f", {len(acted.skipped)} left alone" if acted.skipped else ""
            self.status.tell(
                f"{words.counted(len(acted.cases), 'case')} {what}{left} · {keys.told('inbox.undo')} undoes"
            )
        if target in acted.cases and acted.act in ("snooze", "spam", "automatic", "done"):
            self._through_with(target)
        self.refresh_all()

    def _through_with(self, case: int) -> None:
        """On to the next one, unless a text to this one is being written."""
        if self._composer is None:
            self.queue.leave(case)
            self._to_queue()

    # --- the acts

    def action_assign(self) -> None:
        def choose(agents: tuple[str, ...]) -> None:
            me = self.inbox.agent
            options = [Option(name, "you" if name == me else "") for name in agents]
            options.append(Option(NOBODY, "back to whoever takes it"))
            self.ask("Assign to", matching(options, free=True), give)

        def give(name: str) -> None:
            agent = "" if name == NOBODY else name
            said = f"goes to {agent}" if agent else "is nobody's now"
            self._act(lambda cases: self.inbox.triage.assign(cases, agent), said, targets)

        targets = self._targets()
        if targets:
            self.act(self.inbox.triage.agents, choose)

    def action_tag(self) -> None:
        def choose(known: tuple[str, ...]) -> None:
            self.ask("Tags", tags(known, has), put, choose=False)

        def put(typed: str) -> None:
            given = typed.replace(",", " ").split()
            add = [word.lstrip("+") for word in given if not word.startswith("-")]
            remove = [word[1:] for word in given if word.startswith("-")]
            if given:
                said = f"tagged {' '.join(given)}"
                self._act(lambda cases: self.inbox.triage.tag(cases, add, remove), said, targets)

        targets = self._targets()
        has = tuple(dict.fromkeys(tag for row in self._rows() for tag in row.tags))
        if targets:
            self.act(self.inbox.triage.tags, choose)

    def offered(self, times: Sequence[str]) -> list[Option]:
        """Beside the loop: those of these times that are still to come, with what each means."""
        now, found = self.inbox.now(), []
        for text in times:
            with suppress(UsageError):
                until = self.inbox.triage.when(text)
                meaning = words.moment(until, now) if until is not None else "until the customer writes"
                found.append(Option(text, meaning))
        return found

    def action_snooze(self) -> None:
        def choose(options: list[Option]) -> None:
            if any(row.snoozed for row in rows):
                options.insert(0, Option("wake", "back into the queue now"))
            self.ask("Snooze until", matching(options), put_off)

        def put_off(typed: str) -> None:
            triage = self.inbox.triage
            if typed == "wake":
                self._act(triage.wake, targets=targets)
            else:
                self._act(lambda cases: triage.snooze(cases, triage.when(typed)), targets=targets)

        targets, rows = self._targets(), self._rows()
        if targets:
            self.act(lambda: self.offered(_TIMES), choose)

    def action_snooze_again(self) -> None:
        self._act(self.inbox.triage.snooze_again)

    def action_promise(self) -> None:
        """The customer was told by when he hears from us: by phone, or somewhere else."""

        def give(typed: str) -> None:
            triage = self.inbox.triage
            self._act(
                lambda cases: triage.promise(cases, triage.check_promise(triage.when(typed))),
                targets=targets,
            )

        targets = self._targets()
        if targets:
            self.act(
                lambda: self.offered(PROMISED),
                lambda options: self.ask("He hears from us by", matching(options), give),
            )

    def action_priority(self) -> None:
        options = [Option(level.value) for level in reversed(Priority)]

        def give(typed: str) -> None:
            said = f"priority {typed}"
            self._act(lambda cases: self.inbox.triage.priority(cases, _level(typed)), said, targets)

        targets = self._targets()
        if targets:
            self.ask("Priority", matching(options), give)

    def action_spam(self) -> None:
        rows = self._rows()
        yes = not rows or not all(row.spam for row in rows)
        said = "is spam, and so is what this sender writes later" if yes else "is no spam"
        self._act(lambda cases: self.inbox.triage.spam(cases, yes=yes), said)

    def action_wrong_guess(self) -> None:
        rows = self._rows()
        yes = not rows or not all(row.automatic for row in rows)
        said = "is automatic, and so is what this sender writes later" if yes else "is a person, and waits"
        self._act(lambda cases: self.inbox.triage.automatic(cases, yes=yes), said)

    def action_undo(self) -> None:
        """A reply in its countdown first, else my last act; it is told first that what was written stays."""

        def undo() -> Reply | Undone:
            with suppress(NothingToDo):
                return self.inbox.take_back()
            lasting = self.inbox.triage.lasting()
            if lasting is not None and lasting.event != self._told:
                self._told = lasting.event
                raise NothingToDo(
                    f"{words.written(lasting)} stays as it is",
                    f"{keys.told('inbox.undo')} again undoes what you did before it",
                )
            return self.inbox.triage.undo()

        self.status.clear()
        self.act(undo, self._undone)

    def _undone(self, undone: Reply | Undone) -> None:
        if isinstance(undone, Reply):
            self._taken_back(undone)
            return
        listed = f" of {words.counted(len(undone.cases), 'case')}" if undone.cases else ""
        self.status.tell(f"Undone: {undone.act}{listed}.")
        self.refresh_all()
        if undone.cases and not self.reading and self.queue.case not in undone.cases:
            self.go_when_read(undone.cases[0])


def _level(typed: str) -> Priority:
    try:
        return Priority(typed.strip().lower())
    except ValueError:
        raise UsageError(f'"{typed[:40]}" is no priority', "low, normal, high or urgent") from None
