"""What IMAP and SMTP share: the TLS context, what may be sent over a line, and errors in words.

TLS always verifies: the standard library's IMAP and SMTP clients do not by themselves.
"""

from __future__ import annotations

import base64
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from inbox_tui.config import EmailAccount
from inbox_tui.credentials import Secret, mend_login
from inbox_tui.errors import ChannelError, Refused, Temporary, Untrusted
from inbox_tui.text import clean

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
_BYTES = re.compile(r"""b(['"]).*\1""")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def tls_context(account: EmailAccount) -> ssl.SSLContext:
    """Verifies certificate and host name, with the account's own certificates where it names some."""
    try:
        return ssl.create_default_context(cafile=account.ca_file or None)
    except OSError as error:
        raise Temporary(
            f"account {account.name}: ca_file {account.ca_file}: {error.strerror or error}",
            "name a readable PEM file with certificates",
        ) from None


def checked(value: str, what: str) -> str:
    """The value, if it fits on one line. A line break in it would be a command of its own. Raises Refused."""
    if _CONTROLS.search(value):
        raise Refused(f"{what} holds a control character or a line break", f"correct {what}")
    return value


def refused_login(account: EmailAccount) -> str:
    """What to do when a mail server refuses the login."""
    return mend_login(account, "check username and password of the account")


def xoauth2(user: str, token: str) -> str:
    """What XOAUTH2 says first. Source: Google and Microsoft, "SASL XOAUTH2"."""
    return f"user={checked(user, 'the user name')}\x01auth=Bearer {checked(token, 'the token')}\x01\x01"


@contextmanager
def hidden(account: EmailAccount, secret: Secret) -> Iterator[None]:
    """Errors without the secret: a server may repeat what it was sent, and an error is stored and shown."""
    try:
        yield
    except ChannelError as error:
        for value in secret.known():
            for form in (value, *_coded(account, value)):
                error.message = error.message.replace(form, "***") if form else error.message
        error.args = (error.message,)
        raise


def _coded(account: EmailAccount, value: str) -> Iterator[str]:
    """As PLAIN, LOGIN and XOAUTH2 put it on the wire."""
    user = account.username or account.address
    for text in (value, f"\0{user}\0{value}", f"user={user}\1auth=Bearer {value}\1\1"):
        yield base64.b64encode(text.encode()).decode()


def said(answer: bytes | str) -> str:
    """A server's words, short and harmless."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else _unquoted(answer)
    return " ".join(clean(text, multiline=False, limit=300).split())


def _unquoted(text: str) -> str:
    """imapclient and imaplib put a server's bytes into their errors as Python would write them."""
    if not _BYTES.fullmatch(text):
        return text
    import ast

    try:
        said = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else text


def unreachable(account: EmailAccount, where: str, error: OSError) -> ChannelError:
    """An error of the network or of TLS, with what mends it."""
    start = f"account {account.name}: {where}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return Untrusted(
            f"{start}: its certificate cannot be trusted: {said(error.verify_message)}",
            "check host and port; for a server with certificates of its own name them in ca_file",
        )
    if isinstance(error, ssl.SSLError):
        return Temporary(
            f"{start}: TLS failed: {said(str(error.reason or error))}", "check port and security"
        )
    if isinstance(error, TimeoutError):
        return Temporary(f"{start}: no answer in time", "it is tried again; check the network if it stays")
    reason = said(error.strerror or str(error) or type(error).__name__)
    return Temporary(f"{start}: {reason}", "it is tried again; check host, port and network if it stays")
