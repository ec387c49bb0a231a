"""Who is owed an answer, and since when.

`owed` states the rule over a whole case and can rebuild it at any time; `casework` applies the same rule
step by step. A property test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from inbox_tui.model import Automatic, CaseState, Direction, Kind
from inbox_tui.records import dataclass

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Entry:
    """What the clock needs to know of one stored message."""

    id: int
    """Store id: the order in which messages were stored."""
    thread: int | None
    direction: Direction
    kind: Kind
    automatic: Automatic
    history: bool
    """Older than the account's first day: nobody waits because of it."""
    sent_at: int
    elsewhere: bool = False
    """Outgoing, written with another program (Sent folder, the platform's own app)."""


@dataclass(frozen=True, slots=True)
class Covered:
    """A reply was delivered; it covers what its author had been shown."""

    seen: int
    thread: int | None = None
    """It answers this thread alone: what a supplier is written is no answer to the customer."""


@dataclass(frozen=True, slots=True)
class Closed:
    """An agent said done; nothing up to here is owed any more."""

    upto: int


@dataclass(frozen=True, slots=True)
class Reopened:
    """An agent said that this message is owed an answer after all."""

    message: int
    after: int
    """The newest message stored when he said so."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Cases were merged or split: of what was stored until then exactly these are still owed an answer.

    What their acts before covered was said of other messages than those which stand together now.
    """

    upto: int
    owed: frozenset[int]


Act = Covered | Closed | Reopened | Settled


def starts_clock(entry: Entry) -> bool:
    """A customer's own words, younger than the first day."""
    return (
        entry.direction is Direction.IN
        and entry.kind in (Kind.MESSAGE, Kind.CALL)
        and entry.automatic is Automatic.NO
        and not entry.history
    )


def answers_elsewhere(entry: Entry) -> bool:
    """The firm's own words, written by a person with another program."""
    return (
        entry.elsewhere
        and entry.direction is Direction.OUT
        and entry.kind is Kind.MESSAGE
        and entry.automatic is Automatic.NO
    )


def owed(entries: Iterable[Entry], acts: Sequence[Act]) -> frozenset[int]:
    """Ids of the messages still owed an answer. acts: in the order in which they took effect.

    What was written elsewhere covers its own thread up to its time: whoever wrote it there saw that thread,
    and the two folders may be read in any order. What was written here covers what was shown, on all threads;
    to a supplier or colleague, in his thread.
    """
    known = list(entries)
    elsewhere = [e for e in known if answers_elsewhere(e)]
    out = set()
    for entry in known:
        reopened = _reopened_after(entry.id, acts)
        if not starts_clock(entry) and reopened is None:
            continue
        if _still_owed(entry, acts) and not any(
            o.thread == entry.thread and o.sent_at >= entry.sent_at and (reopened is None or o.id > reopened)
            for o in elsewhere
        ):
            out.add(entry.id)
    return frozenset(out)


def _reopened_after(message: int, acts: Sequence[Act]) -> int | None:
    for act in reversed(acts):
        if isinstance(act, Reopened) and act.message == message:
            return act.after
        if isinstance(act, Settled) and act.upto >= message:
            # What was written elsewhere before has been taken into account.
            return act.upto
    return None


def _still_owed(entry: Entry, acts: Sequence[Act]) -> bool:
    is_owed = True
    for act in acts:
        match act:
            case Covered(seen=upto, thread=one) if upto >= entry.id and one in (None, entry.thread):
                is_owed = False
            case Closed(upto=upto) if upto >= entry.id:
                is_owed = False
            case Reopened(message=message) if message == entry.id:
                is_owed = True
            case Settled(upto=upto, owed=still) if upto >= entry.id:
                is_owed = entry.id in still
    return is_owed


def waiting_since(entries: Sequence[Entry], acts: Sequence[Act]) -> int | None:
    """Time of the oldest message still owed an answer; None where none is owed."""
    ids = owed(entries, acts)
    return min((entry.sent_at for entry in entries if entry.id in ids), default=None)


def state_when(since: int | None, before: CaseState, *, answered: bool) -> CaseState:
    """State of a case whose oldest unanswered message is `since`.

    answered: an answer has just been delivered: the customer is next. Without one a case that is owed nothing
    stays as it is, but for a waiting one, which then is pending.
    """
    if since is not None:
        return CaseState.WAITING
    if answered or before is CaseState.WAITING:
        return CaseState.PENDING
    return before


def spoken(span: int) -> str:
    """A wait in words, in one unit or two: ``40 min``, ``9 h``, ``4 d 4 h``."""
    span = max(span, 0)
    if span < HOUR:
        return f"{span // MINUTE} min"
    if span < 2 * DAY:
        return f"{span // HOUR} h"
    days, rest = divmod(span, DAY)
    return f"{days} d {rest // HOUR} h"
