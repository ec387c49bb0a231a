"""What things can be: the enums. Part of `inbox_tui.model`."""

from __future__ import annotations

from enum import StrEnum


class Direction(StrEnum):
    """Who wrote it: the customer (in) or the firm (out)."""

    IN = "in"
    OUT = "out"


class Kind(StrEnum):
    """What an entry of a timeline is."""

    MESSAGE = "message"
    NOTE = "note"
    CALL = "call"
    ACK = "ack"
    POST = "post"


class CaseState(StrEnum):
    """Who owes an answer: we (waiting), the customer (pending), nobody (done)."""

    WAITING = "waiting"
    PENDING = "pending"
    DONE = "done"


class Priority(StrEnum):
    """How soon a case must be answered; in this order."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Ending(StrEnum):
    """How a case came to be done."""

    NONE = ""
    """It is not done, or was history from the beginning."""
    ANSWERED = "answered"
    """Nothing was owed any more."""
    UNANSWERED = "unanswered"
    """Somebody was still owed an answer."""
    THANKS = "thanks"
    """The customer's last word needed no answer."""


class ReplyState(StrEnum):
    """Where an outgoing message is on its way."""

    DRAFT = "draft"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Filing(StrEnum):
    """The step after a mail was accepted: copy in Sent, \\Answered set."""

    NONE = "none"
    TODO = "todo"
    DONE = "done"
    FAILED = "failed"


class Automatic(StrEnum):
    """Whether a machine wrote it, and what follows (RFC 3834 and the usual headers)."""

    NO = "no"
    """A person wrote it."""
    REPLY = "reply"
    """An automatic answer: starts no clock, reopens nothing."""
    BOUNCE = "bounce"
    """A delivery report: starts no clock, reopens nothing."""
    BULK = "bulk"
    """A list, newsletter, invoice or no-reply sender: a case of its own, out of the queue."""
