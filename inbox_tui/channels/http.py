"""One session for a channel that speaks HTTP: time limits, TLS, size, and errors in our own words.

Owns how a request leaves and how its answer is read. It knows no platform: what a status means beyond the
usual is the ``check`` it is given. No error, URL or log line of it holds a token.
"""

from __future__ import annotations

import io
import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import requests

from inbox_tui.channels.base import Lack
from inbox_tui.config import AccountConfig
from inbox_tui.credentials import Secret, mend_login
from inbox_tui.errors import (
    BadAnswer,
    ChannelError,
    ConfigError,
    CredentialError,
    LoginNeeded,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Temporary,
    Untrusted,
)
from inbox_tui.text import clean

CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 30.0
WHOLE_SECONDS: Final = 120.0
"""A server that sends a byte now and then never meets the limit for one read."""
LARGEST: Final = 16 << 20
"""Bytes of an answer, after decompression; a page of a hundred posts has some 300 kB."""

LOOK_FIRST: Final = "look on the platform before you send it again"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_CHUNK = 1 << 16
_TALKATIVE = ("tweepy", "tweepy.client", "oauthlib", "requests_oauthlib", "urllib3", "urllib3.connectionpool")

Check = Callable[[requests.Response, bool], ChannelError | None]
"""Looks at an answer (and whether it answers a write) and says what is wrong with it."""


def quiet_loggers() -> None:
    """Keep the libraries from logging requests: at DEBUG they write the Authorization header.

    Of an answer that breaks off in its headers they warn with a traceback, on stderr where nobody set logging
    up. Such an answer has no body, which whoever asked says in our own words.
    """
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        if _is_error not in logger.filters:
            logger.addFilter(_is_error)
        logger.setLevel(max(logger.level, logging.ERROR))


def _is_error(record: logging.LogRecord) -> bool:
    """A filter holds also where somebody sets the level anew."""
    return record.levelno >= logging.ERROR


class Session(requests.Session):
    """Requests of one account to one host. Everything it raises is a ChannelError.

    Whatever URL is asked for, only its path and query are used: they go to ``api_url``.
    """

    def __init__(
        self, account: AccountConfig, api_url: str, secrets: tuple[Secret, ...], check: Check
    ) -> None:
        """``secrets`` are cut out of what the platform says. ConfigError for an unfit URL or ca_file."""
        super().__init__()
        quiet_loggers()
        self.account = account
        self.base = _checked_url(account, api_url)
        self.host = urlsplit(self.base).netloc
        self.trust_env = False
        self.verify = _checked_ca(account)
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._secrets = secrets
        self._check = check
        self._body: _Body | None = None
        self.clock: int | None = None
        """The platform's time at its last answer, milliseconds UTC; None where it did not say."""

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **more: Any) -> requests.Response:
        """Ask, read the whole answer within the limits, and raise what is wrong with it."""
        verb = method.decode() if isinstance(method, bytes) else method
        asked = urlsplit(url.decode() if isinstance(url, bytes) else url)
        target = self.base + asked.path + (f"?{asked.query}" if asked.query else "")
        write = verb.upper() not in ("GET", "HEAD")
        self._body = None
        more |= {"timeout": (CONNECT_SECONDS, READ_SECONDS), "allow_redirects": False, "stream": True}
        try:
            response = super().request(verb, target, *args, **more)
        except (requests.RequestException, OSError, UnicodeError, ValueError) as error:
            # The chain would carry the request and its headers into a traceback.
            raise self._unanswered(error, write) from None
        self.clock = _date(response)
        try:
            _read_whole(response)
        except (requests.RequestException, OSError, ValueError) as error:
            if response.status_code < 400:
                raise self._cut(error, write) from None
        finally:
            response.close()
        wrong = self._check(response, write)
        if wrong is not None:
            raise wrong
        return response

    def send(self, request: requests.PreparedRequest, **more: Any) -> requests.Response:
        """As requests does it, with a body that knows whether any of it was sent."""
        if isinstance(request.body, str | bytes):
            body = request.body.encode() if isinstance(request.body, str) else request.body
            self._body = _Body(body)
            request.body = self._body  # type: ignore[assignment]  # anything with read() is sent
        return super().send(request, **more)

    def words(self, text: object) -> str:
        """What the platform says, fit to be shown: short, clean, without our secrets."""
        said = text if isinstance(text, str) else ""
        for value in (value for secret in self._secrets for value in secret.known()):
            said = said.replace(value, "***")
        return clean(said, multiline=False, limit=300).strip()

    def unreadable(self, write: bool) -> ChannelError:
        """The error for a good answer that cannot be understood."""
        if write:
            return OutcomeUnknown(
                f"{self.host} took it, but its answer cannot be read: it may have been delivered", LOOK_FIRST
            )
        return BadAnswer(
            f"{self.host} gave an answer that cannot be read",
            "is api_url right? If it is, it is tried again",
        )

    def usual(self, status: int, said: str, write: bool) -> ChannelError | None:
        """What a status means everywhere. ``said``: the platform's own words, or empty."""
        what = f"{self.host} answered {status}" + (f": {said}" if said else "")
        if 200 <= status < 300:
            return None
        if status == 401:
            return LoginNeeded(
                what, mend_login(self.account, f"renew the token of [accounts.{self.account.name}]")
            )
        if status == 429:
            return RateLimited(what, None, "wait: it goes on by itself")
        if status >= 500:
            if write:
                return OutcomeUnknown(f"{what}: it may have been delivered", LOOK_FIRST)
            return Temporary(what, "the platform is out of order: wait, it is tried again")
        if status == 408:
            return Temporary(what, "the platform did not get it in time: it is tried again")
        if 300 <= status < 400:
            what = f"{what}: it points elsewhere, where the token must not go"
        hint = f"check api_url of [accounts.{self.account.name}]" if status < 400 else ""
        return Refused(what, hint) if write else BadAnswer(what, hint)

    def _unanswered(self, error: Exception, write: bool) -> ChannelError:
        why, hint = _reason(error, self.account.name)
        if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error)):
            return Untrusted(f"{self.host}: {why}", hint)
        if write and self._body is not None and self._body.begun:
            return OutcomeUnknown(
                f"{self.host}: {why} after it had been sent: it may have been delivered", LOOK_FIRST
            )
        return Temporary(f"{self.host}: {why}", hint)

    def _cut(self, error: Exception, write: bool) -> ChannelError:
        if write:
            return self.unreadable(write)
        why, hint = _reason(error, self.account.name)
        return BadAnswer(f"{self.host}: the answer broke off: {why}", hint)


