"""The server's answers to FETCH as records. Pure.

Most servers answer in the very order in which they were asked, and then a pattern reads it. imapclient's own
reader goes letter by letter, which takes longer than storing the mail: it has all answers not so plain.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from imapclient.response_parser import parse_fetch_response

SIZES = ("RFC822.SIZE", "INTERNALDATE")
Answers = dict[int, dict[bytes, Any]]
"""What was asked for, by UID."""

_BODY = re.compile(rb"\d+ \(UID (\d+) (BODY\[(?:HEADER)?\]) \{\d+\}")
_SIZE = re.compile(
    rb"\d+ \(UID (\d+) RFC822\.SIZE (\d+) INTERNALDATE"
    rb' "([ \d]\d)-([A-Z][a-z]{2})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"\)'
)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name.encode(): number for number, name in enumerate(MONTHS, 1)}


def read(data: Sequence[Any]) -> Answers:
    """data: as imaplib hands it over. Raises what imapclient raises on answers that make no sense."""
    found = plain(data)
    return parse_fetch_response(list(data), normalise_times=False) if found is None else found


def plain(data: Sequence[Any]) -> Answers | None:
    """The answers, where all of them are bodies or sizes and nothing else is among them; else None."""
    out: Answers = {}
    closed = True
    for one in data:
        if isinstance(one, tuple):
            head = _BODY.fullmatch(one[0])
            if head is None or not closed:
                return None
            out.setdefault(int(head[1]), {})[head[2]] = one[1]
            closed = False
        elif one == b")" and not closed:
            closed = True
        elif closed and one is not None and (facts := _SIZE.fullmatch(one)):
            at = _time(facts)
            if at is None:
                return None
            out.setdefault(int(facts[1]), {}).update({b"RFC822.SIZE": int(facts[2]), b"INTERNALDATE": at})
        else:
            return None
    return out if closed else None


def _time(facts: re.Match[bytes]) -> datetime | None:
    day, month, year, hour, minute, second, sign, hours, minutes = facts.groups()[2:]
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    try:
        local = datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC)
        return local - offset if sign == b"+" else local + offset
    except (KeyError, ValueError, OverflowError):
        return None
