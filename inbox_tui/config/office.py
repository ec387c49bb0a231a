"""The table ``[office]``: hours, closing days and targets, checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from inbox_tui.config.reader import Reader
from inbox_tui.config.records import DAYS, OfficeConfig
from inbox_tui.errors import ConfigError

_SPAN = re.compile(r"(\d{1,2}):(\d{2}) ?[-–] ?(\d{1,2}):(\d{2})")
_LONGEST = 366
"""Days of one range of closing days."""


def read_office(reader: Reader, table: Mapping[str, Any]) -> OfficeConfig:
    """The table. Raises ConfigError."""
    office: OfficeConfig = reader.record(table, "office", OfficeConfig, {})
    for day in DAYS:
        try:
            hours_of(getattr(office, day))
        except ValueError as error:
            raise _error(reader, day, str(error), f'write {day} = ["09:00-12:30", "13:00-17:00"]') from None
    try:
        list(closing_days(office.closed))
    except ValueError as error:
        mend = 'write closed = ["2026-12-24", "2026-12-27..2026-12-30"]'
        raise _error(reader, "closed", str(error), mend) from None
    try:
        if office.zone:
            ZoneInfo(office.zone)
    except (OSError, KeyError, ValueError):
        raise _error(
            reader, "zone", f'"{office.zone}" is no time zone', 'write zone = "Europe/Berlin"'
        ) from None
    if office.region and not office.country:
        raise _error(reader, "region", "a region needs its country", 'add country = "DE"')
    return office


def _error(reader: Reader, key: str, wrong: str, mend: str) -> ConfigError:
    return reader.error(f"office.{key}", wrong, mend)


def hours_of(spans: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """Begin and end of each, in minutes of the day. Raises ValueError."""
    found = []
    for span in spans:
        match = _SPAN.fullmatch(span.strip())
        begin, end = (_minute(match[1], match[2]), _minute(match[3], match[4])) if match else (0, 0)
        if begin >= end:
            raise ValueError(f'"{span}" are no hours of a day')
        found.append((begin, end))
    found.sort()
    if any(after[0] < before[1] for before, after in pairwise(found)):
        raise ValueError("hours overlap")
    return tuple(found)


def _minute(hour: str, minute: str) -> int:
    at = int(hour) * 60 + int(minute)
    if int(minute) > 59 or at > 1440:
        raise ValueError(f'"{hour}:{minute}" is no time of day')
    return at


def closing_days(listed: tuple[str, ...]) -> Iterator[date]:
    """Every day of them. Raises ValueError."""
    for one in listed:
        first, dots, last = one.partition("..")
        try:
            begin = date.fromisoformat(first.strip())
            end = date.fromisoformat(last.strip()) if dots else begin
        except ValueError:
            raise ValueError(f'"{one}" is no day') from None
        if not 0 <= (end - begin).days < _LONGEST:
            raise ValueError(f'"{one}" is no range of at most {_LONGEST} days')
        yield from (begin + timedelta(days=ahead) for ahead in range((end - begin).days + 1))
