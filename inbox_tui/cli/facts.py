"""What ``doctor`` finds."""

from __future__ import annotations

from typing import NamedTuple


class Fact(NamedTuple):
    """One thing that was looked at."""

    code: str
    ok: bool
    message: str
    hint: str = ""
