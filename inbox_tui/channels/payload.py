"""JSON of a platform, read without trust: what fits is taken, what does not fit counts as missing.

Pure functions: no network, no clock. Nothing here raises for what a platform sent, whatever it is.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

_T = TypeVar("_T", bound=msgspec.Struct)
_ID = re.compile(r"[0-9]{1,40}(?:_[0-9]{1,40}){0,2}")
_LONGEST_DUMP = 20_000
_EARLIEST = 1_000_000_000_000
_LATEST = 7_000_000_000_000
"""2001 to 2191: a time outside is a platform's mistake, and would put a case at the top or end for ever."""


def lenient(item: object, kind: type[_T]) -> _T:
    """The fields of ``kind`` (all with defaults) that ``item`` holds in the right type."""
    if not isinstance(item, dict):
        return kind()
    try:
        return msgspec.convert(item, kind)
    except (msgspec.ValidationError, UnicodeError, RecursionError):
        pass  # field by field, so that one that is wrong does not take the others with it
    found: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        if field.encode_name not in item:
            continue
        try:
            found[field.name] = msgspec.convert(item[field.encode_name], field.type)
        except (msgspec.ValidationError, UnicodeError, RecursionError):
            continue
    return kind(**found)


def items(value: object) -> list[Any]:
    """A list, or an empty one where it is none."""
    return value if isinstance(value, list) else []


def ident(value: object) -> str:
    """An id of a platform (digits, joined by underscores) as text; empty where it is none."""
    if type(value) is int and 0 <= value < 10**40:
        return str(value)
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def digits(value: object) -> str:
    """An id made of at most 19 digits, as X's are; empty where it is none."""
    found = ident(value)
    return found if found.isdigit() and len(found) <= 19 else ""


def instant(value: object) -> int | None:
    """Milliseconds UTC of an ISO 8601 time (X's and Graph's spelling); None where it is none."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        at = round(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
    return at if _EARLIEST <= at <= _LATEST else None


def dump(item: object) -> str:
    """What came, as JSON to be read by a person; cut where it is endless."""
    try:
        return json.dumps(item, ensure_ascii=False, default=str)[:_LONGEST_DUMP]
    except (ValueError, RecursionError):
        return "(nested too deep to be shown)"


def stand_in(item: object) -> str:
    """An external id for what came without one: the same for the same content."""
    return "unread:" + hashlib.sha256(dump(item).encode("utf-8", "backslashreplace")).hexdigest()[:32]


def count(value: object) -> int:
    """A number from 0 to 10^15, or 0."""
    return value if type(value) is int and 0 <= value < 10**15 else 0
