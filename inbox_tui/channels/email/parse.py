"""A raw mail into an Incoming. Pure: bytes in, a record out, no I/O and no clock.

What a mail says of itself is never believed further than it must be: the time is the server's, the
identity is the From address as it stands, references are only named (who may join by them is decided at
intake). Runs in the child process of `limits`, for a mail can be made to cost time and memory.
"""

from __future__ import annotations

from dataclasses import dataclass

from inbox_tui.channels.email import automatic, body, trust
from inbox_tui.channels.email.charset import whole
from inbox_tui.channels.email.fold import new_part
from inbox_tui.channels.email.headers import Fields, Mailbox, mailboxes, message_id, references, text_of
from inbox_tui.channels.email.mime import walk
from inbox_tui.channels.email.records import Envelope, Ours
from inbox_tui.model import Author, Automatic, Direction, Incoming, MailFacts

KIND = "email"
_DELIVERED = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")
"""Where a mail says to whom it went; a copy in secret stands in none but the last ones."""
_MOST_TAGS = 5


@dataclass(frozen=True, slots=True)
class _People:
    """Who is named in the header."""

    sender: Mailbox
    reply_to: Mailbox
    recipients: tuple[Mailbox, ...]


def parse(raw: bytes, envelope: Envelope, ours: Ours) -> Incoming:
    """Read a mail. `mail.raw` and `mail.digest` are left empty: the caller has the bytes."""
    fields, parts = walk(raw)
    people = _people(fields)
    form = people.sender.address in ours.web_forms
    found = trust.results(fields, ours.authserv_id)
    direction = _direction(people, envelope, ours, form, found)
    subject = " ".join(whole(text_of(fields, "subject")).split())
    text, full = "", ""
    if not envelope.header_only:
        full = body.read_text(raw, parts, envelope.light)
        text = full if envelope.light else new_part(full)
    author = _author(people.reply_to if form else people.sender)
    return Incoming(
        external_id=envelope.external_id,
        thread_key="",
        author=author,
        direction=direction,
        text=text,
        full_text="" if full == text else full,
        sent_at=envelope.sent_at,
        subject=subject,
        customer=_customer(people, ours) if direction is Direction.OUT else None,
        automatic=_automatic(fields, people, ours, direction, form, subject),
        can_reply=direction is Direction.OUT or author.value is not None,
        why_not="" if direction is Direction.OUT or author.value else _no_address(form),
        attachments=() if envelope.header_only else body.attachments(raw, parts),
        mail=MailFacts(
            message_id=message_id(fields),
            references=references(fields),
            participants=_participants(people, ours, form),
            reply_to="" if form or direction is Direction.OUT else _reply_to(people),
            forged=trust.forged(found),
            unparsed=envelope.header_only,
            tags=_tags(fields, ours) if direction is Direction.IN else (),
        ),
    )


def _people(fields: Fields) -> _People:
    senders = mailboxes(fields, "from")
    # More than one sender, or none: nobody can say who wrote it, so nobody is named as sure.
    sender = senders[0] if len(senders) == 1 else Mailbox(", ".join(_shown(m) for m in senders[:3]), "")
    replies = mailboxes(fields, "reply-to")
    return _People(
        sender=sender,
        reply_to=replies[0] if len(replies) == 1 else Mailbox("", ""),
        recipients=(*mailboxes(fields, "to"), *mailboxes(fields, "cc")),
    )


def _direction(
    people: _People, envelope: Envelope, ours: Ours, form: bool, found: dict[str, set[str]]
) -> Direction:
    """Ours is what lies in the Sent folder, which nobody else can write to.

    Mail elsewhere with our address in From is ours only where the firm's own server vouches for it:
    anybody can write that address, and an answer of ours stops a customer's clock.
    """
    if envelope.sent_folder:
        return Direction.OUT
    own = people.sender.address in ours.addresses and not form
    return Direction.OUT if own and trust.proven(found) and not trust.forged(found) else Direction.IN


def _automatic(
    fields: Fields,
    people: _People,
    ours: Ours,
    direction: Direction,
    form: bool,
    subject: str,
) -> Automatic:
    if direction is Direction.OUT:
        return automatic.sent_by_machine(fields)
    if form:
        return Automatic.NO  # a person filled it in, whatever the form's mailer adds
    kind = automatic.classify(fields, people.sender.address, subject)
    if kind is Automatic.NO and people.sender.address in ours.addresses:
        # A copy of our own mail, or a forgery: shown, but it starts no clock, and no answer to it can loop.
        return Automatic.REPLY
    return kind


def _author(mailbox: Mailbox) -> Author:
    return Author(
        kind=KIND,
        value=mailbox.address or None,
        name=whole(mailbox.name)[:500],
        handle=mailbox.address,
    )


def _customer(people: _People, ours: Ours) -> Author | None:
    for mailbox in people.recipients:
        if mailbox.address and mailbox.address not in ours.addresses:
            return _author(mailbox)
    return None


def _participants(people: _People, ours: Ours, form: bool) -> tuple[str, ...]:
    named = [people.sender, *people.recipients]
    if form:
        named.insert(0, people.reply_to)
    not_people = ours.addresses | ours.web_forms
    found = (m.address for m in named if m.address and m.address not in not_people)
    return tuple(dict.fromkeys(one for one in found if not _tag(one, ours)))


def _tags(fields: Fields, ours: Ours) -> tuple[str, ...]:
    """What stands behind a plus in our own addresses (RFC 5233), where the mail was sent to one."""
    tagged = [one for one in _DELIVERED if any(b"+" in value for value in fields.get(one, ()))]
    named = [m.address for field in tagged for m in mailboxes(fields, field)]
    return tuple(dict.fromkeys(tag for one in named if (tag := _tag(one, ours))))[:_MOST_TAGS]


def _tag(address: str, ours: Ours) -> str:
    local, _, host = address.partition("@")
    bare, _, tag = local.partition("+")
    return tag if tag and f"{bare}@{host}" in ours.addresses else ""


def _reply_to(people: _People) -> str:
    address = people.reply_to.address
    return "" if address == people.sender.address else address


def _no_address(form: bool) -> str:
    return (
        "the web form names no address of the customer"
        if form
        else "the mail names no single valid address of its sender"
    )


def _shown(mailbox: Mailbox) -> str:
    return " ".join(part for part in (mailbox.name, mailbox.address) if part)
