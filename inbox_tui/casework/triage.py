"""An act of an agent on one or many cases: what it changes, and how it is taken back.

Each act is one event of the kind ``step``. It holds what every case was before and after, so that undoing
puts back exactly that, and only where nobody changed it since.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from inbox_tui.casework import recount, unmerging
from inbox_tui.desk import clock
from inbox_tui.errors import NotFound, NothingToDo
from inbox_tui.model import Acted, CaseState, Ending, Priority, Undone
from inbox_tui.store import agents, cases, listing, merging, messages
from inbox_tui.store import triage as steps
from inbox_tui.store.cases import CaseRecord
from inbox_tui.store.driver import Connection

Change = Callable[[Connection, CaseRecord], str]
"""Changes a case in memory, and its messages in the store; returns why it leaves it alone, or nothing."""

_FIELDS = (
    *("state", "automatic", "waiting_since", "done_at", "assignee", "tags", "priority"),
    *("snoozed", "snoozed_until", "spam", "promised", "broken", "snooze_again", "ending"),
)

_AKIN = {
    **dict.fromkeys(("snooze", "wake"), ("snooze", "wake")),
    **dict.fromkeys(("done", "reopen", "automatic"), ("done", "reopened", "automatic")),
}
"""Acts that change the same fields, as their events are called; others are akin to themselves alone."""

_LOGGED = ("done", "reopen", "promise")
"""Acts that write their own event, because the clock is derived from it."""


def act(
    db: Connection,
    agent: str,
    now: int,
    kind: str,
    wanted: Sequence[int],
    change: Change,
    treated: str | None = None,
) -> Acted:
    """Do it to each of these cases. treated: what is remembered of their senders. Raises NotFound."""
    changes: list[dict[str, Any]] = []
    skipped: list[tuple[int, str]] = []
    for record in (recount.one(db, case) for case in dict.fromkeys(cases.lead(db, one) for one in wanted)):
        case = record.id
        before, last = _state(db, record), _last_event(db)
        why = change(db, record)
        if why:
            skipped.append((case, why))
            continue
        cases.save(db, [record])
        if kind not in _LOGGED:
            cases.log(db, case, now, agent, kind)
        after = _state(db, record)
        different = [key for key in before if before[key] != after[key]]
        changes.append(
            {
                "case": case,
                "before": {key: before[key] for key in different},
                "after": {key: after[key] for key in different},
                "events": list(range(last + 1, _last_event(db) + 1)),
                "senders": _treat(db, case, treated),
            }
        )
    if changes:
        cases.log(db, None, now, agent, "step", act=kind, changes=changes, treated=treated)
    return Acted(kind, tuple(one["case"] for one in changes), tuple(skipped))


def undo(db: Connection, agent: str, now: int) -> Undone | NothingToDo:
    """Take back an agent's newest act; the error where that would be untrue now, and the act is passed over.

    Raises NothingToDo where there is none.
    """
    found = steps.last_step(db, agent)
    if found is None:
        raise NothingToDo("there is no act of yours to undo")
    step, detail = found
    if detail["act"] in merging.ACTS:
        return _taken_back(db, agent, now, step, unmerging.undo(db, agent, now, step, detail))
    steps.undone(db, [step])
    changes = detail["changes"]
    records = cases.load(db, [one["case"] for one in changes])
    for one in changes:
        why = _why_not(db, agent, step, detail, one, records.get(one["case"]))
        if why:
            return NothingToDo(
                f'"{detail["act"]}" of case {one["case"]} is not undone: {why}',
                "the act before it can be undone: undo again",
            )
    for one in changes:
        _restore(db, records[one["case"]], one)
    return _taken_back(db, agent, now, step, Undone(detail["act"], tuple(one["case"] for one in changes)))


def _taken_back(db: Connection, agent: str, now: int, step: int, done: Undone) -> Undone:
    """Who took it back, and when, stands in the log, too."""
    cases.log(db, None, now, agent, "undone", act=done.act, of=step)
    return done


def undo_act(db: Connection, agent: str, now: int, event: int) -> Undone:
    """Take back a merge or a split, whoever did it and whenever. Raises NotFound, NothingToDo."""
    found = merging.step(db, event)
    if found is None:
        raise NotFound(f"there is no act {event}", "inbox-tui history CASE lists those of a case")
    was_undone, detail = found
    if was_undone:
        raise NothingToDo(f"act {event} was undone already")
    if detail["act"] not in merging.ACTS:
        raise NothingToDo(f'act {event} ("{detail["act"]}") is neither a merge nor a split', "inbox-tui undo")
    return _taken_back(db, agent, now, event, unmerging.undo(db, agent, now, event, detail))


def _why_not(
    db: Connection,
    agent: str,
    step: int,
    detail: dict[str, Any],
    one: dict[str, Any],
    record: CaseRecord | None,
) -> str:
    """What makes it untrue to put this case back; empty where nothing does."""
    if record is None:
        return "the case is gone, or another one took it in"
    now, akin = _state(db, record), _AKIN.get(detail["act"], (detail["act"],))
    # The same values may stand there because another agent set them: then they are his.
    if any(now[key] != value for key, value in one["after"].items()) or steps.others_did(
        db, record.id, step, agent, akin
    ):
        return "the case was changed since"
    for identity, before in one["senders"]:
        if before != detail.get("treated") and (
            steps.treated(db, identity) != detail.get("treated")
            or steps.others_said(db, identity, step, agent)
        ):
            return "what is said of its sender was changed since"
    if "owed" in one["before"] and _owed_without(db, record.id, one["events"]) != one["before"]["owed"]:
        return "the customer was answered since"
    return ""


def _owed_without(db: Connection, case: int, events: Sequence[int]) -> list[int]:
    """What would be owed had these events not been."""
    steps.undone(db, events)
    found = recount.owed(db, case)
    steps.undone(db, events, yes=False)
    return sorted(found)


def _restore(db: Connection, record: CaseRecord, one: dict[str, Any]) -> None:
    before = one["before"]
    kinds: dict[str, Callable[[Any], Any]] = {
        "state": CaseState,
        "priority": Priority,
        "tags": tuple,
        "ending": Ending,
    }
    for key in before.keys() - {"owed"}:
        setattr(record, key, kinds.get(key, lambda value: value)(before[key]))
    if "owed" in before:
        messages.set_owed(db, record.id, before["owed"])
    cases.save(db, [record])
    steps.undone(db, one["events"])
    for identity, before_it in one["senders"]:
        steps.treat(db, identity, before_it)


def wake_due(db: Connection, now: int) -> None:
    """Bring back what was snoozed until now; a promise that has passed without an answer is broken."""
    for record in cases.load(db, listing.late_promises(db, now)).values():
        record.broken, record.snoozed, record.snoozed_until = True, False, None
        record.state = clock.state_when(record.waiting_since, record.state, answered=False)
        cases.save(db, [record])
        cases.log(db, record.id, now, "", "promise_broken", until=record.promised)
    for record in cases.load(db, listing.due_to_wake(db, now)).values():
        record.snoozed, record.snoozed_until = False, None
        cases.save(db, [record])
        cases.log(db, record.id, now, "", "woke")
    if listing.late_handoffs(db, now):
        from inbox_tui.casework import handoff  # hardly ever

        handoff.come_back(db, now)


def fall_back(db: Connection, now: int, away: int, *, but: str = "") -> None:
    """What belongs to agents who are not here is nobody's again. away: milliseconds; 0: it stays theirs.

    but: this one is here, whenever he was seen.
    """
    for name, due in left_behind(db, now, away, but=but).items():
        for record in cases.load(db, due).values():
            record.assignee = ""
            cases.save(db, [record])
            cases.log(db, record.id, now, "", "fell_back", agent=name)


def left_behind(db: Connection, now: int, away: int, *, but: str = "") -> dict[str, list[int]]:
    """Cases of agents who are not here, by agent, that are to fall back. As `fall_back`.

    A case that he was given meanwhile has its time, too: whoever gave it knew that he is away.
    """
    out: dict[str, list[int]] = {}
    for name in agents.owners(db) if away else ():
        if name == but or (agents.last_seen(db, name) or 0) > now - away:
            continue
        due = [case for case in agents.owned(db, name) if agents.assigned_at(db, case) <= now - away]
        out |= {name: due} if due else {}
    return out


def _state(db: Connection, record: CaseRecord) -> dict[str, Any]:
    """Everything that an act can change, as JSON has it."""
    found: dict[str, Any] = {name: getattr(record, name) for name in _FIELDS}
    return found | {"tags": list(record.tags), "owed": steps.owed(db, record.id)}


def _last_event(db: Connection) -> int:
    return int(db.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()[0])


def _treat(db: Connection, case: int, treated: str | None) -> list[tuple[int, str]]:
    """Remember it of the senders; returns what was said of them before."""
    if treated is None:
        return []
    before = steps.senders(db, case)
    for identity in before:
        steps.treat(db, identity, treated)
    return list(before.items())


# --- what the acts change


def assign(agent: str) -> Change:
    """To an agent; empty: to nobody."""

    def change(_db: Connection, record: CaseRecord) -> str:
        if record.assignee == agent:
            return f"{agent} has it already" if agent else "nobody has it"
        record.assignee = agent
        return ""

    return change


def tag(add: Sequence[str], remove: Sequence[str]) -> Change:
    """Put tags on, take tags off."""

    def change(_db: Connection, record: CaseRecord) -> str:
        after = tuple(sorted({*record.tags, *add} - set(remove)))
        if after == record.tags:
            return "it has these tags already" if add else "it has none of these tags"
        record.tags = after
        return ""

    return change


def prioritise(priority: Priority) -> Change:
    """Give a priority."""

    def change(_db: Connection, record: CaseRecord) -> str:
        if record.priority is priority:
            return f"its priority is {priority} already"
        record.priority = priority
        return ""

    return change


def snooze(until: int | None) -> Change:
    """Hide it from the queue until a time, or (None) until the customer writes."""

    def change(_db: Connection, record: CaseRecord) -> str:
        if record.state is CaseState.DONE:
            return "it is done"
        if record.snoozed and record.snoozed_until == until:
            return "it is snoozed until then already"
        record.snoozed, record.snoozed_until = True, until
        record.snooze_again = until if until is not None else record.snooze_again
        return ""

    return change


def snooze_again(now: int) -> Change:
    """Hide it until the time to which it was snoozed last."""

    def change(db: Connection, record: CaseRecord) -> str:
        until = record.snooze_again
        if until is None:
            return "it was never snoozed until a time"
        return "that time has passed" if until <= now else snooze(until)(db, record)

    return change


def promise(now: int, agent: str, until: int) -> Change:
    """The customer was told that he hears from us by then; he is owed that, whoever's turn it was."""

    def change(db: Connection, record: CaseRecord) -> str:
        if record.promised == until:
            return "that was promised already"
        if record.state is not CaseState.WAITING:
            why = _owe(db, record, now, agent)
            if why:
                return why
        note_promise(db, record, until, agent, now)
        return ""

    return change


