"""A reply as a mail. Pure: the same reply at the same time gives the same bytes, as the copy in Sent must.

What comes into a header is refused with control characters in it, and shortened where it could grow
without end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256

from inbox_tui.channels.email.headers import address as read_address
from inbox_tui.channels.email.wire import checked
from inbox_tui.config import EmailAccount
from inbox_tui.errors import Refused
from inbox_tui.model import Outgoing, OutgoingFile, ReplyKind
from inbox_tui.text import file_name

MAX_REFERENCES = 20
_LINE = 990
"""Longest header line. Shorter ones would be folded inside a Message-ID, as an encoded word."""
_REPLY_PREFIX = re.compile(
    r"(?:\s*(?:re|aw|sv|vs|antw|odp|ref|rif)(?:\[\d+\]|\(\d+\))?\s*:)+\s*", re.IGNORECASE
)
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,199}")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,500}>")
_TYPE = re.compile(r"(application|audio|font|image|model|text|video)/([a-z0-9!#$&^_.+-]{1,80})")


def message_id(account: EmailAccount, reply: Outgoing) -> str:
    """The Message-ID of a reply, known before it is sent. Raises Refused."""
    if not _KEY.fullmatch(reply.key):
        raise Refused("the key of the reply cannot stand in a Message-ID", "write the reply anew")
    domain = checked(account.address, "the account's address").rpartition("@")[2]
    return f"<{reply.key}@{domain.encode('idna').decode() if not domain.isascii() else domain}>"


def recipient(reply: Outgoing) -> str:
    """The address a reply goes to. Raises Refused."""
    value = checked(reply.to.value or "", "the recipient's address")
    if not read_address(value):
        raise Refused(
            f"reply {reply.reply_id}: there is no valid address to send it to",
            "answer on another thread of the case",
        )
    return value


def copies(reply: Outgoing) -> tuple[str, ...]:
    """The addresses in Cc, each once and none that it goes to anyway. Raises Refused."""
    found = [checked(one, "an address in Cc") for one in reply.cc]
    if wrong := [one for one in found if not read_address(one)]:
        raise Refused(f"reply {reply.reply_id}: {wrong[0]} in Cc is no address", "correct it")
    return tuple(one for one in dict.fromkeys(found) if one.lower() != (reply.to.value or "").lower())


def compose(account: EmailAccount, reply: Outgoing, at: int) -> bytes:
    """The mail with CRLF line ends. at: milliseconds UTC, becomes its Date. Raises Refused."""
    to = recipient(reply)
    also = copies(reply)
    ascii_only = "".join((account.address, to, *also)).isascii()
    mail = EmailMessage(policy=SMTP)
    try:
        mail["From"] = _mailbox(checked(account.display_name, "the account's name"), account.address)
        mail["To"] = _mailbox(checked(reply.to.name, "the recipient's name"), to)
        if also:
            mail["Cc"] = [_mailbox("", one) for one in also]
        mail["Subject"] = _subject(reply)
        mail["Date"] = format_datetime(datetime.fromtimestamp(at // 1000, UTC))
        mail["Message-ID"] = message_id(account, reply)
        answered, references = _references(reply)
        if answered:
            mail["In-Reply-To"] = answered
        if references:
            mail["References"] = " ".join(references)
        if reply.kind is ReplyKind.ACK:
            # RFC 3834, 5, and what Exchange obeys: no machine answers this.
            mail["Auto-Submitted"] = "auto-replied"
            mail["X-Auto-Response-Suppress"] = "All"
        # Quoted-printable passes every server unchanged, however long the lines are.
        mail.set_content(_with_signature(reply.text, account.signature), cte="quoted-printable")
        _attach(mail, reply)
        return mail.as_bytes(policy=SMTP.clone(max_line_length=_LINE, utf8=not ascii_only))
    except (ValueError, MessageError, LookupError) as error:
        raise Refused(f"reply {reply.reply_id} makes no valid mail: {error}", "edit the reply") from None


def reply_subject(subject: str) -> str:
    """ "Re: " before a subject, once."""
    subject = checked(subject, "the subject")
    return (
        f"Re: {_REPLY_PREFIX.sub('', subject, count=1) if _REPLY_PREFIX.match(subject) else subject}".strip()
    )


def _subject(reply: Outgoing) -> str:
    if not reply.own_subject:
        return reply_subject(reply.subject)
    return checked(reply.subject, "the subject").strip()


def _attach(mail: EmailMessage, reply: Outgoing) -> None:
    for file, kind in _typed(reply.files):
        maintype, _, subtype = kind.partition("/")
        # As bytes: base64 of any type brings every byte over, line ends too.
        mail.add_attachment(
            file.content, maintype=maintype, subtype=subtype, filename=file_name(file.name), cte="base64"
        )
    if reply.files:
        # The library's own would be another one each time. No encoding here ever writes "=_".
        mail.set_boundary("=_" + sha256(reply.key.encode()).hexdigest()[:32])


def _typed(files: tuple[OutgoingFile, ...]) -> Iterator[tuple[OutgoingFile, str]]:
    for file in files:
        # A mail as a file must not be taken apart on its way.
        yield file, file.media_type if _TYPE.fullmatch(file.media_type) else "application/octet-stream"


def _mailbox(name: str, value: str) -> Address:
    user, _, domain = value.rpartition("@")
    return Address(display_name=name, username=user, domain=domain)


def _references(reply: Outgoing) -> tuple[str, tuple[str, ...]]:
    # An id with other characters than these cannot stand in a header as it is, and changed it names nothing.
    answered = reply.mail_in_reply_to if _MESSAGE_ID.fullmatch(reply.mail_in_reply_to) else ""
    known = [one for one in reply.mail_references if _MESSAGE_ID.fullmatch(one) and one != answered]
    if len(known) >= MAX_REFERENCES:
        # RFC 5322: the first names the thread, the last are what is answered.
        known = known[:1] + known[2 - MAX_REFERENCES :]
    return answered, tuple([*known, answered] if answered else known)


def _with_signature(text: str, signature: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip()
    signature = signature.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    return f"{text}\n\n-- \n{signature}\n" if signature.strip() else f"{text}\n"
