"""Times, waits, channels and states in the words of the screen. Pure functions; no clock of their own."""

from __future__ import annotations

from datetime import datetime

from inbox_tui.desk.due import Lateness, lateness
from inbox_tui.model import (
    Automatic,
    Case,
    CaseRow,
    Destination,
    Handoff,
    Health,
    Kind,
    Lasting,
    Message,
    Reason,
    Reply,
    ReplyKind,
    ReplyState,
)
from inbox_tui.text import cell_width, fit, name_or

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LETTERS = {"email": "m", "phone": "p", "feed": "w", "mastodon": "t", "bluesky": "b"}
_CHANNELS = {"email": "mail"}
_NAMES = {"email": "mail", "x": "X"}

BEHIND_AFTER = 5 * MINUTE
"""An account that is not complete up to this long ago is behind, unless it is polled less often."""

STATES = {
    ReplyState.DRAFT: "draft",
    ReplyState.QUEUED: "queued",
    ReplyState.SENDING: "sending …",
    ReplyState.SENT: "sent ✓",
    ReplyState.FAILED: "! not sent",
    ReplyState.UNKNOWN: "? may have arrived",
}
ERRORS = {
    "login": "log in again",
    "rate_limited": "paused",
    "temporary": "unreachable",
    "bad_answer": "answers nonsense",
    "refused": "refused",
    "credentials": "no password",
}


def within(s: str, most: int) -> str:
    """A text cleaned, as wide as it is, and cut where it takes more than so many cells."""
    return fit(s, min(most, cell_width(s)))


def duration(ms: int) -> str:
    """A time span in the largest unit that tells enough: 40 min, 9 h, 4 d 4 h, 120 d."""
    if ms < MINUTE:
        return "<1 min"
    if ms < HOUR:
        return f"{ms // MINUTE} min"
    if ms < DAY:
        return f"{ms // HOUR} h"
    days, hours = ms // DAY, ms % DAY // HOUR
    return f"{days} d" if days >= 100 or not hours else f"{days} d {hours} h"