def note_promise(db: Connection, record: CaseRecord, until: int, agent: str, now: int) -> None:
    """The customer was told it. It holds as long as he is owed an answer."""
    record.promised, record.broken = until, until <= now
    cases.log(db, record.id, now, agent, "promise", until=until)


def wake(_db: Connection, record: CaseRecord) -> str:
    """Back into the queue."""
    if not record.snoozed:
        return "it is not snoozed"
    record.snoozed, record.snoozed_until = False, None
    return ""


def spam(yes: bool) -> Change:
    """Not a customer, or one after all."""

    def change(_db: Connection, record: CaseRecord) -> str:
        if record.spam == yes:
            return "it is spam already" if yes else "it is no spam"
        record.spam = yes
        return ""

    return change


def automatic(now: int, agent: str, yes: bool) -> Change:
    """A machine wrote it, or a person did."""

    def change(db: Connection, record: CaseRecord) -> str:
        if record.automatic == yes:
            return "it is automatic already" if yes else "a person wrote it"
        if not yes:
            return _owe(db, record, now, agent)
        if record.state is not CaseState.DONE:
            recount.close(db, record, now, agent)
        record.automatic, record.snoozed, record.snoozed_until = True, False, None
        return ""

    return change


def done(now: int, agent: str, seen: dict[int, int], *, thanks: bool = False) -> Change:
    """Nothing more is owed. seen: the last message that the agent was shown, by case.

    thanks: the customer's last word needed no answer, so that none is missing.
    """

    def change(db: Connection, record: CaseRecord) -> str:
        if record.state is CaseState.DONE:
            return "it is done already"
        if record.id in seen and messages.owed_after(db, record.id, seen[record.id]):
            return "the customer wrote meanwhile"
        recount.close(db, record, now, agent, thanks=thanks)
        return ""

    return change


def reopen(now: int, agent: str) -> Change:
    """The customer is owed an answer after all, since his last message."""

    def change(db: Connection, record: CaseRecord) -> str:
        if record.state is CaseState.WAITING:
            return "it is waiting already"
        return _owe(db, record, now, agent)

    return change


def _owe(db: Connection, record: CaseRecord, now: int, agent: str) -> str:
    last = messages.last_incoming(db, record.id)
    if last is None:
        return "it has no message of a customer that could be answered"
    recount.owe(db, record, last, now, agent)
    record.snoozed, record.snoozed_until = False, None
    return ""
