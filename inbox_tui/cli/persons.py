"""Persons and what joins their cases: merge, split, proposals, calls, goodwill, report, history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from inbox_tui.cli import serial
from inbox_tui.cli.acting import read_text
from inbox_tui.cli.keeping import erase, export, scrub
from inbox_tui.cli.personal import joined, past, person_page, proposal, report_of
from inbox_tui.errors import UsageError

if TYPE_CHECKING:
    from inbox_tui.cli.call import Call
    from inbox_tui.model import Joined, Past, Proposal


def merge(call: Call, case: Sequence[int]) -> int:
    """Make one case of several."""
    return _told(call, call.inbox.people.merge(case))


def split(call: Call, case: int, thread: Sequence[str], supporter: int | None) -> int:
    """Make two cases of one."""
    if supporter is not None:
        if thread:
            raise UsageError("--thread and --supporter exclude each other", "give one of them")
        return _told(call, call.inbox.people.own_matter(case, supporter))
    return _told(call, call.inbox.people.split(case, _numbers(thread, "thread")))


def person(call: Call, action: str, id: Sequence[str], identity: Sequence[str], yes: bool) -> int:
    """Who is who."""
    if yes and action != "erase":
        raise UsageError("--yes belongs to person erase", "inbox-tui person --help")
    if identity and action != "split":
        raise UsageError("--identity belongs to person split", "inbox-tui person --help")
    acts: dict[str, Callable[[], int]] = {
        "show": lambda: _show(call, _one(id, "show")),
        "find": lambda: _find(call, " ".join(id)),
        "merge": lambda: _told(call, call.inbox.people.merge_persons(_numbers(id, "person"))),
        "split": lambda: _told(
            call, call.inbox.people.split_person(_one(id, "split"), _numbers(identity, "identity"))
        ),
        "proposals": lambda: _proposals(call, id),
        "accept": lambda: _told(call, call.inbox.people.accept(_one(id, "accept"))),
        "decline": lambda: _told(call, call.inbox.people.decline(_one(id, "decline"))),
        "export": lambda: export(call, _one(id, "export")),
        "erase": lambda: erase(call, _one(id, "erase"), yes=yes) if id else scrub(call),
    }
    return acts[action]()


def _one(given: Sequence[str], action: str) -> int:
    numbers = _numbers(given, "ID")
    if len(numbers) != 1:
        raise UsageError(f"person {action} takes one ID", f"inbox-tui person {action} 3")
    return numbers[0]


def _numbers(given: Sequence[str], what: str) -> list[int]:
    for each in given:
        if not (each.isascii() and each.isdigit() and len(each) <= 18):
            raise UsageError(f'{what} "{each}" is no number', "give the number that show or --json names")
    return [int(each) for each in given]


def _told(call: Call, done: Joined) -> int:
    if call.out.json:
        call.out.record(joined(done))
        return 0
    said = {
        "merge": f"Case {done.case} took in {_listed(done.taken)}.",
        "split": f"Case {done.case} is new.",
        "own matter": f"Case {done.case} is new: it is his own matter.",
        "merge persons": f"They are person {done.person} now.",
        "split person": f"Person {done.person} is new.",
        "accept": f"They are person {done.person} now.",
        "decline": "They stay two, and it is not proposed again.",
    }
    call.out.line(said[done.act])
    if done.act == "merge" and done.person is not None:
        call.out.line(f"Their persons are one, too: person {done.person}.")
    if done.act == "accept" and done.case is not None:
        call.out.line(f"Case {done.case} took in {_listed(done.taken)}.")
    call.out.say(f"Taken back by: inbox-tui undo --act {done.event}")
    return 0


def _listed(cases: Sequence[int]) -> str:
    return ("case " if len(cases) == 1 else "cases ") + ", ".join(map(str, cases))


def _find(call: Call, who: str) -> int:
    found = call.inbox.people.find(who)
    for each in found:
        if call.out.json:
            call.out.record({"type": "person", "id": each.id, "name": each.name})
        else:
            call.out.line(f"{each.id}  {each.name}")
    if not found:
        call.out.say("Nobody of this name or number is known.")
    return 0 if found else 1


def _show(call: Call, id: int) -> int:
    from inbox_tui.tui.words import moment

    page, now = call.inbox.people.person(id), call.inbox.now()
    if call.out.json:
        call.out.record(person_page(page))
        return 0
    call.out.line(f"Person {page.person.id}: {page.person.name}")
    for each in page.identities:
        call.out.line(f"identity {each.id}  {each.kind}  {each.handle or each.value}  {each.name}", indent=2)
    for row in page.cases:
        channels = " ".join(row.channels)
        call.out.line(
            f"case {row.id}  {row.state.value}  {channels}  {moment(row.updated_at, now)}  {row.subject}",
            indent=2,
        )
    for row in page.supports:
        call.out.line(
            f"supports case {row.id}  {row.state.value}  {row.person.name}  {row.subject}", indent=2
        )
    for remark in page.remarks:
        kind = f"{remark.kind.value} in case {remark.case}"
        call.out.line(f"{moment(remark.sent_at, now)}  {kind}  {remark.author.name}: {remark.text}", indent=2)
    for given in page.goodwill:
        call.out.line(f"given in case {given.case}: {given.amount}, {given.reason}", indent=2)
    for one in page.proposals:
        _propose(call, one)
    return 0


def _proposals(call: Call, id: Sequence[str]) -> int:
    people = call.inbox.people
    found = people.proposals_of(_one(id, "proposals")) if id else people.proposals()
    for one in found:
        if call.out.json:
            call.out.record(proposal(one))
        else:
            _propose(call, one)
    if not found:
        call.out.say("Nobody may be somebody else, as far as anything says.")
    return 0


def _propose(call: Call, one: Proposal) -> None:
    from inbox_tui.tui.words import evidence

    a, b = one.persons
    cases = " and ".join(f"case {case}" for case in one.cases if case is not None)
    shown = f" ({cases})" if cases else ""
    call.out.line(f"Proposal {one.id}: {a.name} (person {a.id}) = {b.name} (person {b.id})?{shown}")
    for reason in one.reasons:
        call.out.line(evidence(reason, call.inbox.now()), indent=4)


def call(call: Call, who: str, text: str | None, answered: bool, not_answered: bool, case: int | None) -> int:
    """Log a phone call."""
    if answered and not_answered:
        raise UsageError("--answered and --not-answered exclude each other", "give one of them")
    said = read_text(text, "call")
    message = call.inbox.people.call(who, said, answered=answered, case=case)
    if call.out.json:
        call.out.record(serial.message(message))
    else:
        how = "answered" if answered else "not answered: the customer is owed an answer"
        call.out.line(f"Call of {message.author.name} logged in case {message.case}, {how}.")
    return 0


def goodwill(call: Call, case: int, amount: str, reason: str) -> int:
    """Note a voucher or a refund."""
    given = call.inbox.people.goodwill(case, amount, reason)
    if call.out.json:
        call.out.record(
            {
                "type": "goodwill",
                "case": given.case,
                "at": serial.when(given.at),
                "agent": given.agent,
                "amount": given.amount,
                "reason": given.reason,
            }
        )
    else:
        call.out.line(f"Noted in case {given.case}: {given.amount}, {given.reason}.")
    return 0


def report(call: Call, case: int) -> int:
    """How long a customer waited."""
    from inbox_tui.desk.clock import spoken
    from inbox_tui.tui.words import moment

    found, now = call.inbox.people.report(case), call.inbox.now()
    if call.out.json:
        call.out.record(report_of(found))
        return 0
    row = found.row
    call.out.line(f"Case {row.id}: {row.person.name}, {row.subject}")
    hours = found.waited / 3_600_000
    call.out.line(f"waited {hours:.1f} h in all, {row.messages} messages on {', '.join(row.channels)}")
    if found.first_answer is not None:
        call.out.line(f"first answer after {spoken(found.first_answer)}")
    for one in found.stretches:
        end = f"{moment(one.end, now)} ({one.how})" if one.end is not None else "now"
        span = spoken((one.end if one.end is not None else now) - one.begin)
        call.out.line(f"waited {span}: {moment(one.begin, now)} to {end}", indent=2)
    for given in found.goodwill:
        call.out.line(
            f"given {moment(given.at, now)} by {given.agent}: {given.amount}, {given.reason}", indent=2
        )
    _events(call, found.events)
    return 0


def history(call: Call, case: int) -> int:
    """What was done with a case."""
    found = call.inbox.people.history(case)
    if call.out.json:
        for one in found:
            call.out.record(past(one))
    else:
        _events(call, found)
    return 0


def _events(call: Call, found: Sequence[Past]) -> None:
    from inbox_tui.tui.words import happened, moment

    now = call.inbox.now()
    for one in found:
        words = happened(one.kind, one.detail)
        act = f"  act {one.act}" if one.act is not None else ""
        undone = "  (taken back)" if one.undone else ""
        who = one.agent or "inbox-tui"
        call.out.line(f"{moment(one.at, now)}  {who}  {words}{act}{undone}", indent=2)
