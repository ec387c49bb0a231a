"""One mail handed to the SMTP server, and exactly how far that went.

smtplib's own `sendmail` does not tell at which step it broke; here each step is taken by itself. Up to the
server's 354 a break means: certainly not delivered. From there to its last answer nobody can know.
"""

from __future__ import annotations

import smtplib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

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
from inbox_tui.errors import BadAnswer, ChannelError, LoginNeeded, OutcomeUnknown, Refused, Temporary

_LAST_ANSWER_SECONDS = 300.0
"""Servers scan a mail before they accept it (RFC 5321, 4.5.3.2.6, asks for ten minutes)."""


def deliver(
    account: EmailAccount, secret: Secret, to: Sequence[str], mail: bytes, *, returns: bool = True
) -> None:
    """Hand over a mail. Returns once the server took it (its 250) for every recipient.

    returns: false: it has no return path, so that no machine answers it (RFC 3834, 3.3).

    Raises OutcomeUnknown where that is not known; Refused, Temporary, LoginNeeded, BadAnswer: it was not.
    """
    with _errors(account):
        connection = _connect(account)
    try:
        with hidden(account, secret):
            with _errors(account):
                _login(connection, account, secret)
                _begin(connection, account, to, len(mail), account.address if returns else "")
            _finish(connection, account, mail)
    finally:
        _leave(connection)


def greet(account: EmailAccount, secret: Secret) -> None:
    """Log in and leave: whether a reply could be handed over. Raises LoginNeeded, Temporary, BadAnswer."""
    with _errors(account):
        connection = _connect(account)
    try:
        with hidden(account, secret), _errors(account):
            _login(connection, account, secret)
    finally:
        _leave(connection)


def _connect(account: EmailAccount) -> smtplib.SMTP:
    host, port = account.smtp_host, account.smtp_port
    own_name = account.address.rpartition("@")[2]
    # Without a name of its own smtplib asks the resolver for this machine's, which may take long.
    name = own_name if own_name.isascii() else "localhost"
    if account.smtp_security == "tls":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            host, port, local_hostname=name, timeout=CONNECT_SECONDS, context=tls_context(account)
        )
    else:
        connection = smtplib.SMTP(host, port, local_hostname=name, timeout=CONNECT_SECONDS)
    if connection.sock is not None:
        connection.sock.settimeout(READ_SECONDS)
    return connection


def _login(connection: smtplib.SMTP, account: EmailAccount, secret: Secret) -> None:
    connection.ehlo_or_helo_if_needed()
    if account.smtp_security == "starttls":
        connection.starttls(context=tls_context(account))
        connection.ehlo_or_helo_if_needed()
    if connection.has_extn("auth"):
        user = checked(account.username or account.address, "the user name")
        if account.oauth is None:
            connection.login(user, checked(secret.reveal(), "the password"))
        else:
            _login_by_token(connection, account, user, secret)


def _login_by_token(
    connection: smtplib.SMTP, account: EmailAccount, user: str, secret: Secret, again: bool = True
) -> None:
    if "XOAUTH2" not in connection.esmtp_features.get("auth", "").upper().split():
        raise LoginNeeded(
            f"{_start(account)}: the server takes no login by OAuth (XOAUTH2)",
            f"check smtp_host and smtp_port, or take [accounts.{account.name}.oauth] out and use a password",
        )
    # A second challenge holds the reason of a refusal, and wants an empty answer.
    answers = iter((xoauth2(user, secret.reveal()), ""))
    try:
        connection.auth("XOAUTH2", lambda _challenge=None: next(answers, ""))
    except smtplib.SMTPAuthenticationError as error:
        if error.smtp_code // 100 == 4 or not again or not secret.renew():
            raise
        _login_by_token(connection, account, user, secret, again=False)


