"""The mailbox over IMAP: one connection, kept while it lives, its errors in our words.

Reads with EXAMINE and BODY.PEEK, so reading leaves no trace. Knows folders and UIDs; what is to be read
and in which order is the business of `reading`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from logging import DEBUG, getLogger
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError, ProtocolError

from inbox_tui.channels.email import answers as answers_of
from inbox_tui.channels.email.ahead import Ahead
from inbox_tui.channels.email.wire import (
    CONNECT_SECONDS,
    READ_SECONDS,
    checked,
    hidden,
    refused_login,
    said,
    tls_context,
    unreachable,
    xoauth2,
)
from inbox_tui.config import EmailAccount
from inbox_tui.credentials import Secret
from inbox_tui.errors import BadAnswer, LoginNeeded, Refused, Temporary

_LOGGER = "imapclient.imaplib"
_FAREWELL_SECONDS = 3.0
_SEARCH_WINDOW = 50_000
"""Messages searched at once: imaplib refuses an answer of more than a million bytes."""


@dataclass(frozen=True, slots=True)
class Selected:
    """A folder as it was when it was opened."""

    name: str
    uidvalidity: int
    uidnext: int | None
    """None: the server does not say."""
    exists: int


@dataclass(frozen=True, slots=True)
class Found:
    """What the server says of one mail before it is read."""

    size: int
    at: int | None
    """INTERNALDATE in milliseconds UTC; None where it makes no sense."""


class Mailbox:
    """One login on the IMAP server."""

    def __init__(self, account: EmailAccount, secret: Secret) -> None:
        self._account = account
        self._secret = secret
        self._where = f"IMAP {account.imap_host}:{account.imap_port}"
        self._client: IMAPClient | None = None
        self._sent: str | None = None
        self._known: set[str] = set()
        self._ends: dict[str, int] = {}
        self._open_folder: tuple[str, int] | None = None
        self._ahead: Ahead | None = None
        """Mails that were asked for before they are needed."""
        self.idling = False
        """Whether the connection waits for mail; any other command ends that first."""

    def connect(self) -> None:
        """Make sure that there is a living connection. Raises LoginNeeded, Temporary."""
        if self._client is not None:
            try:
                if self.idling:
                    self.idle_done()
                self._live().noop()
                self._ahead = None  # of a fetch that has ended
                return
            except (IMAPClientError, OSError, Temporary, BadAnswer):
                self.drop()
        try:
            self._enter()
        except LoginNeeded:
            if not self._secret.renew():
                raise
            self._enter()

    def _enter(self) -> None:
        with self._errors():
            self._client = self._open()
        try:
            self._login(self._client)
        except BaseException:
            self.drop()
            raise
        # imapclient has every line written out for its log. Not before the login: imaplib then keeps the last
        # lines by itself, and the password is not to be among them.
        if not getLogger(_LOGGER).isEnabledFor(DEBUG):
            self._client._imap.debug = 0

    def close(self) -> None:
        """Hang up; safe to call twice."""
        if self._client is None:
            return
        try:
            if self.idling:
                self.idle_done()
            self._client.socket().settimeout(_FAREWELL_SECONDS)
            self._client.logout()
        except (IMAPClientError, OSError, ValueError, Temporary, BadAnswer):
            self.drop()
        self._client = None

    def drop(self) -> None:
        """Forget a connection that cannot be trusted to answer any more."""
        self.idling = False
        self._ahead = None
        client, self._client, self._sent, self._known = self._client, None, None, set()
        if client is not None:
            try:
                client.shutdown()
            except (IMAPClientError, OSError):
                pass  # it was closed from the other side already

    def exists(self, folder: str) -> bool:
        """Whether there is a folder of that name."""
        if folder not in self._known:
            with self._errors():
                listed = self._live().list_folders(pattern=checked(folder, "the name of a folder"))
            self._known |= {str(name) for flags, _, name in listed if not _closed(flags)}
            if folder.upper() == "INBOX":
                self._known.add(folder)  # it is always there, spelled either way (RFC 9051, 5.1)
        return folder in self._known

    def sent_folder(self) -> str | None:
        """The Sent folder: the configured one, else the one that the server marks as such (RFC 6154)."""
        if self._sent is None and self._account.sent_folder:
            if self.exists(self._account.sent_folder):
                self._sent = self._account.sent_folder
            else:
                with self._errors():
                    listed = self._live().list_folders()
                marked = [name for flags, _, name in listed if b"\\sent" in {flag.lower() for flag in flags}]
                self._sent = marked[0] if marked and isinstance(marked[0], str) else None
        return self._sent

    def create(self, folder: str) -> None:
        """Make a folder."""
        with self._errors():
            self._live().create_folder(checked(folder, "the name of a folder"))

    def select(self, folder: str, *, write: bool = False) -> Selected:
        """Open a folder, for reading alone unless write."""
        with self._errors():
            answer = self._live().select_folder(checked(folder, "the name of a folder"), readonly=not write)
        validity, following = answer.get(b"UIDVALIDITY"), answer.get(b"UIDNEXT")
        if not isinstance(validity, int):
            raise BadAnswer(
                f"{self._start()}: folder {said(folder)} has no UIDVALIDITY", "use another server"
            )
        exists = answer.get(b"EXISTS")
        selected = Selected(
            name=folder,
            uidvalidity=validity,
            uidnext=following if isinstance(following, int) else None,
            exists=exists if isinstance(exists, int) else 0,
        )
        self._open_folder = (folder, validity)
        self._ends[folder] = selected.exists if selected.uidnext is None else selected.uidnext
        return selected

    def has_moved(self, folder: str) -> bool:
        """Open a folder, and say whether it got mail since it was opened last."""
        before = self._ends.get(folder)
        self.select(folder)
        return before is not None and self._ends[folder] != before

    def can_idle(self) -> bool:
        """Whether there is a connection, to a server that can tell of new mail."""
        if self._client is None:
            return False
        with self._errors():
            return bool(self._client.has_capability("IDLE"))

    def idle(self) -> None:
        """Begin to wait for mail in the open folder."""
        with self._errors():
            self._live().idle()
        self.idling = True

    def idle_check(self, seconds: float) -> list[tuple[Any, ...]]:
        """What the server told meanwhile, within so many seconds; nothing at once where the line is dead."""
        with self._errors():
            return [one for one in self._live().idle_check(seconds) if isinstance(one, tuple)]

    def idle_done(self) -> None:
        """Wait no longer."""
        self.idling = False
        with self._errors():
            self._live().idle_done()

    def since(self, selected: Selected, day: date) -> set[int]:
        """UIDs of the mails that arrived on that day or later."""
        return self._in_windows(selected, ["SINCE", day])

    def after(self, selected: Selected, last: int) -> set[int]:
        """UIDs above last."""
        following = selected.uidnext
        if not selected.exists or (following is not None and following <= last + 1):
            return set()
        criteria = ["UID", f"{last + 1}:*"]
        if following is not None and following - last <= _SEARCH_WINDOW:
            found = self.search(criteria)
        else:
            found = self._in_windows(selected, criteria)
        # "n:*" beyond the end means the last mail.
        return {uid for uid in found if uid > last}

    def search(self, criteria: list[Any]) -> set[int]:
        """UIDs in the open folder."""
        with self._errors():
            return set(self._live().search(criteria))

    def sizes(self, uids: Sequence[int]) -> dict[int, Found]:
        """Size and arrival of mails in the open folder; what is gone by now is left out."""
        with self._errors():
            answers = self._fetch(uids, *answers_of.SIZES)
        found = {}
        for uid, answer in answers.items():
            size, at = answer.get(b"RFC822.SIZE"), answer.get(b"INTERNALDATE")
            found[uid] = Found(
                size=size if isinstance(size, int) else 0,
                at=_milliseconds(at) if isinstance(at, datetime) else None,
            )
        return found

    def bodies(self, uids: Sequence[int], *, header_only: bool = False) -> dict[int, bytes | None]:
        """Raw mails; None where the server has the mail but does not hand it out."""
        part = "BODY.PEEK[HEADER]" if header_only else "BODY.PEEK[]"
        key = b"BODY[HEADER]" if header_only else b"BODY[]"
        with self._errors():
            ahead = None if header_only else self._came_for(uids)
            answers = self._fetch(uids, part) if ahead is None else ahead
        found: dict[int, bytes | None] = {}
        for uid, answer in answers.items():
            raw = answer.get(key)
            # The parser of answers turns a body that consists of digits into a number.
            found[uid] = (
                raw if isinstance(raw, bytes) else str(raw).encode() if isinstance(raw, int) else None
            )
        return found

    def ask(self, uids: Sequence[int]) -> None:
        """Ask for raw mails of the open folder without waiting: the server hands them out meanwhile.

        `bodies` of the same UIDs takes them. Before any other command they are read and kept; only those that
        were asked for last are.
        """
        if not uids:
            return
        with self._errors():
            self._ahead = Ahead(self._live(), (self._open_folder, tuple(uids)))

    def _came_for(self, uids: Sequence[int]) -> answers_of.Answers | None:
        """What was asked for ahead, where it is just this; None: it is not."""
        ahead = self._ahead
        if ahead is None or ahead.what != (self._open_folder, tuple(uids)):
            return None
        self._ahead = None
        return answers_of.read(ahead.collected())

    def _fetch(self, uids: Sequence[int], *items: str) -> answers_of.Answers:
        """imapclient's fetch, but for the reading of the answer."""
        if not uids:
            return {}
        client = self._live()
        listed = ",".join(map(str, uids))
        outcome, data = client._imap.uid("FETCH", listed, f"({' '.join(items)})")
        client._checkok("fetch", outcome, data)
        return answers_of.read(data)

    def append(self, folder: str, raw: bytes, at: int) -> None:
        """File a mail as read."""
        when = datetime.fromtimestamp(at / 1000, UTC)
        with self._errors():
            self._live().append(folder, raw, flags=(rb"\Seen",), msg_time=when)

    def mark_answered(self, uid: int) -> None:
        """Set \\Answered and \\Seen in the folder open for writing."""
        with self._errors():
            self._live().add_flags([uid], [rb"\Answered", rb"\Seen"], silent=True)

    def _in_windows(self, selected: Selected, criteria: list[Any]) -> set[int]:
        # From the top: a mail expunged meanwhile moves the others down, into a window still to come.
        found: set[int] = set()
        for top in range(selected.exists, 0, -_SEARCH_WINDOW):
            bottom = max(1, top - _SEARCH_WINDOW + 1)
            found |= self.search([f"{bottom}:{top}", *criteria])
        return found

    def _open(self) -> IMAPClient:
        tls = self._account.imap_security == "tls"
        client = IMAPClient(
            self._account.imap_host,
            port=self._account.imap_port,
            ssl=tls,
            ssl_context=tls_context(self._account) if tls else None,
            timeout=SocketTimeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
        )
        client.normalise_times = False  # else times come back naive, in the zone of this machine
        return client

    def _login(self, client: IMAPClient) -> None:
        user = checked(self._account.username or self._account.address, "the user name")
        password = checked(self._secret.reveal(), "the password")
        with self._errors():
            if self._account.oauth is not None:
                self._login_by_token(client, user, password)
            elif user.isascii() and password.isascii():
                client.login(user, password)
            else:
                client.plain_login(user, password)

    def _login_by_token(self, client: IMAPClient, user: str, token: str) -> None:
        if b"AUTH=XOAUTH2" not in client.capabilities():
            raise LoginNeeded(
                f"{self._start()}: the server takes no login by OAuth (XOAUTH2)",
                f"check imap_host, or take [accounts.{self._account.name}.oauth] out and use a password",
            )
        # A second challenge holds the reason of a refusal, and wants an empty answer.
        answers = iter((xoauth2(user, token), ""))
        client.sasl_login("XOAUTH2", lambda _challenge: next(answers, ""))

    def _live(self) -> IMAPClient:
        if self._client is None:
            raise Temporary(f"{self._start()}: not connected", "it is tried again")
        if self._ahead is not None:
            self._ahead.collected()
        return self._client

    def _start(self) -> str:
        return f"account {self._account.name}: {self._where}"

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Errors of the library in our words. After any of them the connection is not used again."""
        with hidden(self._account, self._secret), self._in_our_words():
            yield

    @contextmanager
    def _in_our_words(self) -> Iterator[None]:
        try:
            yield
        except LoginError as error:
            if isinstance(error.__context__, IMAPClientAbortError) or "[UNAVAILABLE]" in str(error):
                raise self._broken(error.__context__ or error) from None
            raise LoginNeeded(
                f"{self._start()}: the login is refused: {said(str(error))}",
                refused_login(self._account),
            ) from None
        except IMAPClientAbortError as error:
            raise self._broken(error) from None
        except ProtocolError as error:
            self.drop()
            raise BadAnswer(f"{self._start()}: {said(str(error))}", "it is tried again") from None
        except IMAPClientError as error:
            self.drop()
            raise Temporary(f"{self._start()}: {said(str(error))}", "it is tried again") from None
        except OSError as error:
            self.drop()
            raise unreachable(self._account, self._where, error) from None
        except (ValueError, IndexError, TypeError, AttributeError, KeyError, RecursionError) as error:
            # What the libraries raise on answers that they did not expect.
            self.drop()
            raise BadAnswer(
                f"{self._start()}: an answer that makes no sense ({said(str(error))})", "it is tried again"
            ) from None

    def _broken(self, error: BaseException) -> Temporary:
        self.drop()
        return Temporary(f"{self._start()}: the server hung up: {said(str(error))}", "it is tried again")


def folder_missing(account: EmailAccount, names: Sequence[str]) -> Refused:
    """Configured folders that the server does not have."""
    listed = ", ".join(said(name) for name in names)
    return Refused(
        f"account {account.name}: the server has no folder {listed}",
        f"correct folders in [accounts.{account.name}]",
    )


def _closed(flags: Sequence[bytes]) -> bool:
    """A name that only holds other folders."""
    return bool({flag.lower() for flag in flags} & {b"\\noselect", b"\\nonexistent"})


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
