"""Mails and folders as pymap's IMAP server wants to see them.

Owns what a mailbox holds: raw bytes as they were delivered, UIDs, flags, INTERNALDATE, and which sessions
must hear of a change. It opens no socket, and it never re-serialises a mail: what came in goes out byte for
byte. Everything here runs on the mail server's loop and on no other thread.

pymap's own dict backend is not used: it parses the MIME of each mail on arrival (deep nesting ends in a
RecursionError), loses the last byte of a mail without a body, and its IDLE spins once a mail has arrived.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache

from pymap.backend.mailbox import MailboxDataInterface, MailboxSetInterface
from pymap.bytes import Writeable
from pymap.concurrent import Event
from pymap.flags import FlagOp
from pymap.interfaces.message import CachedMessage
from pymap.listtree import ListTree
from pymap.mailbox import MailboxSnapshot
from pymap.message import BaseLoadedMessage, BaseMessage
from pymap.mime import MessageContent
from pymap.parsing.message import AppendMessage
from pymap.parsing.response.fetch import BodyStructure, EnvelopeStructure
from pymap.parsing.specials import FetchRequirement, ObjectId, SequenceSet
from pymap.parsing.specials.flag import Flag, Seen
from pymap.selected import SelectedMailbox, SelectedSet

SPECIAL_USE: Mapping[str, bytes] = {"Sent": b"Sent", "Archive": b"Archive"}
"""Folder -> its attribute of RFC 6154. These folders exist from the beginning."""

_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError)
"""What the standard library's header parser has been seen to raise on broken mail."""

_BLANK_LINE = re.compile(rb"(?:\A|\n)\r?\n")
_FIELD_START = re.compile(rb"(?<=\n)(?![ \t])")


class Mail(BaseMessage):
    """One mail in one folder."""

    __slots__ = ("raw",)

    def __init__(
        self, uid: int, at: datetime, flags: Iterable[Flag], raw: bytes, *, expunged: bool = False
    ) -> None:
        super().__init__(uid, at, flags, expunged=expunged)
        self.raw = raw

    def moved(self, uid: int, *, expunged: bool = False) -> Mail:
        """The same mail under another UID, or as a ghost of its own."""
        return Mail(uid, self.internal_date, self.permanent_flags, self.raw, expunged=expunged)

    async def load_content(self, requirement: FetchRequirement) -> LoadedMail:
        """Nothing is loaded or parsed before it is asked for."""
        return LoadedMail(self, requirement)


class LoadedMail(BaseLoadedMessage):
    """Answers from the raw bytes; parses MIME only for a section or a structure."""

    __slots__ = ("_parsed", "raw")

    def __init__(self, mail: Mail, requirement: FetchRequirement) -> None:
        super().__init__(mail, requirement, None)
        self.raw = mail.raw
        self._parsed: MessageContent | None = None

    @property
    def content(self) -> MessageContent:
        """The parsed mail; one opaque part where it cannot be parsed."""
        if self._parsed is None:
            try:
                self._parsed = MessageContent.parse(self.raw)
            except _UNREADABLE:
                self._parsed = MessageContent.parse(
                    b"Content-Type: application/octet-stream\r\n\r\n" + self.raw
                )
        return self._parsed

    def __bytes__(self) -> bytes:
        return self.raw

    def get_size(self, section: Sequence[int] | None = None) -> int:
        return super().get_size(section) if section else len(self.raw)

    def get_body(self, section: Sequence[int] | None = None, binary: bool = False) -> Writeable:
        return super().get_body(section, binary) if section or binary else Writeable.wrap(self.raw)

    def get_message_headers(
        self,
        section: Sequence[int] | None = None,
        subset: Collection[bytes] | None = None,
        inverse: bool = False,
    ) -> Writeable:
        if section:
            return super().get_message_headers(section, subset, inverse)
        header = header_of(self.raw)
        if subset is None:
            return Writeable.wrap(header)
        wanted = {name.lower() for name in subset}
        fields = [(_name(field), field) for field in _FIELD_START.split(header)]
        kept = b"".join(field for name, field in fields if name and (name in wanted) is not inverse)
        return Writeable.wrap(kept + b"\r\n")

    def get_message_text(self, section: Sequence[int] | None = None) -> Writeable:
        if section:
            return super().get_message_text(section)
        return Writeable.wrap(self.raw[len(header_of(self.raw)) :])

    def get_header(self, name: bytes) -> Sequence[str]:
        found = _header_pattern(name.lower()).findall(header_of(self.raw))
        return [value.decode("utf-8", "replace").strip() for value in found]

    def get_envelope_structure(self) -> EnvelopeStructure:
        try:
            return super().get_envelope_structure()
        except _UNREADABLE:
            return EnvelopeStructure.empty()

    def get_body_structure(self) -> BodyStructure:
        try:
            return super().get_body_structure()
        except _UNREADABLE:
            return BodyStructure.empty()

    def contains(self, value: bytes) -> bool:
        return value.lower() in self.raw.lower()


