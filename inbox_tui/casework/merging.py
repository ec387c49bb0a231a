"""Merge and split: of cases, of persons. Nothing is deleted, and each can be undone at any later time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inbox_tui.casework import proposals as kept
from inbox_tui.casework import recount
from inbox_tui.casework.reversible import OVER, Act, shown, state_of
from inbox_tui.errors import NotFound, NothingToDo, UsageError
from inbox_tui.model import CaseState, Priority
from inbox_tui.records import dataclass
from inbox_tui.store import cases, people, replies, supporters
from inbox_tui.store import merging as store
from inbox_tui.store.driver import Connection

_PRIORITIES = [str(one) for one in Priority]


@dataclass(frozen=True, slots=True)
class Done:
    """What a merge or a split came to."""

    event: int
    """Its id, by which it can be undone at any later time."""
    case: int | None = None
    """The case that took the others in, or that was made; None: no case was."""
    person: int | None = None
    """The person who took others in, or who was made; None: no person changed."""
    taken: tuple[int, ...] = ()
    """Cases that were taken in."""


# --- merge


def merge(db: Connection, agent: str, now: int, wanted: Sequence[int]) -> Done:
    """The first of these cases takes in the others, and its person theirs. Raises NotFound, NothingToDo."""
    listed = list(dict.fromkeys(recount.one(db, case).id for case in wanted))
    if len(listed) < 2:
        raise NothingToDo("these are one case already" if len(wanted) > 1 else "a merge takes two cases")
    act = Act(db, agent, now, "merge")
    person = join(act, listed)
    return Done(act.finish(), listed[0], person, tuple(listed[1:]))


def join(act: Act, listed: Sequence[int], *, persons: bool = True) -> int | None:
    """The first case takes in the others; the person, where persons were merged by it.

    persons: those of the cases become one; else the others are supporters of the first.
    """
    act.touch(listed)
    target, *others = listed
    whose = [_person_of(act.db, case) for case in listed]
    apart = [one for one in dict.fromkeys(whose) if one != whose[0] and persons]
    for one in apart:
        take_person(act, whose[0], one)
    before = [_columns(act.db, case) for case in listed]
    for case in others:
        for table in store.MOVED:
            act.move(table, "case_id", store.of_case(act.db, table, case), case, target)
        _begun(act, case, target)
    for thread in store.of_case(act.db, "threads", target):
        act.change("threads", thread, {"answered_until": store.answered_until(act.db, target, thread)})
    for case in others:
        act.change("cases", case, {**OVER, "done_at": act.now, "merged_into": target})
        act.say(case, "taken in", into=target)
    act.change("cases", target, _joined(act.db, target, before, others))
    act.say(target, "merged", cases=others)
    return whose[0] if apart else None


def _person_of(db: Connection, case: int) -> int:
    return recount.one(db, case).person


def _columns(db: Connection, case: int) -> dict[str, Any]:
    found = store.columns(db, "cases", case, store.CASE_COLUMNS)
    if found is None:
        raise NotFound(f"there is no case {case}", "inbox-tui list --view all shows them")
    return found


def _begun(act: Act, case: int, target: int) -> None:
    """What agents had begun to note goes along; where one had begun in both, both stand there."""
    theirs = store.note_drafts(act.db, case)
    if not theirs:
        return
    ours = store.note_drafts(act.db, target)
    both = {who: "\n\n".join(x for x in (ours.get(who), text) if x) for who, text in theirs.items()}
    act.begun(case, {})
    act.begun(target, ours | both)


def _joined(
    db: Connection, target: int, before: Sequence[dict[str, Any]], others: Sequence[int]
) -> dict[str, Any]:
    """Columns of a case that has taken in others."""
    first = before[0]
    out = shown(db, target)
    dones = [one["done_at"] for one in before if one["done_at"] is not None]
    all_done = all(one["state"] == CaseState.DONE for one in before)
    whole = CaseState.DONE if all_done else CaseState.PENDING
    out |= state_of(out["waiting_since"], whole, max(dones, default=None))
    open_ones = [one for one in before if one["state"] != CaseState.DONE]
    asleep = bool(open_ones) and all(one["snoozed"] for one in open_ones)
    ends = [one["snoozed_until"] for one in open_ones if one["snoozed_until"] is not None]
    tags = sorted({tag for one in before for tag in one["tags"].split(",") if tag})
    out |= {
        "trouble": replies.trouble_of_case(db, target),
        "automatic": int(all(one["automatic"] for one in before)),
        "spam": int(all(one["spam"] for one in before)),
        "assignee": next((one["assignee"] for one in before if one["assignee"]), ""),
        "tags": ",".join(tags),
        "priority": max((one["priority"] for one in before), key=_PRIORITIES.index),
        "snoozed": int(asleep),
        "snoozed_until": min(ends, default=None) if asleep else None,
        **_promised(before, waits=out["waiting_since"] is not None),
        "ending": first["ending"] if all_done else "",
        "linked_id": None if first["linked_id"] in others else first["linked_id"],
    }
    return out


def _promised(before: Sequence[dict[str, Any]], *, waits: bool) -> dict[str, Any]:
    """The earliest promise holds for all of it, as long as an answer is owed."""
    promises = [(one["promised"], one["broken"]) for one in before if one["promised"] is not None]
    until, broken = min(promises) if promises and waits else (None, 0)
    return {"promised": until, "broken": broken}


def merge_persons(db: Connection, agent: str, now: int, wanted: Sequence[int]) -> Done:
    """The first of these persons takes in the others; their cases stay apart. Raises as merge."""
    listed = list(dict.fromkeys(person_of(db, one) for one in wanted))
    if len(listed) < 2:
        raise NothingToDo("these are one person already" if len(wanted) > 1 else "a merge takes two persons")
    act = Act(db, agent, now, "merge persons")
    for one in listed[1:]:
        take_person(act, listed[0], one)
    for case in act.cases:
        act.say(case, "persons merged", person=listed[0])
    return Done(act.finish(), person=listed[0])


def take_person(act: Act, target: int, other: int) -> None:
    """Identities, cases and proposals of a person are those of another from now on."""
    owned = store.cases_of(act.db, other)
    # Where he wrote on the other's behalf his threads stay, also when it is undone.
    supported = set(store.cases_of(act.db, target)) & set(supporters.cases_of(act.db, other))
    act.touch([*owned, *sorted(supported)])
    act.move("identities", "person_id", store.identities_of(act.db, other), other, target)
    act.move("cases", "person_id", owned, other, target)
    act.change("people", other, {"merged_into": target})
    kept.absorb(act, target, other)


def person_of(db: Connection, person: int) -> int:
    """The person, or the one who took him in. Raises NotFound."""
    lead = people.lead(db, person)
    if store.columns(db, "people", lead, ["id"]) is None:
        raise NotFound(
            f"there is no person {person}", "inbox-tui show CASE --json names the person of a case"
        )
    return lead


# --- split


def split(db: Connection, agent: str, now: int, case: int, threads: Sequence[int]) -> Done:
    """These threads of a case go on in a new one. Raises NotFound, UsageError."""
    record = recount.one(db, case)
    own = store.of_case(db, "threads", record.id)
    for thread in threads:
        if thread not in own:
            listed = ", ".join(map(str, own))
            raise NotFound(f"case {record.id} has no thread {thread}", f"its threads are: {listed}")
    wanted = list(dict.fromkeys(threads))
    if not wanted:
        raise UsageError("no thread is named", "name those that shall go: --thread T")
    if len(wanted) == len(own):
        raise UsageError("all threads of the case are named", "one must stay, or nothing is split")
    act = Act(db, agent, now, "split")
    made = part(act, record.id, wanted)
    return Done(act.finish(), made)


def own_matter(db: Connection, agent: str, now: int, case: int, person: int) -> Done:
    """A supporter of a case has a matter of his own: his threads go on in a case of his own.

    Raises NotFound, UsageError.
    """
    record, whose = recount.one(db, case), person_of(db, person)
    known = supporters.of_case(db, record.id)
    threads = [] if whose == record.person else supporters.threads_of(db, record.id, whose)
    if not threads and whose not in {one.id for one in known}:
        listed = ", ".join(f"{one.id} ({one.name})" for one in known) or "nobody"
        raise NotFound(f"person {whose} is no supporter of case {record.id}", f"its supporters are: {listed}")
    if not threads:
        raise UsageError(
            f"what person {whose} wrote stands in the customer's own thread",
            "he was given a copy of a mail there; write him a mail of his own",
        )
    act = Act(db, agent, now, "own matter")
    made = part(act, record.id, threads)
    return Done(act.finish(), made)


def part(act: Act, case: int, threads: Sequence[int]) -> int:
    """Move threads of a case into a new one."""
    act.touch([case])
    with_whom = store.threads_with(act.db, case)
    persons = [with_whom[one][1] for one in threads if one in with_whom]
    was = _columns(act.db, case)
    made = act.make_case(persons[0] if persons else was["person_id"], case)
    for table in ("messages", "replies"):
        act.move(table, "case_id", store.of_threads(act.db, table, case, threads), case, made)
    act.move("threads", "case_id", threads, case, made)
    for one in (case, made):
        out = shown(act.db, one)
        out |= state_of(out["waiting_since"], was["state"], was["done_at"])
        if out["state"] == CaseState.DONE or one == made:
            out |= {"snoozed": 0, "snoozed_until": None}
        if one == made:
            out |= {"automatic": was["automatic"], "spam": was["spam"]}
        act.change("cases", one, {**out, "trouble": replies.trouble_of_case(act.db, one)})
    act.say(case, "split", into=made, threads=list(threads))
    act.say(made, "split off", of=case)
    return made


def split_person(db: Connection, agent: str, now: int, person: int, identities: Sequence[int]) -> Done:
    """These identities are a person of their own, with the cases that are theirs alone.

    Raises NotFound, UsageError.
    """
    whose = person_of(db, person)
    known = {one.id: one for one in people.of_person(db, whose)}
    for one in identities:
        if one not in known:
            listed = ", ".join(map(str, known))
            raise NotFound(f"person {whose} has no identity {one}", f"the identities are: {listed}")
    wanted = list(dict.fromkeys(identities))
    if not wanted or len(wanted) == len(known):
        raise UsageError("at least one identity must go and one must stay", f"inbox-tui person show {whose}")
    act = Act(db, agent, now, "split person")
    first = known[wanted[0]]
    made = act.make_person(first.name or first.handle)
    act.move("identities", "person_id", wanted, whose, made)
    alone = [case for case in store.cases_of(db, whose) if of_these_alone(db, case, set(wanted))]
    act.touch(alone)
    act.move("cases", "person_id", alone, whose, made)
    kept.part(act, whose, made)
    for case in alone:
        act.say(case, "person split", person=made)
    return Done(act.finish(), person=made)


def of_these_alone(db: Connection, case: int, identities: set[int]) -> bool:
    """Whether a case is with these identities and nobody else; whoever supports it does not count."""
    listed = store.threads_with(db, case).values()
    persons = {person for identity, person in listed if identity in identities}
    found = {identity for identity, person in listed if person in (*persons, _person_of(db, case))}
    return bool(found) and found <= identities


# --- same person?


def accept(db: Connection, agent: str, now: int, proposal: int) -> Done:
    """They are the same: one person, and one case where both have an open one. Raises NotFound."""
    found = kept.open_one(db, proposal)
    act = Act(db, agent, now, "accept")
    pair = [case for case in (kept.case_of(db, found, one) for one in found.persons) if case is not None]
    records = cases.load(db, pair)
    pair.sort(key=lambda case: (records[case].opened_at, case))
    # Whoever is older keeps his number: agents know the case by it.
    target = records[pair[0]].person if pair else min(found.persons)
    other = next(one for one in found.persons if one != target)
    kept.decide(act, proposal, "accepted")
    if len(pair) == 2:
        join(act, pair)
    else:
        take_person(act, target, other)
    event = act.finish()
    return Done(event, pair[0] if len(pair) == 2 else None, target, tuple(pair[1:]))


def decline(db: Connection, agent: str, now: int, proposal: int) -> Done:
    """They are not the same, for good. Raises NotFound, NothingToDo."""
    kept.open_one(db, proposal)
    act = Act(db, agent, now, "decline")
    kept.decide(act, proposal, "declined")
    return Done(act.finish())


__all__ = [
    "Done",
    "accept",
    "decline",
    "join",
    "merge",
    "merge_persons",
    "of_these_alone",
    "own_matter",
    "part",
    "person_of",
    "split",
    "split_person",
    "take_person",
]
