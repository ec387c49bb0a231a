"""The SMTP side of the mail server: aiosmtpd, with its logins and the faults that strike a submission.

Owns what is said to a client that hands in a mail. What becomes of an accepted mail is the business of
`mail_world`. Every session must authenticate, and only inside TLS.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
import ssl
from base64 import b64decode
from collections.abc import Callable
from typing import Protocol

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from inbox_tui.sandbox.faults import Faults

_XOAUTH2 = re.compile(rb"user=([^\x01]*)\x01auth=Bearer ([^\x01]*)\x01\x01")

# aiosmtpd tells of each command and each broken line; without a handler Python would print it on stderr.
logging.getLogger("mail.log").addHandler(logging.NullHandler())


class Submissions(Protocol):
    """What a submission needs of the mail server; all on the server's loop."""

    faults: Faults

    def password(self, login: str) -> str | None:
        """The password of this login; None where there is no such login."""
        ...

    def token_of(self, login: str, token: str) -> bool:
        """Whether this is an access token of this login."""
        ...

    open_submissions: set[SMTP]
    """The connections that stand."""

    def accept(self, login: str, recipients: list[str], raw: bytes, *, returns: bool = True) -> None:
        """Take over a mail for good. returns: it has a return path."""
        ...


def protocol_factory(
    submissions: Submissions, loop: asyncio.AbstractEventLoop, starttls: ssl.SSLContext | None
) -> Callable[[], asyncio.Protocol]:
    """Makes one protocol object a connection; without ``starttls`` the listener itself must speak TLS."""

    def make() -> asyncio.Protocol:
        return _Submission(submissions, loop, starttls)

    return make


class _Submission(SMTP):
    """One client's connection."""

    def __init__(
        self, submissions: Submissions, loop: asyncio.AbstractEventLoop, starttls: ssl.SSLContext | None
    ) -> None:
        super().__init__(
            _Handler(submissions),
            hostname="localhost",
            ident="sandbox",
            enable_SMTPUTF8=True,
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_required=True,
            # One mechanism: smtplib tries them all, and a refused login would be let in by the second.
            auth_exclude_mechanism=["LOGIN"],
            authenticator=_authenticator(submissions),
            loop=loop,
        )
        # aiosmtpd cannot see that its listener speaks TLS already, and would refuse AUTH there.
        self._auth_require_tls = starttls is not None
        self._submissions = submissions

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._submissions.open_submissions.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._submissions.open_submissions.discard(self)
        super().connection_lost(error)

    async def auth_XOAUTH2(self, _server: SMTP, args: list[str]) -> AuthResult:
        said = b64decode(args[1]) if len(args) == 2 else await self.challenge_auth("")
        matched = _XOAUTH2.fullmatch(said) if isinstance(said, bytes) else None
        if matched is None:
            return AuthResult(success=False, handled=False)
        result = self._authenticate("XOAUTH2", LoginPassword(matched[1], matched[2]))
        if not result.success:
            # As Google and Microsoft do: the reason comes as a challenge, which wants an empty answer.
            await self.challenge_auth('{"status":"400","schemes":"bearer"}')
        return result

    async def smtp_DATA(self, arg: str) -> None:
        ready = self.envelope is not None and self.envelope.rcpt_tos and not arg
        if ready and self._submissions.faults.take("email", "smtp_drop_before_dot", _login(self.session)):
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            await self._reader.readline()
            cut(self)
            return
        await super().smtp_DATA(arg)


class _Handler:
    """aiosmtpd's hooks."""

    def __init__(self, submissions: Submissions) -> None:
        self._submissions = submissions

    async def handle_MAIL(
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._submissions.faults.take("email", "smtp_busy", _login(session)):
            return "451 4.3.2 System busy, try again later"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._submissions.faults.take("email", "smtp_refuse", address):
            return "550 5.1.1 No such user here"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        raw = envelope.original_content or b""
        self._submissions.accept(
            _login(session), list(envelope.rcpt_tos), raw, returns=envelope.mail_from not in ("", "<>")
        )
        if self._submissions.faults.take("email", "smtp_drop_after_dot", _login(session)):
            cut(server)
        return "250 2.0.0 OK: queued"


def cut(server: SMTP) -> None:
    """Break the connection at once; what is said afterwards reaches nobody."""
    transport = server.transport
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()


def _login(session: Session | None) -> str:
    data = None if session is None else session.auth_data
    return data.login.decode("utf-8", "replace") if isinstance(data, LoginPassword) else ""


def _authenticator(submissions: Submissions) -> Callable[..., AuthResult]:
    def check(_server: SMTP, _session: Session, _mail: Envelope, how: str, data: object) -> AuthResult:
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        login = data.login.decode("utf-8", "replace")
        known = submissions.password(login)
        if how == "XOAUTH2":
            right = submissions.token_of(login, data.password.decode("utf-8", "replace"))
        else:
            right = known is not None and hmac.compare_digest(data.password, known.encode())
        if not right or submissions.faults.take("email", "login_refused", login):
            return AuthResult(success=False, handled=False)
        return AuthResult(success=True, auth_data=data)

    return check
