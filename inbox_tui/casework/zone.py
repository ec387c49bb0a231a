"""The time zone of this machine by its name, so that "tomorrow 9" is right over a change of the clock."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo


def local_zone(now: int) -> tzinfo:
    """The zone of ``TZ``, else of this machine; where it has no name, its offset at this time."""
    name = (
        os.environ.get("TZ", "").lstrip(":") or os.path.realpath("/etc/localtime").partition("zoneinfo/")[2]
    )
    with suppress(ValueError, OSError, KeyError):
        return ZoneInfo(name)
    return datetime.fromtimestamp(now / 1000).astimezone().tzinfo or UTC
