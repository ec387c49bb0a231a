"""The IMAP side of the mail server: pymap's protocol over our folders.

Owns sessions, logins and the faults that strike an IMAP connection. It does not own mails (`mailbox`) nor
sockets (`mail_world`, which hands each accepted connection to `ImapServer.serve`).

What pymap lacks is added here: SPECIAL-USE, a BYE while a client idles. What it says of itself is true:
IDLE, MULTIAPPEND, UIDPLUS, MOVE; there is no CONDSTORE, no QRESYNC, no THREAD.
"""

from __future__ import annotations

import hmac
import socket
import ssl
from argparse import Namespace
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from datetime import datetime
from typing import Protocol

from proxyprotocol.sock import SocketInfoLocal
from pymap.backend.session import BaseSession
from pymap.bytes import WriteStream
from pymap.concurrent import Subsystem
from pymap.config import BackendCapability, IMAPConfig
from pymap.context import connection_exit
from pymap.exceptions import InvalidAuth, NotAllowedError
from pymap.imap import IMAPConnection
from pymap.imap.state import ConnectionState
from pymap.interfaces.login import IdentityInterface, LoginInterface
from pymap.interfaces.token import TokensInterface
from pymap.mailbox import MailboxSnapshot
from pymap.parsing.command import Command
from pymap.parsing.command.any import LogoutCommand
from pymap.parsing.command.select import IdleCommand
from pymap.parsing.response import CommandResponse, Response
from pymap.selected import SelectedMailbox
from pymap.user import UserMetadata
from pysasl import SASLAuth
from pysasl.creds.external import ExternalCredentials, ExternalVerificationRequired
from pysasl.creds.plain import PlainCredentials
from pysasl.creds.server import ServerCredentials
from pysasl.hashing import BuiltinHash
from pysasl.mechanism.login import LoginMechanism
from pysasl.mechanism.oauth import OAuth2Mechanism
from pysasl.mechanism.plain import PlainMechanism

from inbox_tui.sandbox.faults import Faults
from inbox_tui.sandbox.mailbox import SPECIAL_USE, Folders, Mail

MAX_APPEND = 64 * 1024 * 1024
"""Bytes of a mail a client may file."""

_FLUSH_BYTES = 64 * 1024


class Mailboxes(Protocol):
    """What a session needs of the mail server; all on the server's loop."""

    faults: Faults

    def folders(self, login: str) -> Folders:
        """The folders of whoever logged in so; KeyError where nobody may."""
        ...

    def password(self, login: str) -> str | None:
        """The password of this login; None where there is no such login."""
        ...

    def token_of(self, login: str, token: str) -> bool:
        """Whether this is an access token of this login."""
        ...

    def reset(self, login: str, folder: str) -> None:
        """A new UIDVALIDITY for the folder."""
        ...


class _Config(IMAPConfig):
    """pymap's settings. TLS is underneath already, so it offers no STARTTLS and logins are allowed."""

    def __init__(self) -> None:
        super().__init__(
            Namespace(passlib_cfg=None, proxy_protocol=None),
            host=None,
            port=0,
            tls_enabled=False,
            # Unused, but left out each would be built: a context with the system's roots, a thread pool.
            ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER),
            cpu_subsystem=Subsystem.for_asyncio(),
            hash_context=BuiltinHash(),
            reject_dnsbl=False,
            max_append_len=MAX_APPEND,
        )

    @property
    def backend_capability(self) -> BackendCapability:
        return BackendCapability(idle=True, object_id=False, multi_append=True, custom=[b"SPECIAL-USE"])

    @property
    def tls_auth(self) -> SASLAuth:
        return SASLAuth([PlainMechanism(), LoginMechanism(), OAuth2Mechanism()])

    @property
    def greeting(self) -> bytes:
        # The base class asks the resolver for the host's name here, which can hang.
        return b"Sandbox mail server ready"