def _begin(
    connection: smtplib.SMTP, account: EmailAccount, to: Sequence[str], size: int, sender: str
) -> None:
    """Everything up to the server's 354: where it refuses one recipient, nobody gets the mail."""
    options = []
    limit = connection.esmtp_features.get("size", "")
    if limit.isdecimal() and 0 < int(limit) < size:
        raise Refused(
            f"{_start(account)}: the mail has {size} bytes, the server takes {limit}",
            "take a file off, or send it another way",
        )
    if not "".join((account.address, *to)).isascii():
        if not connection.has_extn("smtputf8"):
            raise Refused(
                f"{_start(account)}: the server cannot send to addresses with such letters",
                "answer on another thread of the case",
            )
        options = ["SMTPUTF8", "BODY=8BITMIME"]
    _expect(account, connection.mail(checked(sender, "the account's address"), options), 2)
    for one in to:
        code, words = connection.rcpt(checked(one, "the recipient's address"))
        # Of several the one that is refused must be known.
        _expect(account, (code, words if len(to) == 1 else f"{one}: ".encode() + words), 2)
    _expect(account, connection.docmd("DATA"), 3)


def _finish(connection: smtplib.SMTP, account: EmailAccount, mail: bytes) -> None:
    if connection.sock is not None:
        connection.sock.settimeout(_LAST_ANSWER_SECONDS)
    try:
        connection.send(_on_the_wire(mail))
        answer = connection.getreply()
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise OutcomeUnknown(
            f"{_start(account)}: the connection broke while the mail was handed over ({said(str(error))})",
            "look into the Sent folder, or ask the recipient, before it is sent again",
        ) from None
    if answer[0] // 100 in (2, 4, 5):
        _expect(account, answer, 2)
        return
    raise OutcomeUnknown(
        f"{_start(account)}: an answer that makes no sense after the mail was handed over",
        "look into the Sent folder, or ask the recipient, before it is sent again",
    )


def _on_the_wire(mail: bytes) -> bytes:
    """Dots doubled at the start of lines, and the one that ends a mail (RFC 5321, 4.5.2)."""
    lines = mail.replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\n").split(b"\n")
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines) + b"\r\n.\r\n"


def _leave(connection: smtplib.SMTP) -> None:
    # What happens now says nothing about the mail: it was accepted, or the error is on its way already.
    try:
        if connection.sock is not None:
            connection.sock.settimeout(CONNECT_SECONDS)
            connection.quit()
    except (smtplib.SMTPException, OSError, ValueError):
        connection.close()


def _expect(account: EmailAccount, answer: tuple[int, bytes], kind: int) -> None:
    """kind: first digit of the code that is right."""
    code, words = answer
    if code // 100 == kind:
        return
    raise _refusal(account, code, words)


def _refusal(account: EmailAccount, code: int, words: bytes | str) -> ChannelError:
    text = f"{_start(account)}: {code} {said(words)}"
    if code in (530, 534, 535, 538):
        return LoginNeeded(text, refused_login(account))
    if code // 100 == 4:
        return Temporary(text, "it is tried again")
    if code // 100 == 5:
        return Refused(text, "read the server's words; answer on another thread of the case if they stay")
    return BadAnswer(text, "check that smtp_host and smtp_port name an SMTP server")


@contextmanager
def _errors(account: EmailAccount) -> Iterator[None]:
    """Errors before the mail's own bytes: nothing was delivered."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        if error.smtp_code // 100 == 4:
            raise _refusal(account, error.smtp_code, error.smtp_error) from None
        raise LoginNeeded(
            f"{_start(account)}: the login is refused: {error.smtp_code} {said(error.smtp_error)}",
            refused_login(account),
        ) from None
    except smtplib.SMTPNotSupportedError as error:
        raise Temporary(
            f"{_start(account)}: {said(str(error))}; the password was not sent",
            "check port and smtp_security",
        ) from None
    except smtplib.SMTPServerDisconnected as error:
        raise Temporary(
            f"{_start(account)}: the server hung up: {said(str(error))}", "it is tried again"
        ) from None
    except smtplib.SMTPResponseException as error:
        # smtplib's own word for a line without end is a 500.
        raise _refusal(account, error.smtp_code, error.smtp_error) from None
    except smtplib.SMTPException as error:
        raise BadAnswer(f"{_start(account)}: {said(str(error))}", "check smtp_host and smtp_port") from None
    except OSError as error:
        raise unreachable(account, f"SMTP {account.smtp_host}:{account.smtp_port}", error) from None
    except (UnicodeError, ValueError):
        raise LoginNeeded(
            f"{_start(account)}: user name or password have letters that the server cannot be sent",
            "set a password of ASCII characters",
        ) from None


def _start(account: EmailAccount) -> str:
    return f"account {account.name}: SMTP {account.smtp_host}:{account.smtp_port}"
