"""When an answer is owed by the firm's own target, and how late it is.

The rules are data that the store keeps, so that every process counts by the same ones: whoever runs the
worker writes them from his configuration. A promise that was given goes before the target.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from inbox_tui.desk.clock import MINUTE
from inbox_tui.model import CaseRow, CaseState, Priority
from inbox_tui.records import dataclass, field

if TYPE_CHECKING:
    from inbox_tui.desk.hours import OfficeHours

SOON = 60 * MINUTE
"""Before its due time a case is due soon for so long, in milliseconds."""


class Lateness(StrEnum):
    """How a case stands to its due time."""

    NONE = ""
    """Nothing is owed, or there is no target."""
    ON_TIME = "on time"
    SOON = "soon"
    OVERDUE = "overdue"
    BROKEN = "promise broken"


@dataclass(frozen=True, slots=True)
class Weights:
    """What makes a case weigh more: for each of them so many points."""

    message: int = 1
    """A message of the customer after his first."""
    channel: int = 3
    """A channel after the first."""
    supporter: int = 2
    """A person who writes on the customer's behalf."""
    handoff: int = 4
    """A hand-off: he was asked to go on elsewhere."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How due times are counted."""

    targets: Mapping[Priority, int]
    """Open minutes within which an answer is owed, by priority."""
    hours: OfficeHours
    weights: Weights = field(default_factory=Weights)

    def target(self, priority: Priority) -> int | None:
        """Open minutes; None: no target for this priority."""
        return self.targets.get(priority) or None

    def due(self, since: int, priority: Priority) -> int | None:
        """When an answer to a message of this time is owed, both in milliseconds UTC; None: no target."""
        target = self.target(priority)
        return self.hours.after(since, target) if target else None


def parse(text: bytes | str) -> Rules:
    """The rules that a store keeps. Raises ValueError where they are none."""
    from inbox_tui.desk.hours import OfficeHours, zone_of

    try:
        data: dict[str, Any] = json.loads(text)
        week = tuple(tuple((int(a), int(b)) for a, b in day) for day in data["week"])
        return Rules(
            targets={Priority(key): int(value) for key, value in data["targets"].items()},
            hours=OfficeHours(week, data["closed"], zone_of(data["zone"])),
            weights=Weights(**data["weights"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"rules of the office: {error}") from None


def dump(
    *,
    zone: str,
    week: Sequence[Sequence[tuple[int, int]]],
    closed: Mapping[str, str],
    targets: Mapping[str, int],
    weights: Mapping[str, int],
) -> bytes:
    """The same rules as the store keeps them; equal rules are equal bytes."""
    found = {
        "zone": zone,
        "week": [[list(span) for span in day] for day in week],
        "closed": dict(closed),
        "targets": dict(targets),
        "weights": dict(weights),
    }
    return json.dumps(found, sort_keys=True).encode()


def lateness(row: CaseRow, now: int) -> Lateness:
    """How a case stands at this time, milliseconds UTC."""
    if row.waiting_since is None or row.due is None or row.state is not CaseState.WAITING:
        return Lateness.NONE
    if row.promised is not None and now >= row.promised:
        return Lateness.BROKEN
    if now >= row.due:
        return Lateness.OVERDUE
    return Lateness.SOON if row.due - now <= SOON else Lateness.ON_TIME


def effort(row: CaseRow, weights: Weights | None = None, *, handoffs: int = 0) -> int:
    """What the customer has gone to, in points. handoffs: how often he was asked to go on elsewhere."""
    weigh = weights or Weights()
    channels = len(set(row.channels))
    wrote = weigh.message * max(0, row.contacts - 1) + weigh.channel * max(0, channels - 1)
    return wrote + weigh.supporter * row.supporters + weigh.handoff * handoffs


def explain(
    rules: Rules | None,
    row: CaseRow,
    say: Callable[[int], str],
) -> tuple[str, ...]:
    """The due time of a case line by line, as it is counted. say: a time in words."""
    since = row.waiting_since
    if since is None:
        return ("Nobody is owed an answer.",)
    lines = [f"The oldest message without an answer is of {say(since)}."]
    if row.promised is not None:
        lines.append(f"An answer was promised by {say(row.promised)}.")
        return (*lines, f"Due {say(row.promised)}: what was promised goes before the target.")
    target = rules.target(row.priority) if rules else None
    if rules is None or target is None:
        return (*lines, "There is no target for it: no due time.")
    lines.append(f"The target for priority {row.priority} is {_span(target)} of office hours.")
    at = rules.hours.after(since, target)
    if at is None:
        return (*lines, "The office is never open: no due time.")
    left = target
    for part in rules.hours.parts(since, at):
        left -= part.minutes
        day = part.day.strftime("%a %d %b")
        rest = f", {_span(left)} left" if left > 0 else ""
        lines.append(f"{day}: {part.why}" if part.why else f"{day}: {_span(part.minutes)} count{rest}")
    return (*lines, f"Due {say(at)}.")


def _span(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return " ".join([f"{hours} h"] * bool(hours) + [f"{rest} min"] * bool(rest or not hours))


__all__ = [
    "Lateness",
    "Rules",
    "Weights",
    "dump",
    "effort",
    "explain",
    "lateness",
    "parse",
]
