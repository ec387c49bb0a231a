"""The sandbox's mail server: mailboxes that people write to, IMAP and SMTP over TLS, one loop in one thread.

Owns the accounts, the listening sockets and the thread. The protocols are `imap` and `smtp`; the mails are in
`mailbox`. It binds to 127.0.0.1 alone. Every public method may be called from any thread, before and after
the server is started; what a connection raised unforeseen is kept in `failures`.

A fault's ``path`` is looked for in the login; for `uidvalidity` in ``login/folder``, for `smtp_refuse` in the
recipient.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from hashlib import sha256
from typing import TypeVar

from aiosmtpd.smtp import SMTP

from inbox_tui.sandbox.faults import Faults
from inbox_tui.sandbox.imap import ImapServer
from inbox_tui.sandbox.journal import rfc3339
from inbox_tui.sandbox.mailbox import Folder, Folders
from inbox_tui.sandbox.smtp import protocol_factory

TICK_SECONDS = 0.05
"""How often idling clients are looked at, and how long a farewell may take to go out."""

MAX_COMMAND = 4 * 1024 * 1024
"""Bytes of an IMAP command line: a client may name each of its UIDs in one."""

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class MailAccount:
    """One mailbox and its login, the same for IMAP and SMTP."""

    name: str
    """As the config calls the account."""
    address: str
    """Mail to this address arrives in its INBOX. Also the user name."""
    password: str


@dataclass(frozen=True, slots=True)
class StoredMail:
    """A mail to be delivered."""

    raw: bytes
    at: int | None = None
    """INTERNALDATE in milliseconds UTC, kept to the second; None is now."""


class MailServer:
    """IMAP (implicit TLS), SMTP (implicit TLS) and SMTP (STARTTLS), each on a port of its own."""

    def __init__(
        self,
        tls: ssl.SSLContext,
        faults: Faults,
        now: Callable[[], int],
        on_accept: Callable[[dict[str, object]], None],
    ) -> None:
        """``on_accept`` is told of each mail that SMTP accepted, in the server's thread: it must be quick."""
        self.faults = faults
        self.failures: deque[BaseException] = deque(maxlen=100)
        self.imap_port = self.smtp_port = self.starttls_port = 0
        """Bound by `start`."""
        self.open_submissions: set[SMTP] = set()
        self.token_holder: Callable[[str], str | None] = lambda _token: None
        """Whose access token a token is, for logins by XOAUTH2."""
        self._tls = tls
        self._now = now
        self._on_accept = on_accept
        self._accounts: dict[str, MailAccount] = {}
        self._folders: dict[str, Folders] = {}
        self._imap = ImapServer(self)
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._servers: list[asyncio.Server] = []

    def add_account(self, name: str, address: str, password: str) -> MailAccount:
        """Open a mailbox with INBOX, Sent and Archive. Raises ValueError for a name or address in use."""
        if name in self._accounts or self._by_address(address) is not None:
            raise ValueError(f"there is a mail account {name!r} or an address {address!r} already")
        account = MailAccount(name, address, password)
        # From the clock: a sandbox started anew in the same directory holds other mails under these UIDs.
        self._folders[name] = Folders(self._now() // 1000 % 2**31 or 1, self._now)
        self._accounts[name] = account
        return account

    def start(self) -> None:
        """Bind the ports and begin to serve."""
        if self._thread is not None:
            raise RuntimeError("the mail server was started before")
        loop = asyncio.new_event_loop()
        loop.set_exception_handler(self._failed)
        self._thread = threading.Thread(target=loop.run_forever, name="sandbox-mail", daemon=True)
        self._thread.start()
        with self._lock:
            self._loop = loop
        asyncio.run_coroutine_threadsafe(self._listen(loop), loop).result()

    def stop(self) -> None:
        """End every connection, the loop and the thread. A second call does nothing."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is None or self._thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._close(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        self._thread.join()
        loop.close()

    def deliver(self, account: str, raw: bytes, at: int | None = None, folder: str = "INBOX") -> int:
        """Put a mail into a folder as it stands; returns its UID.

        ``at``: INTERNALDATE in milliseconds UTC, None is now. KeyError for an unknown account or folder.
        """
        return self.deliver_many(account, [StoredMail(raw, at)], folder)[0]

    def deliver_many(self, account: str, mails: Iterable[StoredMail], folder: str = "INBOX") -> list[int]:
        """Put many mails into a folder, oldest UID first, as one change; returns their UIDs."""
        dated = [(mail.raw, _date(self._now() if mail.at is None else mail.at), ()) for mail in mails]
        return self._call(lambda: self._folder(account, folder).add(dated))

    def clear(self) -> None:
        """Empty all mailboxes; UIDs begin anew under new UIDVALIDITYs."""

        def empty() -> None:
            for folders in self._folders.values():
                folders.clear()

        self._call(empty)

    def reset_uidvalidity(self, account: str, folder: str = "INBOX") -> None:
        """Give the folder a new UIDVALIDITY and new UIDs; whoever has it open is disconnected."""
        self._call(lambda: self.reset(self._accounts[account].address, folder))

    def mailbox(self, account: str, folder: str = "INBOX") -> list[tuple[int, tuple[str, ...], bytes]]:
        """What the folder holds, by UID: the UID, its flags (``\\Seen``) in order, and the raw mail."""
        return self._call(
            lambda: [
                (mail.uid, tuple(sorted(str(flag) for flag in mail.permanent_flags)), mail.raw)
                for mail in self._folder(account, folder).mails.values()
            ]
        )

    def folders(self, login: str) -> Folders:
        """The folders behind a login; KeyError where there is none. For the protocols, on the loop."""
        account = self._by_address(login)
        if account is None:
            raise KeyError(login)
        return self._folders[account.name]

    def password(self, login: str) -> str | None:
        """The password of a login; None where there is no such login."""
        account = self._by_address(login)
        return None if account is None else account.password

    def token_of(self, login: str, token: str) -> bool:
        """Whether this is an access token of this login."""
        account = self._by_address(login)
        return account is not None and self.token_holder(token) == account.address

    def reset(self, login: str, folder: str) -> None:
        """`reset_uidvalidity` by login, on the loop."""
        self.folders(login).open(folder).reset()
        self._imap.evict(login, folder)

    def accept(self, login: str, recipients: list[str], raw: bytes, *, returns: bool = True) -> None:
        """Take a submitted mail: into the mailboxes that live here, and to the journal. On the loop."""
        sender = self._by_address(login)
        at = self._now()
        # First: where the journal cannot be written the mail is refused, and must not have arrived.
        self._on_accept(
            {
                "channel": "email",
                "kind": "mail",
                "account": "" if sender is None else sender.name,
                "to": ", ".join(recipients),
                **_described(raw),
                **({} if returns else {"null_return_path": True}),
                "at": rfc3339(at),
            }
        )
        for address in recipients:
            account = self._by_address(address)
            if account is not None:
                self._folder(account.name, "INBOX").add([(raw, _date(at), ())])

    def _folder(self, account: str, folder: str) -> Folder:
        if account not in self._folders:
            raise KeyError(f"mail account {account!r}; there are: {', '.join(self._folders) or 'none'}")
        try:
            return self._folders[account].open(folder)
        except KeyError:
            raise KeyError(f"folder {folder!r} of the mail account {account!r}") from None

    def _by_address(self, address: str) -> MailAccount | None:
        wanted = address.lower()
        return next((one for one in self._accounts.values() if one.address.lower() == wanted), None)

    def _call(self, act: Callable[[], _Result]) -> _Result:
        """Run it where the mails may be touched: on the loop, or here while there is none."""
        with self._lock:
            if self._loop is None or threading.current_thread() is self._thread:
                return act()
            done = asyncio.run_coroutine_threadsafe(_run(act), self._loop)
        return done.result()

    async def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        imap = await asyncio.start_server(self._imap.serve, "127.0.0.1", 0, ssl=self._tls, limit=MAX_COMMAND)
        smtp = await loop.create_server(protocol_factory(self, loop, None), "127.0.0.1", 0, ssl=self._tls)
        starttls = await loop.create_server(protocol_factory(self, loop, self._tls), "127.0.0.1", 0)
        self._servers = [imap, smtp, starttls]
        self.imap_port, self.smtp_port, self.starttls_port = (
            int(server.sockets[0].getsockname()[1]) for server in self._servers
        )
        self._watch = loop.create_task(self._watch_idlers())

    async def _watch_idlers(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self._imap.strike_idle()

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        self._imap.hang_up()
        await asyncio.sleep(TICK_SECONDS)
        # A polite end of TLS waits for the other side, which may never answer.
        self._imap.abort()
        for submission in list(self.open_submissions):
            if isinstance(submission.transport, asyncio.WriteTransport):
                submission.transport.abort()
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        for task in rest:
            with suppress(asyncio.CancelledError, OSError):
                await task
        await asyncio.sleep(0)

    def _failed(self, _loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        error = context.get("exception")
        # A client that hangs up or fails its handshake is its own affair; all else is a fault of ours.
        # asyncio has no better word for an answer to a client whose TLS is closed already.
        hung_up = isinstance(error, OSError) or getattr(error, "name", "") == "_write_appdata"
        if isinstance(error, BaseException) and not hung_up:
            self.failures.append(error)


async def _run(act: Callable[[], _Result]) -> _Result:
    return act()


def _date(at: int) -> datetime:
    return datetime.fromtimestamp(at // 1000, UTC)


def _described(raw: bytes) -> dict[str, object]:
    """The journal's fields of a mail: what it answers, its subject, its plain text, its files, its id."""
    mail = BytesParser(policy=compat32).parsebytes(raw)
    files = _files(mail)
    return {
        "in_reply_to": _header(mail, "In-Reply-To") or None,
        "subject": _header(mail, "Subject"),
        "text": _text(mail),
        **({"files": files} if files else {}),
        "id": _header(mail, "Message-ID"),
    }


def _files(mail: Message) -> list[dict[str, object]]:
    """Name, size and SHA-256 of each file, so that a script can tell whether it arrived whole."""
    found: list[dict[str, object]] = []
    for part in mail.walk():
        name, payload = part.get_filename(), part.get_payload(decode=True)
        if name is not None and isinstance(payload, bytes):
            found.append({"name": name, "size": len(payload), "sha256": sha256(payload).hexdigest()})
    return found


def _header(mail: Message, name: str) -> str:
    value = mail.get(name, "")
    try:
        return " ".join(str(make_header(decode_header(value))).split())
    except (ValueError, LookupError, MessageError):
        return " ".join(str(value).split())


def _text(mail: Message) -> str:
    for part in mail.walk():
        if part.get_content_type() == "text/plain" and part.get_filename() is None:
            payload = part.get_payload(decode=True)
            data = payload if isinstance(payload, bytes) else b""
            try:
                text = data.decode(part.get_content_charset() or "utf-8", "replace")
            except LookupError:
                text = data.decode("utf-8", "replace")
            return text.replace("\r\n", "\n").rstrip("\n")
    return ""
