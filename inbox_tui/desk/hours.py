"""Office hours: when time counts towards a promise of the firm, and when it does not.

Wall-clock hours of a time zone; over a change of the clock a day has as many of them as the zone says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from inbox_tui.desk.clock import MINUTE
from inbox_tui.records import dataclass

FARTHEST = 400
"""Days that are looked at for an open hour; beyond them there is none."""

Spans = tuple[tuple[int, int], ...]
"""Begin and end of open hours in minutes of the day, in order, apart from each other."""


@dataclass(frozen=True, slots=True)
class Part:
    """A day on the way to a due time."""

    day: date
    minutes: int
    """That count on it."""
    why: str
    """Where it counts nothing, the reason: the name of a holiday, or closed; else empty."""


class OfficeHours:
    """When the firm is there. A value: it never changes, and keeps the days that it has worked out."""

    def __init__(self, week: Sequence[Spans], closed: Mapping[str, str], zone: tzinfo) -> None:
        """week: seven of them, from Monday. closed: by day as 2026-12-25, the reason."""
        self.week = tuple(week)
        self.closed = dict(closed)
        self.zone = zone
        self._known: dict[date, tuple[tuple[int, int], ...]] = {}

    def spans(self, day: date) -> tuple[tuple[int, int], ...]:
        """The open hours of a day, begin and end in milliseconds UTC."""
        found = self._known.get(day)
        if found is None:
            wanted = () if self.why_closed(day) else self.week[day.weekday()]
            found = tuple((self._at(day, begin), self._at(day, end)) for begin, end in wanted)
            if len(self._known) > 2 * FARTHEST:
                self._known.clear()
            self._known[day] = found
        return found

    def _at(self, day: date, minute: int) -> int:
        if minute >= 1440:
            day, minute = day + timedelta(days=1), 0
        at = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=self.zone)
        return round(at.timestamp() * 1000)

    def why_closed(self, day: date) -> str:
        """Why a day has no hours that it would have by its weekday; empty where it has them."""
        return self.closed.get(day.isoformat(), "")

    def day_of(self, at: int) -> date:
        """The day here of a time in milliseconds UTC."""
        return datetime.fromtimestamp(at / 1000, self.zone).date()

    def is_open(self, at: int) -> bool:
        """Whether somebody is there."""
        return any(begin <= at < end for begin, end in self.spans(self.day_of(at)))

    def opens(self, at: int) -> int | None:
        """From when on somebody is there: this time itself, or the next opening; None: never."""
        for _, begin, end in self._from(at):
            if end > at:
                return max(begin, at)
        return None

    def _from(self, at: int) -> Iterator[tuple[date, int, int]]:
        first = self.day_of(at)
        for ahead in range(FARTHEST):
            day = first + timedelta(days=ahead)
            for begin, end in self.spans(day):
                yield day, begin, end

    def after(self, at: int, minutes: int) -> int | None:
        """The time when so many open minutes have passed since; None where there are never so many."""
        left = minutes * MINUTE
        for _, begin, end in self._from(at):
            length = end - max(begin, at)
            if length >= left and length > 0:
                return max(begin, at) + left
            left -= max(length, 0)
        return None

    def parts(self, at: int, until: int) -> tuple[Part, ...]:
        """Day by day what counts between two times, days that count nothing among them."""
        out: list[Part] = []
        day, last = self.day_of(at), self.day_of(until)
        while day <= last and len(out) < FARTHEST:
            counted = sum(max(0, min(end, until) - max(begin, at)) for begin, end in self.spans(day))
            why = self.why_closed(day) or ("" if self.week[day.weekday()] else "closed")
            out.append(Part(day, round(counted / MINUTE), why))
            day += timedelta(days=1)
        return tuple(out)


def zone_of(name: str) -> tzinfo:
    """A time zone by its name, or by its offset in minutes as ``+120``. Raises ValueError."""
    if name[:1] in ("+", "-"):
        return timezone(timedelta(minutes=int(name)))
    try:
        return ZoneInfo(name)
    except (OSError, KeyError):
        raise ValueError(f"{name[:60]} is no time zone") from None


__all__ = ["FARTHEST", "OfficeHours", "Part", "Spans", "zone_of"]
