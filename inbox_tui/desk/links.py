"""Links in what was written, as they may be shown and opened."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from inbox_tui.model import Message
from inbox_tui.records import dataclass
from inbox_tui.text import link_host, safe_link

MOST = 100
"""Links of one case."""
_BEGINNING = re.compile(r"(?:https?://|mailto:)[^\s<>\"'`]+", re.IGNORECASE)
_CLOSING = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a case."""

    url: str
    """As it is shown and opened: whole, in ASCII."""
    host: str
    """Where it leads."""
    message: int
    """In which message it stands."""
    permalink: bool
    """It is the message itself, on its platform."""


def links(timeline: Sequence[Message]) -> tuple[Link, ...]:
    """The links of a case, each once, of the newest message first; none that should not be opened."""
    found: dict[str, Link] = {}
    for message in reversed(timeline):
        for url, permalink in _of(message):
            safe, host = safe_link(url), link_host(url)
            if safe is not None and host is not None and safe not in found:
                found[safe] = Link(safe, host, message.id, permalink)
                if len(found) == MOST:
                    return tuple(found.values())
    return tuple(found.values())


def _of(message: Message) -> Iterator[tuple[str, bool]]:
    for match in _BEGINNING.finditer(message.full_text or message.text):
        yield _without_tail(match[0]), False
    if message.permalink:
        yield message.permalink, True


def _without_tail(url: str) -> str:
    """Stops and brackets behind a link belong to the sentence around it."""
    while url and (url[-1] in ".,;:!?*_~" or (url[-1] in _CLOSING and _CLOSING[url[-1]] not in url)):
        url = url[:-1]
    return url
