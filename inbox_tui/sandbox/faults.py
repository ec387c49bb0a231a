"""The faults a sandbox server can play: which are on, for how many requests, and with which figures.

Owns the names of the faults and the register of those that are on. It plays none itself: a server asks
`take` at the point where the fault would strike, and acts on what it gets. Safe for any number of threads.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

ANSWER_FAULTS: Final = ("html_503", "cut", "slow", "accepted_then_dropped")
"""Faults of the line, the same on every HTTP platform; `https` plays them."""

HTTP_FAULTS: Final = ("rate_limit", "unauthorized", "forbidden", *ANSWER_FAULTS)
"""All faults of an HTTP platform. The first three look different on each, so each API plays them itself."""

MAIL_FAULTS: Final = (
    "uidvalidity",
    "smtp_drop_before_dot",
    "smtp_drop_after_dot",
    "smtp_refuse",
    "smtp_busy",
    "login_refused",
    "imap_bye",
)

OAUTH_FAULTS: Final = (*ANSWER_FAULTS, "slow_down", "expired_token", "wrong_state")
"""Faults of the provider of tokens; a fault's ``path`` is looked for in the app's id, else in the address."""

KNOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "x": HTTP_FAULTS,
    "facebook": (*HTTP_FAULTS, "later"),
    "email": MAIL_FAULTS,
    "oauth": OAUTH_FAULTS,
}
"""Channel -> the faults its server can play."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault as it strikes one request."""

    channel: str
    name: str
    times: int | None = None
    """How many requests it was switched on for; None: until it is switched off."""
    reset: int | None = None
    """Seconds until a rate limit lifts; None: the platform does not say."""
    bytes: int | None = None
    """Bytes of the body that get through (`cut`) or go at a time (`slow`); None: the server's choice."""
    path: str | None = None
    """Only requests whose path (with its query) contains this; None: all."""
    hours: int | None = None
    """By how much the time is later, where windows are reckoned (`later`)."""


class _Active:
    """A fault that is on, and how many requests it has left."""

    __slots__ = ("fault", "left")

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.left = fault.times


class Faults:
    """The register. One serves all servers of a sandbox."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._active: list[_Active] = []

    def switch(self, line: Mapping[str, object]) -> None:
        """Switch a fault on or off, as a `fault` line of incoming.jsonl says.

        The same fault switched on again with the same path replaces the first. Switched off without a path,
        it ends for every path. Raises ValueError, naming what is known, for a line that makes no sense.
        """
        fault = _parse(line)
        on = line.get("on", True)
        if not isinstance(on, bool):
            raise ValueError(f"fault {fault.name}: on is {on!r}; it must be true or false")
        with self._lock:
            self._active = [one for one in self._active if not _ends(one.fault, fault, on=on)]
            if on:
                self._active.append(_Active(fault))

    def take(self, channel: str, names: str | Iterable[str], path: str = "") -> Fault | None:
        """The fault that strikes this request, if one does; uses up one of its times.

        Of several that fit, the one that was switched on first.
        """
        wanted = (names,) if isinstance(names, str) else tuple(names)
        with self._lock:
            for one in self._active:
                fault = one.fault
                if fault.channel != channel or fault.name not in wanted:
                    continue
                if fault.path is not None and fault.path not in path:
                    continue
                if one.left is not None:
                    one.left -= 1
                    if one.left == 0:
                        self._active.remove(one)
                return fault
        return None

    def active(self) -> tuple[Fault, ...]:
        """What is on now, in the order it was switched on."""
        with self._lock:
            return tuple(one.fault for one in self._active)


def _ends(standing: Fault, said: Fault, *, on: bool) -> bool:
    """Whether the fault just spoken of takes the place of the standing one, or ends it."""
    if (standing.channel, standing.name) != (said.channel, said.name):
        return False
    return standing.path == said.path or (not on and said.path is None)


def _parse(line: Mapping[str, object]) -> Fault:
    channel, name, path = line.get("channel"), line.get("fault"), line.get("path")
    if not isinstance(channel, str) or channel not in KNOWN:
        raise ValueError(f"fault line: channel is {channel!r}; known channels: {', '.join(KNOWN)}")
    if not isinstance(name, str) or name not in KNOWN[channel]:
        known = ", ".join(KNOWN[channel])
        raise ValueError(f"fault line: {channel} has no fault {name!r}; known faults: {known}")
    if path is not None and not isinstance(path, str):
        raise ValueError(f"fault {name}: path is {path!r}; it must be text or null")
    return Fault(
        channel,
        name,
        times=_number(line, "times", least=1),
        reset=_number(line, "reset", least=0),
        bytes=_number(line, "bytes", least=0),
        path=path,
        hours=_number(line, "hours", least=0),
    )


def _number(line: Mapping[str, object], key: str, *, least: int) -> int | None:
    value = line.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError(f"fault {line['fault']}: {key} is {value!r}; it must be a whole number from {least}")
    return value
