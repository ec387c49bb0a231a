"""Which case does a message belong to.

In this order: the code of a hand-off that came in private (`desk.handoff`); the thread is known and the
writer takes part in it; a mail refers to a known thread of which its writer is a participant; the same
identity has an open case that moved lately, or in which it is awaited; it stands in another customer's
exchange, whose case is open (`casework.supporting`); else a new case. Nothing else joins by
itself: a join shows one customer's words to whoever answers another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from inbox_tui.desk.clock import DAY, HOUR
from inbox_tui.model import Automatic, CaseState
from inbox_tui.records import dataclass


class CaseFacts(Protocol):
    """What matching needs to know of a case, and may not change."""

    @property
    def id(self) -> int: ...
    @property
    def state(self) -> CaseState: ...
    @property
    def opened_at(self) -> int: ...
    @property
    def updated_at(self) -> int: ...
    @property
    def done_at(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Rules:
    """Numbers of the rules, in hours and days."""

    join_hours: int = 72
    reopen_days: int = 14


@dataclass(frozen=True, slots=True)
class Decision:
    """Where it goes."""

    case: int | None
    """None: a new case."""
    linked: int | None = None
    """The case that a new one continues."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A thread that a mail refers to."""

    thread: int
    participants: frozenset[str]


def thread_of(writer: str | None, candidates: Iterable[Candidate], *, forged: bool) -> int | None:
    """The thread that a mail goes on with: one it refers to and in which its writer takes part.

    A reference alone is not enough: anybody can write one. candidates: nearest reference first.
    """
    if writer is None or forged:
        return None
    return next((c.thread for c in candidates if writer in c.participants), None)


def which_case(
    sent_at: int,
    *,
    automatic: Automatic,
    thread_case: CaseFacts | None,
    open_cases: Sequence[CaseFacts],
    forged: bool,
    rules: Rules,
    endless: bool = False,
    exchange: CaseFacts | None = None,
    awaited: Collection[int] = (),
) -> Decision:
    """Where a message goes.

    thread_case: the case of the thread that it goes on with, None for a new thread.
    open_cases: the cases of the same identity that are not done.
    endless: the thread is a conversation that never ends; where its case is done, an open one comes first.
    exchange: the case of another customer in whose exchange it was written; whoever has no matter of his own
    writes there on that customer's behalf.
    awaited: cases whose customer was asked to come here: however long ago, they go before others of his.
    """
    over = thread_case is not None and thread_case.state is CaseState.DONE
    if thread_case is not None and not (endless and over and _near(open_cases, sent_at, rules, awaited)):
        if _too_long_done(thread_case, sent_at, rules) and automatic is Automatic.NO:
            return Decision(None, linked=thread_case.id)
        return Decision(thread_case.id)
    if forged or automatic is not Automatic.NO:
        return Decision(None)
    near = _near(open_cases, sent_at, rules, awaited)
    own = any(case.opened_at <= sent_at for case in near)
    if exchange is not None and exchange.state is not CaseState.DONE and not own:
        return Decision(exchange.id)
    if near:
        return Decision(max(near, key=lambda case: (case.id in awaited, case.updated_at, case.id)).id)
    return Decision(None)


def bridged(case: CaseFacts, sent_at: int, open_cases: Sequence[CaseFacts], rules: Rules) -> list[int]:
    """Other cases of the same identity that a message of this one would have gone to as well.

    Read in the order in which they were written, all of it would stand in one case. open_cases: that the
    identity itself began; a case that is none of them, or is over, joins nothing.
    """
    if all(one.id != case.id for one in open_cases):
        return []
    return [one.id for one in open_cases if one.id != case.id and _moves(one, sent_at, rules)]


def _too_long_done(case: CaseFacts, sent_at: int, rules: Rules) -> bool:
    return (
        case.state is CaseState.DONE
        and case.done_at is not None
        and sent_at - case.done_at > rules.reopen_days * DAY
    )


def _near(
    open_cases: Sequence[CaseFacts], sent_at: int, rules: Rules, awaited: Collection[int]
) -> list[CaseFacts]:
    return [case for case in open_cases if _moves(case, sent_at, rules) or case.id in awaited]


def _moves(case: CaseFacts, sent_at: int, rules: Rules) -> bool:
    """Whether the case was active when the message was written, or shortly before or after."""
    margin = rules.join_hours * HOUR
    return case.state is not CaseState.DONE and case.opened_at - margin <= sent_at <= case.updated_at + margin