class Folder(MailboxDataInterface[Mail]):
    """One folder of one account."""

    def __init__(self, uid_validity: int, now: Callable[[], int]) -> None:
        self._id = ObjectId.random_mailbox_id()
        self._uid_validity = uid_validity
        self._now = now
        self._last_uid = 0
        self._selected_set = SelectedSet()
        self._log: list[tuple[bool, tuple[int, ...]]] = []
        """Each change: whether it took mails away, and which UIDs. Its length is the mod-sequence."""
        self._news = Event.for_asyncio()
        self.mails: dict[int, Mail] = {}
        """UID -> mail, ascending: UIDs only ever grow."""

    @property
    def mailbox_id(self) -> ObjectId:
        return self._id

    @property
    def readonly(self) -> bool:
        return False

    @property
    def uid_validity(self) -> int:
        return self._uid_validity

    @property
    def selected_set(self) -> SelectedSet:
        return self._selected_set

    def add(self, mails: Iterable[tuple[bytes, datetime, Iterable[Flag]]]) -> list[int]:
        """Add mails as one change; returns their UIDs."""
        uids = []
        for raw, at, flags in mails:
            self._last_uid += 1
            self.mails[self._last_uid] = Mail(self._last_uid, at, flags, raw)
            uids.append(self._last_uid)
        self._changed(uids)
        return uids

    def reset(self) -> None:
        """A new UIDVALIDITY, and all UIDs from 1 again. Sessions that have it open must be ended."""
        self._uid_validity += 1
        standing = list(self.mails.values())
        self.mails = {uid: mail.moved(uid) for uid, mail in enumerate(standing, 1)}
        self._last_uid = len(self.mails)

    def _changed(self, uids: Iterable[int], *, gone: bool = False) -> None:
        self._log.append((gone, tuple(uids)))
        # A fresh event each time: one that stayed set would let every IDLE spin.
        news, self._news = self._news, Event.for_asyncio()
        news.set()

    async def update_selected(
        self, selected: SelectedMailbox, *, wait_on: Event | None = None
    ) -> SelectedMailbox:
        since: int | None = selected.mod_sequence
        if wait_on is not None and since == len(self._log):
            await wait_on.or_event(self._news).wait()
        if since is None:
            selected.add_updates(self.mails.values(), [])
        else:
            touched = {uid for gone, uids in self._log[since:] if not gone for uid in uids}
            gone_uids = {uid for gone, uids in self._log[since:] if gone for uid in uids}
            selected.add_updates([self.mails[uid] for uid in sorted(touched) if uid in self.mails], gone_uids)
        selected.mod_sequence = len(self._log)
        return selected

    async def append(self, append_msg: AppendMessage, *, recent: bool = False) -> Mail:  # noqa: ARG002
        when = append_msg.when or datetime.fromtimestamp(self._now() / 1000, UTC)
        [uid] = self.add([(append_msg.literal, when, append_msg.flag_set)])
        return self.mails[uid]

    async def copy(
        self,
        uid: int,
        destination: Folder,
        *,
        recent: bool = False,  # noqa: ARG002
    ) -> int | None:
        mail = self.mails.get(uid)
        if mail is None:
            return None
        [copied] = destination.add([(mail.raw, mail.internal_date, mail.permanent_flags)])
        return copied

    async def move(
        self,
        uid: int,
        destination: Folder,
        *,
        recent: bool = False,  # noqa: ARG002
    ) -> int | None:
        moved = await self.copy(uid, destination)
        await self.delete([uid])
        return moved

    async def get(self, uid: int, cached_msg: CachedMessage) -> Mail:
        mail = self.mails.get(uid)
        if mail is not None:
            return mail
        if not isinstance(cached_msg, Mail):
            raise TypeError(f"not a mail of this folder: {cached_msg!r}")
        return cached_msg.moved(uid, expunged=True)

    async def update(
        self, uid: int, cached_msg: CachedMessage, flag_set: frozenset[Flag], mode: FlagOp
    ) -> Mail:
        mail = await self.get(uid, cached_msg)
        mail.permanent_flags = mode.apply(mail.permanent_flags, flag_set)
        self._changed([uid])
        return mail

    async def delete(self, uids: Iterable[int]) -> None:
        gone = [uid for uid in uids if self.mails.pop(uid, None) is not None]
        self._changed(gone, gone=True)

    async def claim_recent(self, selected: SelectedMailbox) -> None:
        """No mail is ever recent: nothing may depend on it, and telling costs a pass over the folder."""

    async def cleanup(self) -> None:
        """There is nothing to tidy."""

    async def find(self, seq_set: SequenceSet, selected: SelectedMailbox) -> AsyncIterator[tuple[int, Mail]]:
        for seq, cached in selected.messages.get_all(seq_set):
            # A session that was not told yet of an expunged mail must not find it all the same.
            if cached.uid in self.mails:
                yield seq, self.mails[cached.uid]

    async def snapshot(self) -> MailboxSnapshot:
        unseen = [seq for seq, mail in enumerate(self.mails.values(), 1) if Seen not in mail.permanent_flags]
        return MailboxSnapshot(
            self.mailbox_id,
            self.readonly,
            self.uid_validity,
            self.permanent_flags,
            self.session_flags,
            exists=len(self.mails),
            recent=0,
            unseen=len(unseen),
            first_unseen=unseen[0] if unseen else None,
            next_uid=self._last_uid + 1,
        )


