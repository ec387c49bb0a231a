"""Templates: places in a text that are filled from a case, and what must not be sent because one was not."""

from __future__ import annotations

import re
from collections.abc import Mapping

PLACES = (
    *("person.name", "person.first_name", "person.handle", "case.id", "case.subject"),
    *("agent.name", "account.name", "account.address"),
)
"""What can be filled in."""

_PLACE = re.compile(r"\{([a-z][a-z_]*\.[a-z][a-z_]*)\}")


def fill(text: str, values: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """The text with the values in their places, and the places that stay. No value is read for places."""
    missing: list[str] = []

    def value(place: re.Match[str]) -> str:
        found = values.get(place[1], "")
        if not found.strip():
            missing.append(place[1])
            return place[0]
        return found

    filled = _PLACE.sub(value, text)
    return filled, tuple(dict.fromkeys(missing))


def left(text: str) -> tuple[str, ...]:
    """Places in a text that nobody has filled."""
    return tuple(dict.fromkeys(_PLACE.findall(text)))


def unknown(text: str) -> tuple[str, ...]:
    """Places that no case can fill."""
    return tuple(place for place in left(text) if place not in PLACES)
