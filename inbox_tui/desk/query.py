"""What an agent searches for, from the text that he types. Pure; no text is an error but for a wrong value.

refund "no service" order*  from:hajo channel:x tag:vip is:waiting has:attachment before:2026-11-01 -spam
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, tzinfo

from inbox_tui.desk.folding import fold
from inbox_tui.errors import UsageError
from inbox_tui.records import dataclass

FIELDS = ("from", "channel", "tag", "is", "has", "before", "after")
STATES = (
    *("waiting", "pending", "done", "snoozed", "mine", "unassigned", "automatic", "spam", "low", "high"),
    "urgent",
)
"""Values of ``is:``."""

_PART = re.compile(r'(-?)(?:([A-Za-z]+):)?("[^"]*"?|\S+)')
_CASE = re.compile(r"#(\d{1,15})")
_AGO = re.compile(r"(\d{1,4})([dwmy])")
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a phrase, folded."""

    text: str
    prefix: bool = False
    negative: bool = False
    author: bool = False
    """It stands in the name, handle or address of who wrote, not in the text."""


@dataclass(frozen=True, slots=True)
class Filter:
    """channel, tag, is or has with its value, folded."""

    field: str
    value: str
    negative: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """All of it must be true of a message and its case."""

    terms: tuple[Term, ...] = ()
    filters: tuple[Filter, ...] = ()
    after: int | None = None
    """Written at this time or later, milliseconds UTC."""
    before: int | None = None
    """Written earlier than this."""
    case: int | None = None

    @property
    def empty(self) -> bool:
        """Nothing is asked."""
        return self == Query()

    @property
    def of_messages(self) -> bool:
        """Something is asked of a message, not of its case alone."""
        dated = self.after is not None or self.before is not None
        return dated or bool(self.terms) or any(one.field == "has" for one in self.filters)

    def within(self, time: int) -> bool:
        """Whether that time is not before, nor after, what is asked."""
        early = self.after is not None and time < self.after
        return not early and (self.before is None or time < self.before)

    def values(self, field: str) -> list[str]:
        """What a field must be."""
        return [f.value for f in self.filters if f.field == field and not f.negative]


def parse(text: str, now: int, zone: tzinfo, *, typing: bool = False) -> Query:
    """The query behind a text. typing: it is not through yet, so that its last word may go on.

    Raises UsageError for a value that a field cannot have; anything else that is typed is a word.
    """
    terms: list[Term] = []
    filters: list[Filter] = []
    times: dict[str, int] = {}
    case: int | None = None
    text = text.replace("\0", " ")
    parts = list(_PART.finditer(text))
    for place, part in enumerate(parts):
        negative, field, given = bool(part[1]), (part[2] or "").lower(), part[3]
        last = typing and place == len(parts) - 1 and not text[-1:].isspace()
        if field not in FIELDS:
            given, field = part[0][len(part[1]) :], ""
        value = fold(given.strip('"').rstrip("*") if field else given)
        number = _CASE.fullmatch(given)
        if field in ("before", "after"):
            if not (last and _unfinished(value)):
                _narrow(times, field, _time(field, value, now, zone), negative)
        elif number and not negative:
            case = int(number[1])
        elif field == "from":
            terms += [Term(word, True, negative, author=True) for word in [value.strip()] if word]
        elif field:
            if value and not (last and field in ("is", "has") and value not in (*STATES, "attachment")):
                filters.append(_filter(field, value, negative))
        else:
            terms += _term(given, negative, last)
    return Query(tuple(terms), tuple(filters), times.get("after"), times.get("before"), case)


def _narrow(times: dict[str, int], field: str, time: int, negative: bool) -> None:
    """Of several dates the narrowest counts. What was not written before a day was written on it or after."""
    if (field == "after") is not negative:
        times["after"] = max(time, times.get("after", time))
    else:
        times["before"] = min(time, times.get("before", time))


def _term(given: str, negative: bool, last: bool) -> list[Term]:
    if given.startswith('"'):
        phrase = " ".join(fold(given.strip('"')).split())
        return [Term(phrase, last and not given[1:].endswith('"'), negative)] if phrase else []
    word = fold(given.rstrip("*")).strip('"')
    prefix = given.endswith("*") or last
    return [Term(word, prefix, negative)] if word.strip() and word != "-" else []


def _filter(field: str, value: str, negative: bool) -> Filter:
    allowed = {"is": STATES, "has": ("attachment",)}.get(field)
    if allowed and value not in allowed:
        raise UsageError(f'"{value[:40]}" is nothing that {field}: knows', f"{field}: " + ", ".join(allowed))
    return Filter(field, {"mail": "email"}.get(value, value) if field == "channel" else value, negative)


def _unfinished(value: str) -> bool:
    return not (_DATE.fullmatch(value) or _AGO.fullmatch(value) or value in ("today", "yesterday"))


def _time(field: str, value: str, now: int, zone: tzinfo) -> int:
    today = datetime.fromtimestamp(now / 1000, zone).date()
    day = _day(value, today)
    if day is None:
        raise UsageError(f'"{value[:40]}" is no date', f"{field}:2026-11-01, {field}:2026-10, {field}:7d")
    return int(datetime.combine(day, datetime.min.time(), zone).timestamp() * 1000)


def _day(value: str, today: date) -> date | None:
    if value in ("today", "yesterday"):
        return today - timedelta(days=value == "yesterday")
    ago, named = _AGO.fullmatch(value), _DATE.fullmatch(value)
    try:
        if ago:
            return today - timedelta(days=int(ago[1]) * _DAYS[ago[2]])
        if named and 1970 <= int(named[1]) <= 9000:
            return date(int(named[1]), int(named[2] or 1), int(named[3] or 1))
    except (ValueError, OverflowError):
        return None
    return None
