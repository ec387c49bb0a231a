"""What a case shows, derived anew from its messages, replies and events."""

from __future__ import annotations

from typing import Any

from inbox_tui.desk import clock
from inbox_tui.errors import NotFound
from inbox_tui.model import CaseState, Ending
from inbox_tui.records import dataclass
from inbox_tui.store import cases, handoffs, messages, replies
from inbox_tui.store.cases import CaseRecord
from inbox_tui.store.driver import Connection


@dataclass(frozen=True, slots=True)
class Difference:
    """A case whose stored clock was not what its messages and events say."""

    case: int
    stored: int | None
    derived: int | None


def one(db: Connection, case: int) -> CaseRecord:
    """The case, for changing it; of one that was merged, the one that took it in. Raises NotFound."""
    case = cases.lead(db, case)
    record = cases.load(db, [case]).get(case)
    if record is None:
        raise NotFound(f"there is no case {case}", "inbox-tui list --view all shows them")
    return record


def answered(db: Connection, record: CaseRecord, written_at: int, *, aside: bool = False, now: int) -> None:
    """Clock and state after an answer was delivered.

    One that was begun before the agent said done, and arrived after it, leaves the case done. aside: it went
    to somebody else than the customer, who is not next because of it.
    """
    rested = record.state is CaseState.PENDING
    record.waiting_since = messages.oldest_owed(db, record.id)
    if record.promised is not None and record.waiting_since is None and not record.broken:
        cases.log(db, record.id, now, "", "promise_kept", until=record.promised)
    if record.state is CaseState.DONE and written_at <= (record.done_at or 0):
        return
    record.state = clock.state_when(record.waiting_since, record.state, answered=not aside)
    if aside and rested:
        # He was asked to go on elsewhere: a word with a supplier does not bring him back.
        record.state = CaseState.PENDING
    if record.state is not CaseState.DONE:
        record.done_at = None


def wait_again(db: Connection, record: CaseRecord, now: int, actor: str) -> None:
    """Our turn again: since the oldest message without an answer, else since the customer's last one."""
    if record.waiting_since is not None:
        record.state, record.done_at = CaseState.WAITING, None
        return
    last = messages.last_incoming(db, record.id)
    if last is not None:
        owe(db, record, last, now, actor)


def owe(db: Connection, record: CaseRecord, message: int, now: int, actor: str) -> None:
    """This message is owed an answer after all."""
    upto = messages.last_of_case(db, record.id)
    cases.log(db, record.id, now, actor, "reopened", message=message, after=upto)
    messages.owe(db, message)
    record.waiting_since = messages.oldest_owed(db, record.id)
    record.state = clock.state_when(record.waiting_since, CaseState.WAITING, answered=False)
    record.done_at, record.automatic = None, False


def close(db: Connection, record: CaseRecord, now: int, actor: str, *, thanks: bool = False) -> None:
    """The agent says that nothing more is owed. thanks: the customer's last word needed no answer."""
    unanswered = record.waiting_since is not None
    record.ending = Ending.THANKS if thanks else Ending.UNANSWERED if unanswered else Ending.ANSWERED
    upto = messages.last_of_case(db, record.id)
    messages.cover_case(db, record.id, upto)
    record.waiting_since, record.state, record.done_at = None, CaseState.DONE, now
    record.snoozed, record.snoozed_until = False, None
    cases.log(db, record.id, now, actor, "done", upto=upto, ending=str(record.ending))


def trouble(db: Connection, record: CaseRecord) -> None:
    """How many of its replies failed or are unknown."""
    record.trouble = replies.trouble_of_case(db, record.id)


def acts(db: Connection, case: int) -> list[clock.Act]:
    """What happened to a case, as the clock sees it."""
    return [act for kind, detail in cases.events(db, case) for act in acts_of(kind, detail)]


def acts_of(kind: str, detail: dict[str, Any]) -> list[clock.Act]:
    """What an event of a case means to its clock: nothing, as of most, or one or two acts."""
    out: list[clock.Act] = []
    if "settled" in detail:
        upto, still = detail["settled"]
        out.append(clock.Settled(upto, frozenset(still)))
    if kind == "sent" or (kind == "call" and "seen" in detail):
        out.append(clock.Covered(detail["seen"], detail.get("thread")))
    elif kind == "done":
        out.append(clock.Closed(detail["upto"]))
    elif kind == "reopened":
        out.append(clock.Reopened(detail["message"], detail["after"]))
    return out


def owed(db: Connection, case: int) -> frozenset[int]:
    """Ids of the messages that are owed an answer, by what was said and done."""
    return clock.owed(messages.entries(db, case), acts(db, case))


def rebuild(db: Connection, case: int) -> Difference | None:
    """Derive the clock of a case from scratch and store it; says what was different."""
    record = one(db, case)
    case = record.id
    entries = messages.entries(db, case)
    ids = clock.owed(entries, acts(db, case))
    since = min((entry.sent_at for entry in entries if entry.id in ids), default=None)
    before = record.waiting_since
    messages.set_owed(db, case, ids)
    record.waiting_since, record.timed = since, None
    rests = record.state is CaseState.PENDING and handoffs.rests(db, case)
    if not rests:
        record.state = clock.state_when(since, record.state, answered=False)
    if record.state is not CaseState.DONE:
        record.done_at = None
    cases.save(db, [record])
    return None if before == since else Difference(case, before, since)