class _Session(BaseSession[Mail]):
    """What one login may do with its folders."""

    def __init__(self, owner: str, config: _Config, mailboxes: Mailboxes) -> None:
        super().__init__(owner)
        self._config = config
        self._mailboxes = mailboxes

    @property
    def config(self) -> IMAPConfig:
        return self._config

    @property
    def mailbox_set(self) -> Folders:
        return self._mailboxes.folders(self.owner)

    async def list_mailboxes(
        self,
        ref_name: str,
        filter_: str,
        subscribed: bool = False,
        selected: SelectedMailbox | None = None,
    ) -> tuple[Iterable[tuple[str, str | None, Sequence[bytes]]], SelectedMailbox | None]:
        listed, selected = await super().list_mailboxes(ref_name, filter_, subscribed, selected)
        marked = [
            (name, delimiter, [*flags, SPECIAL_USE[name]] if name in SPECIAL_USE else flags)
            for name, delimiter, flags in listed
        ]
        return marked, selected

    async def select_mailbox(
        self, name: str, readonly: bool = False
    ) -> tuple[MailboxSnapshot, SelectedMailbox]:
        if self._mailboxes.faults.take("email", "uidvalidity", f"{self.owner}/{name}"):
            self._mailboxes.reset(self.owner, name)
        return await super().select_mailbox(name, readonly)


class _Identity(IdentityInterface):
    """One login, which can do nothing but open its session."""

    def __init__(self, name: str, config: _Config, mailboxes: Mailboxes) -> None:
        self._name = name
        self._config = config
        self._mailboxes = mailboxes

    @property
    def name(self) -> str:
        return self._name

    @property
    def roles(self) -> frozenset[str]:
        return frozenset()

    @asynccontextmanager
    async def new_session(self) -> AsyncIterator[_Session]:
        yield _Session(self._name, self._config, self._mailboxes)

    async def new_token(self, *, expiration: datetime | None = None) -> str | None:  # noqa: ARG002
        return None

    async def get(self) -> UserMetadata:
        return UserMetadata(self._config, self._name)

    async def set(self, metadata: UserMetadata) -> int | None:  # noqa: ARG002
        raise NotAllowedError("Logins cannot be changed.")

    async def delete(self) -> None:
        raise NotAllowedError("Logins cannot be changed.")


class _Login(LoginInterface):
    """Checks user and password."""

    def __init__(self, config: _Config, mailboxes: Mailboxes) -> None:
        self._config = config
        self._mailboxes = mailboxes

    @property
    def tokens(self) -> TokensInterface:
        raise NotAllowedError("There are no tokens here.")

    async def authenticate(self, credentials: ServerCredentials) -> _Identity:
        if isinstance(credentials, ExternalCredentials):
            return self._by_token(credentials)
        name = credentials.authcid
        known = self._mailboxes.password(name)
        if known is None or not isinstance(credentials, PlainCredentials):
            raise InvalidAuth
        if not credentials.verify(_Secret(name, known)):
            raise InvalidAuth
        if self._mailboxes.faults.take("email", "login_refused", name):
            raise InvalidAuth
        return _Identity(name, self._config, self._mailboxes)

    def _by_token(self, credentials: ExternalCredentials) -> _Identity:
        name = credentials.authzid
        try:
            credentials.verify(None)
        except ExternalVerificationRequired as required:
            right = self._mailboxes.token_of(name, required.token or "")
        if not right or self._mailboxes.faults.take("email", "login_refused", name):
            raise InvalidAuth
        return _Identity(name, self._config, self._mailboxes)

    async def authorize(self, authenticated: IdentityInterface, authzid: str) -> IdentityInterface:
        if authenticated.name != authzid:
            raise InvalidAuth
        return authenticated


class _Secret:
    """A password as pysasl compares it."""

    def __init__(self, name: str, password: str) -> None:
        self.authcid = name
        self._password = password

    def compare_authcid(self, authcid: str) -> bool:
        return authcid == self.authcid

    def compare_secret(self, value: str) -> bool:
        return hmac.compare_digest(value.encode("utf-8", "replace"), self._password.encode())

    def get_clear_secret(self) -> str | None:
        return None


