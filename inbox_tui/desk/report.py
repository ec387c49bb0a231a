"""How long a customer waited: the times in which an answer was owed, from what was said and done.

By the same rule as `desk.clock.owed`, message by message: when did each begin to be owed an answer, and what
ended that. So it is right over any number of threads, cases that were merged, suppliers and supporters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from inbox_tui.desk import clock
from inbox_tui.desk.clock import Closed, Covered, Entry, Reopened, Settled
from inbox_tui.model import Stretch
from inbox_tui.records import dataclass


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that moved the clock of a case."""

    event: int
    """Its number: deeds took effect in this order."""
    case: int
    at: int
    """Milliseconds UTC: when the customer had it."""
    act: clock.Act
    how: str
    """answered, called, done; empty where it ends no wait."""


CaseAt = Callable[[int, int], int]
"""In which case a message stood when an event happened."""


def spans(entries: Iterable[Entry], deeds: Sequence[Deed], case_at: CaseAt) -> tuple[Stretch, ...]:
    """For each message that was ever owed an answer: from when to when, oldest first.

    deeds: in their order, of every case in which these messages stood.
    """
    known = list(entries)
    elsewhere = [one for one in known if clock.answers_elsewhere(one)]
    out: list[Stretch] = []
    for entry in known:
        own = [deed for deed in deeds if deed.case == case_at(entry.id, deed.event)]
        span = _span(entry, own, elsewhere)
        if span is not None and span.end != span.begin:
            out.append(span)
    return tuple(sorted(out, key=lambda one: (one.begin, one.end is None, one.end or 0)))


def _span(entry: Entry, deeds: Sequence[Deed], elsewhere: Sequence[Entry]) -> Stretch | None:
    """When this message was owed an answer; None: never."""
    owed, end, how, since = clock.starts_clock(entry), None, "", 0
    for deed in deeds:
        match deed.act:
            case Reopened(message=message, after=after) if message == entry.id:
                owed, end, how, since = True, None, "", after
            case Settled(upto=upto, owed=still) if upto >= entry.id:
                if entry.id in still:
                    owed, end, how, since = True, None, "", upto
                elif end is None:
                    end, how = deed.at, "answered"
            case act if end is None and _ends(act, entry):
                end, how = deed.at, deed.how
    if not owed:
        return None
    answers = [
        one.sent_at
        for one in elsewhere
        if one.thread == entry.thread and one.sent_at >= entry.sent_at and one.id > since
    ]
    first = min(answers, default=None)
    if first is not None and (end is None or first <= end):
        end, how = first, "answered"
    return Stretch(entry.sent_at, None if end is None else max(end, entry.sent_at), how)


def _ends(act: clock.Act, entry: Entry) -> bool:
    match act:
        case Covered(seen=upto, thread=one):
            return upto >= entry.id and one in (None, entry.thread)
        case Closed(upto=upto):
            return upto >= entry.id
        case _:
            return False


def stretches(found: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """The times in which something was owed an answer, oldest first; the last one may go on.

    Where one answer came while another message was owed one already, the wait went on. What began before
    the wait that still goes on, and was answered in it, stays a stretch of its own.
    """
    since = min((one.begin for one in found if one.end is None), default=None)
    out: list[Stretch] = []
    for one in found:
        if one.end is None or (since is not None and one.begin >= since):
            continue
        last = out[-1] if out else None
        if last is not None and last.end is not None and one.begin < last.end:
            if one.end > last.end:
                out[-1] = Stretch(last.begin, one.end, one.how)
        else:
            out.append(one)
    return (*out, *([Stretch(since, None, "")] if since is not None else []))


def first_answer(found: Sequence[Stretch]) -> int | None:
    """Milliseconds from the first message that was owed an answer to the first answer; None: no answer."""
    ends = [one.end for one in found if one.end is not None and one.how in ("answered", "called")]
    return min(ends) - found[0].begin if ends else None


def waited(found: Sequence[Stretch], now: int) -> int:
    """Milliseconds in which an answer was owed."""
    total, until = 0, 0
    for one in sorted(found, key=lambda each: each.begin):
        end = one.end if one.end is not None else now
        total += max(0, end - max(one.begin, until))
        until = max(until, end)
    return total
