"""What a channel read, made harmless: after this nothing foreign in it can act on a terminal.

Once, at intake, and before any lock is taken. Raw mail stays as it came.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from inbox_tui.model import Attachment, Author, Incoming, MailFacts
from inbox_tui.records import replace
from inbox_tui.text import clean, file_name, is_clean, safe_link

_SUBJECT = 300
_NAME = 120
_TEXT = 100_000
_ID = 2_000
_FOREIGN = (
    *("author", "customer", "text", "full_text", "subject", "permalink", "thread_link", "why_not"),
    "attachments",
)
_foreign = attrgetter(*_FOREIGN)


def tidy_ids(message: Incoming) -> Incoming:
    """The message with the platform's ids cleaned: they are foreign text too, if hardly ever harmful."""
    joined = f"{message.external_id}{message.thread_key}{message.in_reply_to}{message.context}{message.root}"
    if joined.isascii() and joined.isprintable() and len(joined) <= _ID and not message.mail:
        return message
    ids = (message.external_id, message.thread_key, message.in_reply_to, message.context, message.root)
    tidied = [clean(one, multiline=False, limit=_ID) for one in ids]
    if [*ids] != tidied:
        external_id, thread_key, in_reply_to, context, root = tidied
        message = replace(
            message,
            external_id=external_id,
            thread_key=thread_key,
            in_reply_to=in_reply_to,
            context=context,
            root=root,
        )
    mail = _tidy_mail(message.mail) if message.mail else None
    return message if mail is message.mail else replace(message, mail=mail)


def _plain(ids: Iterable[str]) -> bool:
    """Nothing in them is to be cleaned, looked at together, as of most."""
    joined = "".join(ids)
    return joined.isascii() and joined.isprintable() and len(joined) <= _ID


def _tidy_mail(mail: MailFacts) -> MailFacts:
    """Message-IDs and addresses that cannot be shown as they are could not be answered either: they go."""
    if not mail.unparsed and _plain((mail.message_id, *mail.references, *mail.participants, mail.reply_to)):
        return mail
    found = {
        "message_id": mail.message_id if _is_clean(mail.message_id) else "",
        "references": tuple(filter(_is_clean, mail.references)),
        "participants": tuple(filter(_is_clean, mail.participants)),
        "reply_to": clean(mail.reply_to, multiline=False, limit=_ID),
        "unparsed": clean(mail.unparsed, multiline=False, limit=_SUBJECT),
    }
    changed = {name: value for name, value in found.items() if value != getattr(mail, name)}
    return replace(mail, **changed) if changed else mail  # type: ignore[arg-type]


def _is_clean(s: str) -> bool:
    return len(s) <= _ID and clean(s, multiline=False) == s


def tidy(message: Incoming) -> Incoming:
    """The message with every text of it cleaned: after this nothing foreign can act on a terminal."""
    if _is_tidy(message):
        return message
    full = clean(message.full_text, multiline=True, limit=_TEXT) if message.full_text else ""
    text = clean(message.text, multiline=True, limit=_TEXT)
    tidied = (
        _tidy_author(message.author),
        _tidy_author(message.customer) if message.customer else None,
        text,
        "" if full == text else full,
        clean(message.subject, multiline=False, limit=_SUBJECT) if message.subject else "",
        safe_link(message.permalink) or "" if message.permalink else "",
        safe_link(message.thread_link) or "" if message.thread_link else "",
        clean(message.why_not, multiline=False, limit=_SUBJECT) if message.why_not else "",
        tuple(map(_tidy_attachment, message.attachments)),
    )
    # A copy costs more than looking at all of them.
    if tidied == _foreign(message):
        return message
    return replace(message, **dict(zip(_FOREIGN, tidied, strict=True)))  # type: ignore[arg-type]


def _is_tidy(message: Incoming) -> bool:
    """Whether all of it is clean as it came, as most are: looked at together, for the price of two texts.

    No, too, for what has parts that few messages have: they are not looked at here.
    """
    if message.customer or message.full_text or message.attachments:
        return False
    author, link, thread_link = message.author, message.permalink, message.thread_link
    name, handle = author.name, author.handle
    lines = f"{name}{handle}{author.value or ''}{message.subject}{message.why_not}"
    return (
        # Shorter than each of them may be.
        len(lines) <= _NAME
        and "\n" not in lines
        and is_clean(lines)
        and len(message.text) <= _TEXT
        and is_clean(message.text)
        and name == name.strip()
        and handle == handle.strip()
        and (not link or safe_link(link) == link)
        and (not thread_link or safe_link(thread_link) == thread_link)
    )


def _tidy_attachment(attachment: Attachment) -> Attachment:
    media_type = clean(attachment.media_type, multiline=False, limit=_NAME)
    return replace(attachment, name=file_name(attachment.name), media_type=media_type)


def _tidy_author(author: Author) -> Author:
    name = clean(author.name, multiline=False, limit=_NAME).strip()
    handle = clean(author.handle, multiline=False, limit=_NAME).strip()
    # Cleaned it could be somebody else's: whoever has a value that is none is nobody who is known.
    value = author.value if author.value is not None and _is_clean(author.value) else None
    if name == author.name and handle == author.handle and value == author.value:
        return author
    return replace(author, name=name, handle=handle, value=value)