class _Connection(IMAPConnection):
    """One client's connection."""

    __slots__ = ("_faults", "_state", "idling")

    def __init__(
        self,
        config: _Config,
        streams: tuple[StreamReader, StreamWriter],
        state: ConnectionState,
        faults: Faults,
    ) -> None:
        reader, writer = streams
        super().__init__(config.commands, config, reader, writer, SocketInfoLocal(writer))
        self._state = state
        self._faults = faults
        self.idling = False

    @property
    def login(self) -> str | None:
        """Who is logged in; None before."""
        session = self._state._session
        return None if session is None else session.owner

    def has_open(self, login: str, folder: str) -> bool:
        """Whether this login has this folder selected here."""
        selected = self._state._selected
        return self.login == login and selected is not None and selected.lookup.upper() == folder.upper()

    def bye(self, why: bytes) -> None:
        """Say BYE and hang up."""
        if not self.writer.is_closing():
            self.writer.write(b"* BYE " + why + b"\r\n")
            self.writer.close()

    async def read_command(self, state: ConnectionState) -> Command:
        command = await super().read_command(state)
        login = self.login
        if login is None or isinstance(command, LogoutCommand):
            return command
        if self._faults.take("email", "imap_bye", login):
            self.bye(b"Server is going down.")
            raise EOFError
        return command

    async def idle(self, state: ConnectionState, cmd: IdleCommand) -> CommandResponse:
        self.idling = True
        try:
            return await super().idle(state, cmd)
        finally:
            self.idling = False

    async def readline(self) -> memoryview:
        # imapclient sends a command in pieces; each but the first waits until the one before is acknowledged.
        connection = self.writer.get_extra_info("socket")
        if connection is not None and hasattr(socket, "TCP_QUICKACK"):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        return await super().readline()

    async def write_response(self, resp: Response) -> None:
        # The base class sends a fetched mail in a dozen pieces, and renders it once more for its debug log.
        buffered = _Buffered(self.writer)
        try:
            await resp.async_write(buffered)
            buffered.flush()
            await self.writer.drain()
        except ConnectionError:
            self.writer.close()


class _Buffered(WriteStream):
    """Gathers what pymap writes in crumbs, so that TLS makes records of a decent size of it."""

    def __init__(self, writer: StreamWriter) -> None:
        self._writer = writer
        self._held = bytearray()

    def write(self, data: bytes) -> None:
        self._held += data
        if len(self._held) > _FLUSH_BYTES:
            self.flush()

    def flush(self) -> None:
        self._writer.write(bytes(self._held))
        self._held.clear()


class ImapServer:
    """Serves accepted connections, and can end them."""

    def __init__(self, mailboxes: Mailboxes) -> None:
        self._mailboxes = mailboxes
        self._config = _Config()
        self._login = _Login(self._config, mailboxes)
        self._open: set[_Connection] = set()

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        """One connection from greeting to end."""
        state = ConnectionState(self._login, self._config)
        connection = _Connection(self._config, (reader, writer), state, self._mailboxes.faults)
        async with AsyncExitStack() as stack:
            connection_exit.set(stack)
            stack.enter_context(closing(connection))
            stack.enter_context(self._listed(connection))
            await connection.run(state)

    @contextmanager
    def _listed(self, connection: _Connection) -> Iterator[None]:
        self._open.add(connection)
        try:
            yield
        finally:
            self._open.discard(connection)

    def evict(self, login: str, folder: str) -> None:
        """End the connections that have this folder open."""
        for connection in list(self._open):
            if connection.has_open(login, folder):
                connection.bye(b"The folder was rebuilt.")

    def hang_up(self) -> None:
        """End all connections; what is not flushed yet may still go out."""
        for connection in list(self._open):
            connection.bye(b"Server is shutting down.")

    def abort(self) -> None:
        """Drop what is left of all connections."""
        for connection in list(self._open):
            connection.writer.transport.abort()

    def strike_idle(self) -> None:
        """Play `imap_bye` on clients that idle: they send nothing at which it could strike."""
        for connection in list(self._open):
            login = connection.login
            if connection.idling and login and self._mailboxes.faults.take("email", "imap_bye", login):
                connection.bye(b"Server is going down.")
