"""In which order a mailbox is read, and the cursor. Knows no protocol: `imap` fetches, `limits` reads.

A cursor, plain JSON::

    {"folders": {"INBOX": {"uidvalidity": 7, "last": 812, "low": 300, "since": 1790000000000, "done": false}}}

``last`` is the highest UID seen: what is above it is news. ``low`` is the lowest UID of the history read so
far, which goes back to ``since`` (milliseconds, fixed when the folder is first met); ``done``: it is there.
A page moves one of the two past the mails that it carries and touches nothing else, so a fetch that is
killed after any page and repeated goes on behind it.

Customers' folders come before the Sent folder in every round. Whoever answers must have seen the mail, so
after both are read no answer is missing that belongs to a mail already here: a mail that was answered
elsewhere is shown as waiting only until the same round comes to Sent. The other way round it would be
shown so until the next fetch. History goes back in all folders side by side, for the same reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from inbox_tui.channels.base import Cursor, Page
from inbox_tui.channels.email.imap import Found, Mailbox, Selected, folder_missing
from inbox_tui.channels.email.limits import Mail, MailReader
from inbox_tui.channels.email.records import Envelope
from inbox_tui.config import EmailAccount
from inbox_tui.errors import InboxError

FIRST_BATCH = 50
"""Mails of a folder's first page: the newest are on the screen at once."""
PAGE_BYTES = 32_000_000
"""A page is closed before it holds more, unless it is one mail."""
_MORE = 4
"""Further pages of the one folder that still has history, before the others are looked at again for news."""
_SIZES_AHEAD = 600
"""Mails of the history whose sizes are asked for at once: a command of 8 KB holds them (RFC 7162, 4)."""
_DAY = 86_400_000


@dataclass(frozen=True, slots=True)
class Place:
    """How far a folder has been read."""

    uidvalidity: int
    last: int
    low: int
    since: int
    done: bool


@dataclass(frozen=True, slots=True)
class _Load:
    """Mails of a page before they are parsed, with the cursor that is right behind them."""

    mails: list[Mail]
    cursor: Cursor
    ahead: int
    """History still to come, in the folders met so far."""
    urgent: bool
    """News, or a folder's first: on the screen before anything more is fetched."""


