"""Sorting cases: whose they are, when they come back, what they are; and ``undo``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from inbox_tui.cli import serial
from inbox_tui.errors import NothingToDo, UsageError
from inbox_tui.model import Priority

if TYPE_CHECKING:
    from inbox_tui.cli.call import Call
    from inbox_tui.model import Acted, CaseRow


def assign(call: Call, case: Sequence[int], to: str | None, nobody: bool) -> int:
    """Give cases to an agent."""
    if to and nobody:
        raise UsageError("--to and --nobody exclude each other", "give one of them")
    agent = "" if nobody else to if to is not None else call.inbox.agent
    return _say(call, call.inbox.triage.assign(case, agent), f"goes to {agent}" if agent else "is nobody's")


def tag(call: Call, case: Sequence[int], add: Sequence[str], remove: Sequence[str]) -> int:
    """Put tags on, take tags off."""
    put, taken = _tags(add), _tags(remove)
    if not put and not taken:
        raise UsageError("no tag is given", "inbox-tui tag 12 --add refund")
    words = [f"+{each}" for each in put] + [f"-{each}" for each in taken]
    return _say(call, call.inbox.triage.tag(case, put, taken), f"tagged {' '.join(words)}")


def _tags(given: Sequence[str]) -> list[str]:
    return [each for each in (part.strip() for part in ",".join(given).split(",")) if each]


def promise(call: Call, case: Sequence[int], when: str) -> int:
    """The customers were told by when they hear from us."""
    from inbox_tui.tui.words import moment

    until = call.inbox.triage.check_promise(call.inbox.triage.when(when))
    words = f"hears from us by {moment(until, call.inbox.now())}"
    return _say(call, call.inbox.triage.promise(case, until), words)


def snooze(call: Call, case: Sequence[int], when: str) -> int:
    """Hide cases until a time; `again`: until the one before."""
    from inbox_tui.tui.words import put_off

    if when == "again":
        acted = call.inbox.triage.snooze_again(case)
    else:
        acted = call.inbox.triage.snooze(case, call.inbox.triage.when(when))
    now = call.inbox.now()
    return _say(call, acted, lambda row: put_off(row, now))


def wake(call: Call, case: Sequence[int]) -> int:
    """End a snooze."""
    return _say(call, call.inbox.triage.wake(case), "is back")


def priority(call: Call, case: Sequence[int], level: str) -> int:
    """Give a priority."""
    return _say(call, call.inbox.triage.priority(case, Priority(level)), f"has the priority {level}")


def spam(call: Call, case: Sequence[int], no: bool) -> int:
    """Not a customer, or one after all."""
    return _say(call, call.inbox.triage.spam(case, yes=not no), "is no spam" if no else "is spam")


def automatic(call: Call, case: Sequence[int], no: bool) -> int:
    """A machine wrote it, or a person did."""
    words = "is a person's, and waits" if no else "is automatic"
    return _say(call, call.inbox.triage.automatic(case, yes=not no), words)


def undo(call: Call, act: int | None) -> int:
    """Take back my newest act, or a merge or split by its number."""
    undone = call.inbox.triage.undo() if act is None else call.inbox.triage.undo_act(act)
    if call.out.json:
        for row in call.inbox.rows(undone.cases).values():
            call.out.record(serial.case(row))
    else:
        listed = ", ".join(map(str, undone.cases))
        of = f" of {'case' if len(undone.cases) == 1 else 'cases'} {listed}" if listed else ""
        call.out.line(f"Undone: {undone.act}{of}.")
    return 0


def _say(call: Call, acted: Acted, words: str | Callable[[CaseRow], str]) -> int:
    """What came of an act; where nothing did, an error. words: of each case, or of all."""
    if not acted.cases:
        raise NothingToDo("; ".join(f"case {case}: {why}" for case, why in acted.skipped))
    rows = call.inbox.rows(acted.cases)
    for case in acted.cases:
        if call.out.json:
            call.out.record(serial.case(rows[case]))
        else:
            call.out.line(f"Case {case} {words if isinstance(words, str) else words(rows[case])}.")
    for case, why in acted.skipped:
        call.out.say(f"Case {case} is left alone: {why}.")
    return 0
