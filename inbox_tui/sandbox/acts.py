"""Acts: what people do in the sandbox, each an object as it stands in a line of incoming.jsonl.

Owns which kinds and fields there are, and who plays them. An act that makes no sense is refused with words
that say what to write instead; it then has changed nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import SMTP, compat32
from email.utils import format_datetime
from itertools import count

from inbox_tui.sandbox.faults import Faults
from inbox_tui.sandbox.graph_world import GraphWorld, UnknownObject
from inbox_tui.sandbox.mail_world import MailAccount, MailServer
from inbox_tui.sandbox.x_world import Account, User, XWorld

_FAULT_FIELDS = frozenset({"fault", "on", "times", "reset", "bytes", "path", "hours"})


class NotThere(ValueError, LookupError):
    """What an act refers to is not there, or no longer."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of act on one channel."""

    play: Callable[[Fields], str]
    needs: tuple[str, ...]
    """Fields that must be there, and not null."""
    may: tuple[str, ...] = ()
    """Further fields it knows."""


class Stage:
    """The three worlds an act can happen in, and the faults."""

    def __init__(
        self,
        faults: Faults,
        x: tuple[XWorld, Account],
        graph: GraphWorld,
        mail: tuple[MailServer, MailAccount],
        now: Callable[[], int],
    ) -> None:
        self._faults = faults
        self._x, self._x_account = x
        self._graph = graph
        self._mail, self._mailbox = mail
        self._now = now
        self._mail_number = count(1)
        mail_may = ("raw", "encoding", "from", "name", "to", "subject", "text", "in_reply_to", "at")
        self._kinds: Mapping[tuple[str, str], Kind] = {
            ("x", "mention"): Kind(self._mention, ("from", "text"), ("name", "at", "in_reply_to")),
            ("x", "our_post"): Kind(self._our_x_post, ("text",), ("at", "in_reply_to")),
            ("x", "dm"): Kind(self._dm, ("from", "text"), ("name", "at")),
            ("x", "our_dm"): Kind(self._our_dm, ("to", "text"), ("at",)),
            ("x", "opens_dms"): Kind(self._opens_dms, ("from",)),
            ("x", "closes_dms"): Kind(self._closes_dms, ("from",)),
            ("facebook", "message"): Kind(self._message, ("from", "text"), ("name", "at")),
            ("facebook", "our_message"): Kind(self._our_message, ("to", "text"), ("at",)),
            ("facebook", "leaves"): Kind(self._leaves, ("from",)),
            ("facebook", "post"): Kind(self._page_post, ("from", "text"), ("name", "at", "private")),
            ("facebook", "comment"): Kind(
                self._comment, ("from", "text", "post"), ("name", "at", "parent", "private")
            ),
            ("facebook", "our_post"): Kind(self._our_page_post, ("text",), ("at", "post", "parent")),
            ("email", "mail"): Kind(self._incoming_mail, (), mail_may),
            ("email", "our_mail"): Kind(self._our_mail, (), mail_may),
        }

    def play(self, act: Mapping[str, object]) -> str:
        """Let an act happen. Returns the id of what it made on its platform: of the post, the comment, or
        the mail (its Message-ID; its UID where it has none); the fault's name for a fault.

        Raises ValueError for an act that cannot be played; NotThere where what it refers to is gone.
        """
        if act.get("kind") == "fault":
            _refuse_unknown(act, _FAULT_FIELDS, "fault")
            self._faults.switch(act)
            return str(act["fault"])
        kind, name = self._kind(act)
        _refuse_unknown(act, {*kind.needs, *kind.may}, name)
        for field in kind.needs:
            if act.get(field) is None:
                raise ValueError(f"{name}: the field {field!r} is missing")
        try:
            return kind.play(Fields(act, name))
        except UnknownObject as error:
            raise NotThere(f"{name}: there is no post or comment {error} on this page") from error
        except LookupError as error:
            raise NotThere(f"{name}: {error}") from error

    def _kind(self, act: Mapping[str, object]) -> tuple[Kind, str]:
        channel, said = act.get("channel"), act.get("kind")
        if isinstance(channel, str) and isinstance(said, str) and (channel, said) in self._kinds:
            return self._kinds[channel, said], f"{channel} {said}"
        known = ", ".join(f"{one} {kind}" for one, kind in self._kinds)
        raise ValueError(
            f"there is no kind {said!r} on channel {channel!r}; there are: {known}, and kind fault"
        )

    def _mention(self, act: Fields) -> str:
        user = self._x.add_user(act.text("from"), act.text("name") or act.text("from").removeprefix("@"))
        post = self._x.post(user.handle, act.text("text"), in_reply_to=act.id("in_reply_to"), at=act.at())
        return post.id

    def _our_x_post(self, act: Fields) -> str:
        handle = self._x_account.user.handle
        return self._x.post(handle, act.text("text"), in_reply_to=act.id("in_reply_to"), at=act.at()).id

    def _x_user(self, act: Fields, field: str) -> User:
        handle = act.text(field)
        return self._x.add_user(handle, act.text("name") or handle.removeprefix("@"))

    def _dm(self, act: Fields) -> str:
        user = self._x_user(act, "from")
        return self._x.direct.say(user, self._x_account.user, act.text("text"), at=act.at()).id

    def _our_dm(self, act: Fields) -> str:
        user = self._x_user(act, "to")
        return self._x.direct.say(self._x_account.user, user, act.text("text"), at=act.at()).id

    def _opens_dms(self, act: Fields) -> str:
        user = self._x_user(act, "from")
        self._x.direct.takes(user, yes=True)
        return user.id

    def _closes_dms(self, act: Fields) -> str:
        user = self._x_user(act, "from")
        self._x.direct.takes(user, yes=False)
        return user.id

    def _message(self, act: Fields) -> str:
        person = self._graph.person(act.text("name") or act.text("from"))
        return self._graph.messenger.say(person, act.text("text"), at=act.at()).id

    def _our_message(self, act: Fields) -> str:
        person = self._graph.person(act.text("to"))
        return self._graph.messenger.page_says(person, act.text("text"), at=act.at()).id

    def _leaves(self, act: Fields) -> str:
        person = self._graph.person(act.text("from"))
        self._graph.messenger.leave(person)
        return person.id

    def _page_post(self, act: Fields) -> str:
        name = act.text("name") or act.text("from")
        return self._graph.post(name, act.text("text"), at=act.at(), private=act.flag("private"))

    def _comment(self, act: Fields) -> str:
        name = act.text("name") or act.text("from")
        return self._graph.comment(
            act.text("post"),
            name,
            act.text("text"),
            parent=act.id("parent"),
            at=act.at(),
            private=act.flag("private"),
        )

    def _our_page_post(self, act: Fields) -> str:
        target = act.id("parent") or act.id("post")
        if target is None:
            return self._graph.our_post(act.text("text"), at=act.at())
        return self._graph.our_comment(target, act.text("text"), at=act.at())

    def _incoming_mail(self, act: Fields) -> str:
        return self._file(act, "INBOX", sender=act.text("from"), to=act.text("to") or self._mailbox.address)

    def _our_mail(self, act: Fields) -> str:
        return self._file(act, "Sent", sender=act.text("from") or self._mailbox.address, to=act.text("to"))

    def _file(self, act: Fields, folder: str, *, sender: str, to: str) -> str:
        at = act.at()
        raw = act.raw()
        if raw is None:
            if not (sender and to):
                missing = "to" if sender else "from"
                raise ValueError(f"{act.name}: write the mail in 'raw', or give {missing!r}")
            raw = self._written(act, sender, to, self._now() if at is None else at)
        uid = self._mail.deliver(self._mailbox.name, raw, at, folder)
        message_id = BytesHeaderParser(policy=compat32).parsebytes(raw).get("Message-ID")
        return str(message_id).strip() if message_id else str(uid)

    def _written(self, act: Fields, sender: str, to: str, at: int) -> bytes:
        # Long lines: the library would fold a long Message-ID into encoded words, as no mail program does.
        mail = EmailMessage(policy=SMTP.clone(max_line_length=998))
        try:
            mail["From"] = Address(act.text("name"), addr_spec=sender)
            mail["To"] = Address(addr_spec=to)
            mail["Subject"] = act.text("subject")
            mail["Date"] = format_datetime(datetime.fromtimestamp(at // 1000, UTC))
            mail["Message-ID"] = f"<{at}.{next(self._mail_number)}@{sender.rpartition('@')[2]}>"
            if answered := act.id("in_reply_to"):
                mail["In-Reply-To"] = mail["References"] = answered
            mail.set_content(act.text("text"))
            return mail.as_bytes()
        except (ValueError, IndexError, MessageError) as error:
            why = f"no mail can be made of this ({error}); give it whole in 'raw'"
            raise ValueError(f"{act.name}: {why}") from error


class Fields:
    """The fields of one act, each read as what it must be."""

    def __init__(self, act: Mapping[str, object], name: str) -> None:
        self._act = act
        self.name = name

    def text(self, field: str) -> str:
        """Text; empty where the field is absent or null."""
        value = self._act.get(field)
        if value is not None and not isinstance(value, str):
            raise ValueError(f"{self.name}: {field} is {value!r}; it must be text")
        return value or ""

    def id(self, field: str) -> str | None:
        """An id, which may be written as a number; None where there is none."""
        value = self._act.get(field)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return self.text(field) or None

    def flag(self, field: str) -> bool:
        """True or false; false where the field is absent."""
        value = self._act.get(field, False)
        if not isinstance(value, bool):
            raise ValueError(f"{self.name}: {field} is {value!r}; it must be true or false")
        return value

    def at(self) -> int | None:
        """The time in milliseconds UTC; None is now."""
        value = self._act.get("at")
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        try:
            moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            wanted = 'null, milliseconds UTC, or a time such as "2026-11-20T08:14:00Z"'
            raise ValueError(f"{self.name}: at is {value!r}; it must be {wanted}")
        return round(moment.timestamp() * 1000)

    def raw(self) -> bytes | None:
        """A whole mail; None where there is none.

        As text it is UTF-8, and a lone surrogate U+DC80 to U+DCFF stands for a byte that is not; with
        ``"encoding": "latin-1"`` each character is one byte.
        """
        value = self._act.get("raw")
        if value is None or isinstance(value, bytes):
            return value
        encoding = self.text("encoding") or "utf-8"
        if encoding not in ("utf-8", "latin-1"):
            raise ValueError(f"{self.name}: encoding is {encoding!r}; it must be utf-8 or latin-1")
        text = self.text("raw")
        try:
            return text.encode(encoding, "surrogateescape" if encoding == "utf-8" else "strict")
        except UnicodeEncodeError as error:
            raise ValueError(f"{self.name}: raw cannot be written as {encoding}: {error.reason}") from error


def _refuse_unknown(act: Mapping[str, object], known: set[str] | frozenset[str], name: str) -> None:
    unknown = sorted(str(field) for field in act if field not in known and field not in ("channel", "kind"))
    if unknown:
        fields = ", ".join(sorted(known))
        raise ValueError(f"{name}: there is no field {unknown[0]!r}; it knows: {fields}")