class Reading:
    """One fetch."""

    def __init__(
        self, account: EmailAccount, mailbox: Mailbox, reader: MailReader, cursor: Cursor, now: int
    ) -> None:
        self._account = account
        self._mailbox = mailbox
        self._reader = reader
        self._now = now
        self._places = _places(cursor)
        self._ahead: dict[str, list[int]] = {}
        """UIDs of the history still to be read, highest first, of the folders met in this fetch."""
        self._facts: dict[str, dict[int, Found | None]] = {}
        """Of their sizes what is known ahead; None: the mail is gone."""

    def pages(self) -> Iterator[Page]:
        """All that is new, then the history, round by round, until both are done.

        While the mails of one page are parsed, those of the next are fetched and those before them stored.
        """
        held: _Load | None = None
        try:
            for load in self._loads():
                before, held = held, None
                page = self._page(before) if before is not None else None
                self._reader.begin(load.mails)
                held = load
                if page is not None:
                    yield page
                if load.urgent:
                    held = None
                    yield self._page(load)
        except InboxError:
            if held is not None:
                yield self._page(held)  # it was fetched before anything went wrong
            raise
        if held is not None:
            yield self._page(held)
        yield Page((), self._cursor(), complete_until=self._now, history_done=True, ahead=0)

    def _loads(self) -> Iterator[_Load]:
        folders, sent, missing = self._folders()
        while True:
            for name in folders:
                yield from self._round(name, sent_folder=name == sent)
            if all(self._places[name].done for name in folders):
                break
        if missing:
            raise folder_missing(self._account, missing)

    def _folders(self) -> tuple[list[str], str | None, list[str]]:
        sent = self._mailbox.sent_folder()
        wanted = [name for name in dict.fromkeys(self._account.folders) if name != sent]
        there = [name for name in wanted if self._mailbox.exists(name)]
        missing = [name for name in wanted if name not in there]
        return ([*there, sent] if sent else there), sent, missing

    def _round(self, name: str, *, sent_folder: bool) -> Iterator[_Load]:
        selected = self._mailbox.select(name)
        place = self._places.get(name)
        fresh = place is None or place.uidvalidity != selected.uidvalidity
        if fresh:
            place = self._begin(selected, place)
        assert place is not None
        for uids in _pieces(sorted(self._mailbox.after(selected, place.last)), self._account.batch):
            yield from self._news(selected, uids, sent_folder)
        if not place.done:
            yield from self._history(selected, sent_folder, fresh=fresh)
        for _ in range(_MORE if not fresh and self._alone(name) else 0):
            if not self._places[name].done:
                yield from self._history(selected, sent_folder, fresh=False)

    def _alone(self, name: str) -> bool:
        """Whether all other folders are read to their end."""
        return all(place.done for other, place in self._places.items() if other != name)

    def _begin(self, selected: Selected, before: Place | None) -> Place:
        """A folder not met before, or one whose UIDs mean other mails now: it is read anew."""
        since = before.since if before else self._now - self._account.since_days * _DAY
        ahead = self._since(selected, since)
        top = max(ahead, default=0)
        last = top if selected.uidnext is None else max(top, selected.uidnext - 1)
        place = Place(selected.uidvalidity, last, last + 1, since, done=False)
        self._ahead[selected.name] = ahead
        self._places[selected.name] = place
        return place

    def _since(self, selected: Selected, since: int) -> list[int]:
        # SINCE compares days in the server's own zone: one day of margin. What is too old is history anyway.
        day = datetime.fromtimestamp(max(0, since - _DAY) / 1000, UTC).date()
        return sorted(self._mailbox.since(selected, day), reverse=True)

    def _news(self, selected: Selected, uids: Sequence[int], sent_folder: bool) -> Iterator[_Load]:
        for piece, found in self._by_size(uids, self._mailbox.sizes(uids)):
            mails = self._fetch(selected, piece, found, sent_folder)
            place = self._places[selected.name]
            self._places[selected.name] = replace(place, last=max(place.last, *piece))
            yield self._load(mails, urgent=True)

    def _history(self, selected: Selected, sent_folder: bool, *, fresh: bool) -> Iterator[_Load]:
        batch = min(FIRST_BATCH, self._account.batch) if fresh else self._account.batch
        place = self._places[selected.name]
        ahead = self._ahead.get(selected.name)
        if ahead is None:
            ahead = self._ahead[selected.name] = self._since(selected, place.since)
        ahead[:] = [uid for uid in ahead if uid < place.low]
        uids, ahead[:batch] = ahead[:batch], []
        facts = self._mailbox.sizes(uids) if fresh else self._sizes(selected, uids, ahead)
        for piece, found in self._by_size(uids, facts):
            mails = self._fetch(selected, piece, found, sent_folder)
            done = not ahead and piece[-1] == uids[-1]
            place = replace(self._places[selected.name], low=min(piece), done=done)
            self._places[selected.name] = place
            load = self._load(mails, urgent=fresh)
            if not fresh and piece[-1] == uids[-1] and self._alone(selected.name):
                try:
                    self._ask_ahead(selected, ahead)
                except InboxError:
                    yield load  # it was fetched before anything went wrong
                    raise
            yield load
        if not ahead and not self._places[selected.name].done:
            self._places[selected.name] = replace(self._places[selected.name], done=True)

    def _sizes(self, selected: Selected, uids: Sequence[int], ahead: Sequence[int]) -> dict[int, Found]:
        """Sizes of mails of the history; those of many that come after them are asked for, too."""
        known = self._facts.get(selected.name, {})
        if not all(uid in known for uid in uids):
            asked = [*uids, *ahead[: max(0, _SIZES_AHEAD - len(uids))]]
            answered = self._mailbox.sizes(asked)
            known = self._facts[selected.name] = {uid: answered.get(uid) for uid in asked}
        return {uid: found for uid in uids if (found := known[uid]) is not None}

    def _ask_ahead(self, selected: Selected, ahead: Sequence[int]) -> None:
        """Ask for the mails of the next page: the server finds them while this one is parsed and stored."""
        uids = ahead[: self._account.batch]
        if not uids:
            return
        facts = self._sizes(selected, uids, ahead[len(uids) :])
        piece, found = next(self._by_size(uids, facts))
        self._mailbox.ask(self._small(piece, found))

    def _small(self, uids: Sequence[int], found: Mapping[int, Found]) -> list[int]:
        """Those that are read whole."""
        return [uid for uid in uids if uid in found and found[uid].size <= self._account.max_mail_bytes]

    def _by_size(
        self, uids: Sequence[int], found: Mapping[int, Found]
    ) -> Iterator[tuple[list[int], Mapping[int, Found]]]:
        """The UIDs in their order, in pieces that fit into a page."""
        if not uids:
            return
        piece: list[int] = []
        room = PAGE_BYTES
        for uid in uids:
            size = found[uid].size if uid in found else 0
            if size > self._account.max_mail_bytes:
                size = 0
            if piece and size > room:
                yield piece, found
                piece, room = [], PAGE_BYTES
            piece.append(uid)
            room -= size
        yield piece, found

    def _fetch(
        self, selected: Selected, uids: Sequence[int], found: Mapping[int, Found], sent_folder: bool
    ) -> list[Mail]:
        limit = self._account.max_mail_bytes
        there = [uid for uid in uids if uid in found]
        bodies = self._mailbox.bodies(self._small(uids, found))
        large = [uid for uid in there if found[uid].size > limit]
        headers = self._mailbox.bodies(large, header_only=True)
        mails: list[Mail] = []
        for uid in there:
            if uid not in bodies and uid not in headers:
                continue  # expunged since it was found
            raw, why = bodies.get(uid), ""
            if uid in headers:
                raw, why = headers[uid], f"{found[uid].size} bytes: larger than max_mail_bytes"
            elif raw is None:
                why = "the server does not hand it out"
            at = found[uid].at
            envelope = Envelope(
                external_id=f"{selected.name}/{selected.uidvalidity}/{uid}",
                # A server without a sane INTERNALDATE: the moment it was found, never the Date header.
                sent_at=self._now if at is None else at,
                sent_folder=sent_folder,
                header_only=why,
            )
            mails.append((envelope, raw or b""))
        return mails

    def _load(self, mails: list[Mail], *, urgent: bool) -> _Load:
        return _Load(mails, self._cursor(), sum(map(len, self._ahead.values())), urgent)

    def _page(self, load: _Load) -> Page:
        """What was begun to be parsed, with its cursor."""
        return Page(messages=tuple(self._reader.finish()), cursor=load.cursor, ahead=load.ahead)

    def _cursor(self) -> Cursor:
        return {"folders": {name: asdict(place) for name, place in self._places.items()}}


def _places(cursor: Cursor) -> dict[str, Place]:
    folders: Mapping[str, Any] = cursor.get("folders", {})
    return {name: Place(**place) for name, place in folders.items()}


def _pieces(uids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(uids), size):
        yield uids[start : start + size]
