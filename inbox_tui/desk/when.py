"""A time as an agent types it: "2h", "tomorrow 9", "fri 14:30", "24.12. 9", "next week". Also in German.

A day without an hour means `MORNING`; an hour of today that has passed means tomorrow's. Daylight saving is
the time zone's: "tomorrow 9" is nine o'clock there, however many hours that is.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, tzinfo

from inbox_tui.errors import UsageError

MORNING = 9
"""The hour of a day that was named without one."""
EXAMPLES = '"2h", "tomorrow 9", "fri", "24.12. 14:30", "next week", or "reply" until the customer writes'

_DAYS = (
    *(("monday", "montag"), ("tuesday", "dienstag"), ("wednesday", "mittwoch"), ("thursday", "donnerstag")),
    *(("friday", "freitag"), ("saturday", "samstag"), ("sunday", "sonntag")),
)
_UNITS = {
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes", "minuten"), 60),
    **dict.fromkeys(("h", "hour", "hours", "std", "stunde", "stunden"), 3600),
    **dict.fromkeys(("d", "day", "days", "t", "tag", "tage", "tagen"), 86400),
    **dict.fromkeys(("w", "week", "weeks", "woche", "wochen"), 604800),
}
_NAMED = {"today": 0, "heute": 0, "tonight": 0, "tomorrow": 1, "morgen": 1, "übermorgen": 2, "uebermorgen": 2}
_REPLY = {"reply", "until reply", "antwort", "bis antwort", "until they write"}

_SPAN = re.compile(rf"(?:in )?(\d{{1,4}}) ?({'|'.join(_UNITS)})")
_LENGTH = re.compile(rf"(\d{{1,6}}) ?({'|'.join(sorted(_UNITS, key=len, reverse=True))})(?![a-z])")
_HOUR = re.compile(r"(?:at |um )?(\d{1,2})(?::(\d{2}))? ?(am|pm|uhr)?")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_GERMAN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})?")


def parse(text: str, now: int, zone: tzinfo) -> int | None:
    """Milliseconds UTC of that time; None: until the customer writes.

    now: milliseconds UTC. Raises UsageError where the text is no time, or one that has passed.
    """
    wanted = " ".join(text.casefold().split())
    if wanted in _REPLY:
        return None
    here = datetime.fromtimestamp(now / 1000, zone)
    found = _span(wanted, now) or _moment(wanted, here)
    if found is None:
        raise UsageError(f'"{wanted[:60]}" is no time', f"write {EXAMPLES}")
    if found <= now:
        raise UsageError(f'"{wanted[:60]}" has passed', f"write {EXAMPLES}")
    return found


def length(text: str) -> int:
    """Milliseconds of a span: "2h", "90 min", "1d 12h"; a bare number is seconds. Raises UsageError."""
    wanted = " ".join(text.casefold().split())
    parts = _LENGTH.findall(wanted)
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 10:
        return int(wanted) * 1000
    if not parts or _LENGTH.sub("", wanted).strip():
        raise UsageError(f'"{wanted[:60]}" is no span of time', 'write "2h", "90min", "1d" or seconds')
    return sum(int(number) * _UNITS[unit] for number, unit in parts) * 1000


def _span(wanted: str, now: int) -> int | None:
    match = _SPAN.fullmatch(wanted)
    return now + int(match[1]) * _UNITS[match[2]] * 1000 if match and int(match[1]) else None


def _moment(wanted: str, here: datetime) -> int | None:
    """A day with or without an hour, or an hour alone."""
    if wanted == "tonight":
        return _at(here.date(), (18, 0), here)
    if wanted in ("next week", "nächste woche", "naechste woche"):
        return _at(here.date() + timedelta(days=7 - here.weekday()), (MORNING, 0), here)
    hour = _hour(wanted)
    if hour is not None:
        today = _at(here.date(), hour, here)
        passed = today is not None and today <= here.timestamp() * 1000
        return _at(here.date() + timedelta(days=1), hour, here) if passed else today
    day, _, rest = wanted.partition(" ")
    when = _day(day, here.date())
    wanted_hour = _hour(rest) if rest else (MORNING, 0)
    return None if when is None or wanted_hour is None else _at(when, wanted_hour, here)


def _day(word: str, today: date) -> date | None:
    if word in _NAMED:
        return today + timedelta(days=_NAMED[word])
    for number, names in enumerate(_DAYS):
        if len(word.rstrip(".")) >= 2 and any(name.startswith(word.rstrip(".")) for name in names):
            # The day that is today is the one in a week.
            return today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)
    return _date(word, today)


def _date(word: str, today: date) -> date | None:
    iso, german = _ISO.fullmatch(word), _GERMAN.fullmatch(word)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if german:
            day, month, year = int(german[1]), int(german[2]), german[3]
            found = date(int(year) if year else today.year, month, day)
            return found if year or found >= today else date(today.year + 1, month, day)
    except ValueError:
        return None
    return None


def _hour(word: str) -> tuple[int, int] | None:
    match = _HOUR.fullmatch(word)
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2] or 0)
    if match[3] in ("am", "pm"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match[3] == "pm" else 0)
    return (hour, minute) if hour < 24 and minute < 60 else None


def _at(day: date, hour: tuple[int, int], here: datetime) -> int | None:
    if day.year > 9000:
        return None
    return int(datetime.combine(day, time(*hour), here.tzinfo).timestamp() * 1000)