class _Body(io.BytesIO):
    """A body that knows whether it went out: headers alone deliver nothing."""

    begun = False

    def read(self, size: int | None = -1, /) -> bytes:
        self.begun = True
        return super().read(size)


class _TooMuch(ValueError):
    """An answer beyond the limits; says which."""


def _date(response: requests.Response) -> int | None:
    try:
        return int(parsedate_to_datetime(response.headers.get("Date", "")).timestamp() * 1000)
    except (ValueError, TypeError, OverflowError):
        return None


def _read_whole(response: requests.Response) -> None:
    """Read the body into the response, within LARGEST and WHOLE_SECONDS."""
    # Set first: of an answer that breaks off nothing counts, and nobody tries to read on.
    response._content = b""
    parts: list[bytes] = []
    size = 0
    until = time.monotonic() + WHOLE_SECONDS
    for part in response.iter_content(_CHUNK):
        parts.append(part)
        size += len(part)
        if size > LARGEST:
            raise _TooMuch(f"it is larger than {LARGEST >> 20} MiB")
        if time.monotonic() > until:
            raise _TooMuch(f"it took longer than {WHOLE_SECONDS:.0f} s")
    response._content = b"".join(parts)


def _checked_url(account: AccountConfig, api_url: str) -> str:
    where = f"[accounts.{account.name}] api_url"
    try:
        parts = urlsplit(api_url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        host = None
    if not host or parts.query or parts.fragment or parts.username or parts.scheme not in ("https", "http"):
        raise ConfigError(f"{where}: not an address of an API", 'write api_url = "https://HOST"')
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise ConfigError(f"{where}: plain http to {host} would show the token", "use https")
    return api_url.rstrip("/")


def _checked_ca(account: AccountConfig) -> str | bool:
    if not account.ca_file:
        return True
    if not Path(account.ca_file).is_file():
        raise ConfigError(
            f"[accounts.{account.name}] ca_file: {account.ca_file}: there is no such file", "check the path"
        )
    return account.ca_file


def missing_scopes(account: AccountConfig, needed: tuple[str, ...]) -> tuple[Lack, ...]:
    """What the owner did not allow when he logged in; nothing where that is not known."""
    if account.oauth is None:
        return ()
    from inbox_tui.credentials.tokens import load_tokens

    granted = load_tokens(account).scopes
    hint = f"log in again and allow it: inbox-tui auth {account.name}"
    return tuple(
        Lack(f"it lacks the permission {one}", hint) for one in needed if granted and one not in granted
    )


def checked_token(account: AccountConfig, token: str) -> str:
    """A token that fits into a header; CredentialError, without the token, where it does not."""
    if not token.isascii() or not token.isprintable() or " " in token:
        raise CredentialError(
            f"account {account.name}: the token holds blanks or characters that no token has",
            "check where it comes from: a file may hold more than the token",
        )
    return token


def _reason(error: BaseException, account: str) -> tuple[str, str]:
    """What broke, and what to do, in words; never the library's own, which hold the URL."""
    again = "it is tried again"
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                f"its TLS certificate is not trusted ({cause.verify_message})",
                f"if it is your own server, name its CA in ca_file of [accounts.{account}]; "
                "otherwise check this machine's clock and network",
            )
        if isinstance(cause, _TooMuch):
            return str(cause), "is api_url right?"
        if isinstance(cause, socket.gaierror):
            return "no such host, or no network", f"check the network and api_url; {again}"
        if isinstance(cause, ConnectionRefusedError):
            return "the connection was refused", again
        if isinstance(cause, ssl.SSLError):
            return "TLS failed", f"check api_url and ca_file; {again}"
        if isinstance(cause, requests.Timeout | TimeoutError):
            return "no answer in time", again
    return "the connection broke", again


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all it stands for, most special last met first: urllib3 hides them in three places."""
    seen: set[int] = set()
    todo: list[object] = [error]
    while todo:
        one = todo.pop()
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            todo += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