class Folders(MailboxSetInterface[Folder]):
    """The folders of one account."""

    def __init__(self, uid_validity: int, now: Callable[[], int]) -> None:
        self._uid_validity = uid_validity
        self._now = now
        self._folders = {name: Folder(uid_validity, now) for name in ("INBOX", *SPECIAL_USE)}
        self._subscribed: set[str] = set(self._folders)

    @property
    def delimiter(self) -> str:
        return "/"

    def open(self, name: str) -> Folder:
        """The folder of this name; KeyError where there is none."""
        return self._folders["INBOX" if name.upper() == "INBOX" else name]

    def clear(self) -> None:
        """Begin again with empty folders; no session may have one open."""
        self._uid_validity += 1
        self._folders = {name: Folder(self._uid_validity, self._now) for name in ("INBOX", *SPECIAL_USE)}

    async def get_mailbox(self, name: str) -> Folder:
        return self.open(name)

    async def add_mailbox(self, name: str) -> ObjectId:
        if name in self._folders:
            raise ValueError(name)
        # Another number than its namesake that may have been deleted before had.
        self._uid_validity += 1
        self._folders[name] = Folder(self._uid_validity, self._now)
        return self._folders[name].mailbox_id

    async def delete_mailbox(self, name: str) -> None:
        del self._folders[name]

    async def rename_mailbox(self, before: str, after: str) -> None:
        if after in self._folders:
            raise ValueError(after)
        self._folders[after] = self._folders.pop(before)

    async def set_subscribed(self, name: str, subscribed: bool) -> None:
        (self._subscribed.add if subscribed else self._subscribed.discard)(name)

    async def list_subscribed(self) -> ListTree:
        return ListTree(self.delimiter).update(*(name for name in self._folders if name in self._subscribed))

    async def list_mailboxes(self) -> ListTree:
        return ListTree(self.delimiter).update(*self._folders)


def header_of(raw: bytes) -> bytes:
    """The header with the blank line that ends it; the whole mail where there is none."""
    end = _BLANK_LINE.search(raw)
    return raw if end is None else raw[: end.end()]


def _name(field: bytes) -> bytes:
    return field.partition(b":")[0].strip().lower() if b":" in field else b""


@lru_cache(maxsize=64)
def _header_pattern(name: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"^" + re.escape(name) + rb"[ \t]*:[ \t]*([^\n]*(?:\n[ \t][^\n]*)*)", re.I | re.M)