def _local(ms: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(ms / 1000)
    except (OverflowError, ValueError, OSError):
        return None


def clock(ms: int) -> str:
    """Time of day here: 14:05."""
    at = _local(ms)
    return f"{at.hour:02}:{at.minute:02}" if at else "??:??"


def day(ms: int, now: int) -> str:
    """The day: Fri 29 Oct, with the year where it is another."""
    at, today = _local(ms), _local(now)
    if at is None:
        return "an impossible day"
    year = "" if today and at.year == today.year else f" {at.year}"
    return f"{_DAYS[at.weekday()]} {at.day} {_MONTHS[at.month - 1]}{year}"


def evidence(one: Reason, now: int) -> str:
    """Why two persons may be one, as a sentence."""
    from inbox_tui.desk.kinship import said

    return said(one, lambda at: moment(at, now))


_WRITTEN = {
    "note": "the note",
    "call": "the call",
    "goodwill": "the goodwill",
    "queued": "the reply",
    "handoff": "the question to go on elsewhere",
}
"""Kinds of events that undo leaves."""


def written(what: Lasting) -> str:
    """Something that stays as it is."""
    return f"{_WRITTEN[what.kind]} in case {what.case}"


_HAPPENED = {
    "merged": "",
    "taken in": "taken in",
    "persons merged": "one person with another:",
    "promise": "promised an answer",
    "queued": "queued",
    "handoff": "asked to go on elsewhere:",
    "handoff_arrived": "arrived there,",
    "handoff_proposed": "came with a code, and is proposed:",
    "handoff_refused": "came with a code that is refused:",
    "handoff_late": "has not arrived there in time",
    "fell_back": "is nobody's again: its owner was away",
    "woke": "is back in the queue",
}
"""How kinds of events are said that do not say it themselves."""


def moment(ms: int, now: int) -> str:
    """Time of day, with the day where that is not today."""
    today = day(ms, now)
    return clock(ms) if today == day(now, now) else f"{today} {clock(ms)}"


def coming(ms: int, now: int) -> str:
    """A time to come, short: the day's name within a week, else the date without the hour."""
    if not 0 <= ms - now < 6 * DAY:
        return day(ms, now).partition(" ")[2] or day(ms, now)
    today = day(ms, now)
    return clock(ms) if today == day(now, now) else f"{today.partition(' ')[0]} {clock(ms)}"


def letter(channel: str) -> str:
    """The mark of a channel in the queue."""
    return _LETTERS.get(channel, channel[:1] or "?")


def channel_word(channel: str) -> str:
    """A channel as it is called on screen."""
    return _CHANNELS.get(channel, channel)


def channel_name(channel: str) -> str:
    """A channel as a sentence names it: mail, Facebook, X."""
    return _NAMES.get(channel, channel.capitalize())


def on_channel(channel: str) -> str:
    """How something goes there: by mail, on Facebook, on X."""
    return f"{'by' if channel == 'email' else 'on'} {channel_name(channel)}"


def sentence(text: str) -> str:
    """A text with one stop at its end, even where a name brings its own."""
    return text if text.endswith((".", "!", "?", "…")) else text + "."


def due(row: CaseRow, now: int) -> str:
    """How a case stands to its due time, with the sign of the queue; empty where nothing is due."""
    late = lateness(row, now)
    if row.due is None or late is Lateness.NONE:
        return ""
    at = moment(row.due, now)
    if late is Lateness.BROKEN:
        return f"promised by {at}: broken !!"
    told = "promised by" if row.promised is not None else "due"
    return {
        Lateness.ON_TIME: f"{told} {at}, on time .",
        Lateness.SOON: f"{told} {at}, soon !",
        Lateness.OVERDUE: f"overdue since {at} !!",
    }[late]


_SIGNS = {Lateness.ON_TIME: ".", Lateness.SOON: "!", Lateness.OVERDUE: "!!", Lateness.BROKEN: "!!"}


def lateness_word(row: CaseRow, now: int) -> str:
    """How a case stands to its due time, with the sign of the queue; empty where nothing is due."""
    late = lateness(row, now)
    return f"{late.value} {_SIGNS[late]}" if late in _SIGNS else ""


def initial(text: str) -> str:
    """A text as a sentence begins."""
    return text[:1].upper() + text[1:]


def happened(kind: str, detail: str) -> str:
    """Something that was done with a case: its kind as scripts know it, in words."""
    said = _HAPPENED.get(kind, kind.replace("_", " "))
    return " ".join(part for part in (said, detail) if part)


def put_off(row: CaseRow, now: int) -> str:
    """When a snoozed case is in the queue again."""
    if row.snoozed_until is None:
        return "comes back when the customer writes"
    return f"comes back {moment(row.snoozed_until, now)}"


def person_name(name: str) -> str:
    """A name that can be seen."""
    return name_or(name, "(no name)")


def counted(number: int, one: str, many: str = "") -> str:
    """1 message, 2 messages."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def size(count: int) -> str:
    """Bytes in words."""
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.0f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def author_name(message: Message) -> str:
    """Who wrote it, so that a line can begin with it."""
    author = message.author
    return name_or(author.name, name_or(author.handle, "unknown"))


def kind_word(message: Message) -> str:
    """What an entry is, where it is not simply a message; else empty."""
    if message.kind is Kind.CALL:
        return "call"
    if message.kind is Kind.ACK:
        return "acknowledgement, not an answer"
    return {
        Automatic.REPLY: "automatic reply",
        Automatic.BOUNCE: "not delivered (bounce)",
        Automatic.BULK: "bulk mail",
    }.get(message.automatic, "")


def urgency(health: Health) -> int:
    """Of accounts in trouble: 0 needs a person, 1 may come back by itself, 2 pauses or is late."""
    if not health.error or health.error_code == "rate_limited":
        return 2
    return 1 if health.error_code == "temporary" else 0


def health_trouble(health: Health, now: int, poll_seconds: int) -> str:
    """What is wrong with an account, in few words; empty where all is well."""
    if health.error_code == "rate_limited" and (health.paused_until or 0) > now:
        return f"paused until {moment(health.paused_until or now, now)}"
    if health.error:
        since = health.error_since or health.complete_until
        what = ERRORS.get(health.error_code, "error")
        return what + (f" since {moment(since, now)}" if since else "")
    if health.paused_until is not None and health.paused_until > now:
        return f"paused until {moment(health.paused_until, now)}"
    if health.complete_until is not None:
        late = max(BEHIND_AFTER, 3000 * poll_seconds)
        if now - health.complete_until > late:
            return f"behind since {moment(health.complete_until, now)}"
    if health.gap_from is not None:
        return f"gap {moment(health.gap_from, now)}–{moment(health.gap_until or now, now)}"
    return ""


def says(reply: Reply) -> str:
    """What an entry of the outbox says, or does."""
    if reply.kind is ReplyKind.HIDE:
        return "(hides a comment)"
    if reply.kind is ReplyKind.PRIVATE:
        return f"(privately) {reply.text}"
    if reply.kind is ReplyKind.ACK:
        return f"(acknowledges) {reply.text}"
    return "(shows a comment again)" if reply.kind is ReplyKind.UNHIDE else reply.text


DESTINATIONS = {
    Destination.EMAIL: "mail",
    Destination.X_DM: "a direct message on X",
    Destination.MESSENGER: "Messenger",
}


def handed_off(one: Handoff, now: int) -> str:
    """A hand-off in a line: where to, when, and whether he has come."""
    when = f" {moment(one.sent_at, now)}" if one.sent_at is not None else ""
    return f"handed off to {DESTINATIONS[one.to]}{when}, {_arrived(one, now)}"


def _arrived(one: Handoff, now: int) -> str:
    if one.sent_at is None:
        return "not sent yet"
    if one.arrived_at is not None:
        by = "with the code" if one.by_code else "known there without the code"
        return f"arrived {moment(one.arrived_at, now)}, {by}"
    if one.returned_at is not None:
        return f"never arrived: back since {moment(one.returned_at, now)}"
    return f"not there yet: back in the queue {coming(one.back_at or 0, now)}"


def handed(case: Case, now: int) -> dict[int, str]:
    """By message: what its part in a hand-off of the case is."""
    out: dict[int, str] = {}
    known = {(one.kind, one.value) for one in case.identities}
    authors = {message.id: message.author for message in case.timeline}
    for one in case.handoffs:
        if one.message is not None:
            # When it was sent stands over it.
            out[one.message] = f"hand-off to {DESTINATIONS[one.to]}, {_arrived(one, now)}"
        if one.arrived is not None and one.arrived in authors:
            who = authors[one.arrived]
            stranger = (who.kind, who.value) not in known
            how = "arrived with the code of the hand-off" if one.by_code else "arrived as he was asked"
            out[one.arrived] = f"{how}, not known to be the customer" if stranger else how
    return out


def comes_back(case: Case) -> int | None:
    """When a case that rests for its customer is in the queue again; None: it rests for nobody."""
    times = [
        one.back_at
        for one in case.handoffs
        if one.arrived_at is None and one.returned_at is None and one.back_at
    ]
    return max(times, default=None)
