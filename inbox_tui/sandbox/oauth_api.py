"""A provider of OAuth tokens: login in a browser with PKCE, login by a code, renewal, refusals.

Owns apps, codes and tokens; whose token it is the other servers ask by `holder`. A refresh token is good
once, as X has it: a second use ends the whole login, so that a client which renews twice at a time is found
out. Nobody types a password here: a page asks "allow?", and ``answer=allow`` or ``answer=refuse`` in its
address is the click.

RFC 6749, 7636, 8628; the exchange of tokens is Facebook's.
"""

from __future__ import annotations

import html
import secrets
import ssl
import threading
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final
from urllib.parse import unquote, urlencode, urlsplit

from inbox_tui.sandbox.faults import Faults
from inbox_tui.sandbox.https import Answer, HttpsServer, Request

CODE_LIFE: Final = 10 * 60_000
"""Milliseconds that a code is good for."""
_DEVICE: Final = "urn:ietf:params:oauth:grant-type:device_code"


@dataclass(frozen=True, slots=True)
class App:
    """An app that is registered here, and who logs in by it."""

    id: str
    subject: str
    """Whose tokens it gets: a mail login, an account on X, somebody on Facebook."""
    secret: str = ""
    """Empty: a public app, which has none."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A login that is under way."""

    app: App
    until: int
    scope: str
    challenge: str = ""
    redirect: str = ""
    answer: str = ""
    """Of a login by a code: allow, refuse; empty: nobody has said yet."""


class _Refused(Exception):
    """A refusal of the token endpoint, by its word."""

    def __init__(self, word: str, said: str, status: int = 400) -> None:
        super().__init__(word)
        self.answer = Answer(status, {"error": word, "error_description": said})


class OAuthServer:
    """Serves from `start()` to `stop()`."""

    def __init__(self, now: Callable[[], int], faults: Faults, tls: ssl.SSLContext | None = None) -> None:
        """`now`: milliseconds UTC."""
        self.life = 3600
        """Seconds that an access token is good for."""
        self.interval = 1
        """Seconds that a client must leave between two questions."""
        self.renewals = 0
        """How often a token was renewed."""
        self._now = now
        self._faults = faults
        self._apps: dict[str, App] = {}
        self._codes: dict[str, _Asked] = {}
        self._devices: dict[str, _Asked] = {}
        self._user_codes: dict[str, str] = {}
        self._access: dict[str, tuple[App, int]] = {}
        self._refresh: dict[str, App] = {}
        self._spent: dict[str, App] = {}
        self._lock = threading.Lock()
        self._http = HttpsServer(self._answer, channel="oauth", faults=faults, tls=tls)
        self.url: str = self._http.url
        self.failures = self._http.failures

    def start(self) -> None:
        """Begin to answer."""
        self._http.start()

    def stop(self) -> None:
        """Close every connection and wait for every thread."""
        self._http.stop()

    def add_app(self, app: App) -> App:
        """Register an app."""
        with self._lock:
            self._apps[app.id] = app
        return app

    def holder(self, token: str) -> str | None:
        """Whose access token this is; None where it is none, or has run out."""
        with self._lock:
            app, until = self._access.get(token, (None, 0))
        return app.subject if app is not None and self._now() < until else None

    def withdraw(self, subject: str) -> None:
        """End every login of somebody, as he could in his settings."""
        with self._lock:
            self._access = {key: one for key, one in self._access.items() if one[0].subject != subject}
            self._refresh = {key: app for key, app in self._refresh.items() if app.subject != subject}

    def _answer(self, request: Request) -> Answer:
        try:
            with self._lock:
                route = (request.method, request.path)
                if route == ("GET", "/authorize"):
                    return self._authorize(request.query)
                if route == ("GET", "/verify"):
                    return self._verify(request.query)
                if request.method == "POST":
                    return self._posted(request)
                return Answer(404, "<p>There is nothing here.</p>")
        except _Refused as refusal:
            return refusal.answer
        except ValueError:
            return _Refused("invalid_request", "the form cannot be read").answer

    def _authorize(self, query: Mapping[str, str]) -> Answer:
        app, back = self._apps.get(query.get("client_id", "")), query.get("redirect_uri", "")
        fit = urlsplit(back).hostname in ("127.0.0.1", "localhost") and query.get("response_type") == "code"
        if app is None or not fit or query.get("code_challenge_method") != "S256":
            return Answer(400, "<p>This app, or the address it wants to come back to, is not known.</p>")
        said = query.get("answer")
        if said not in ("allow", "refuse"):
            return _page(f"{app.id} wants to act for {app.subject}.", "/authorize", query)
        brought = {"state": query.get("state", "")}
        if self._faults.take("oauth", "wrong_state", app.id):
            brought["state"] = secrets.token_hex(8)
        if said == "refuse":
            brought |= {"error": "access_denied", "error_description": "The owner said no."}
        else:
            brought["code"] = secrets.token_hex(16)
            self._codes[brought["code"]] = _Asked(
                app, self._now() + CODE_LIFE, query.get("scope", ""), query.get("code_challenge", ""), back
            )
        return Answer(302, None, {"Location": f"{back}?{urlencode(brought)}"})

    def _verify(self, query: Mapping[str, str]) -> Answer:
        device = self._user_codes.get(query.get("user_code", ""))
        if device is None:
            return Answer(400, "<p>This code is not known. Add it to the address: ?user_code=CODE</p>")
        asked, said = self._devices[device], query.get("answer")
        if said not in ("allow", "refuse"):
            return _page(f"{asked.app.id} wants to act for {asked.app.subject}.", "/verify", query)
        self._devices[device] = replace(asked, answer=said)
        return Answer(200, "<p>Thank you. Go back to the terminal.</p>")

    def _posted(self, request: Request) -> Answer:
        form = request.form()
        app = self._app(request, form)
        if request.path == "/device":
            return self._begin_device(app, form)
        grants = {
            "authorization_code": self._by_code,
            "refresh_token": self._by_refresh,
            _DEVICE: self._by_device,
            "fb_exchange_token": self._by_exchange,
        }
        grant = grants.get(form.get("grant_type", "")) if request.path == "/token" else None
        if grant is None:
            raise _Refused("unsupported_grant_type", "There is no such way to get a token.")
        return grant(app, form)

    def _app(self, request: Request, form: Mapping[str, str]) -> App:
        app_id, given = form.get("client_id", ""), form.get("client_secret", "")
        scheme, _, rest = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            app_id, _, given = (unquote(part) for part in b64decode(rest).decode().partition(":"))
        app = self._apps.get(app_id)
        if app is None or not secrets.compare_digest(given.encode(), app.secret.encode()):
            raise _Refused("invalid_client", "The app or its secret is wrong.", 401)
        return app

    def _begin_device(self, app: App, form: Mapping[str, str]) -> Answer:
        device, code = secrets.token_hex(16), secrets.token_hex(4).upper()
        self._devices[device] = _Asked(app, self._now() + CODE_LIFE, form.get("scope", ""))
        self._user_codes[code] = device
        return Answer(
            200,
            {
                "device_code": device,
                "user_code": code,
                "verification_uri": f"{self.url}/verify",
                "expires_in": CODE_LIFE // 1000,
                "interval": self.interval,
            },
        )

    def _by_code(self, app: App, form: Mapping[str, str]) -> Answer:
        asked = self._codes.pop(form.get("code", ""), None)
        digest = sha256(form.get("code_verifier", "").encode()).digest()
        proof = urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or asked.app != app or self._now() > asked.until:
            raise _Refused("invalid_grant", "The code is not known, or has run out.")
        if asked.redirect != form.get("redirect_uri") or asked.challenge != proof:
            raise _Refused("invalid_grant", "The code was asked for by somebody else.")
        return self._tokens(app, asked.scope)

    def _by_device(self, app: App, form: Mapping[str, str]) -> Answer:
        device = form.get("device_code", "")
        asked = self._devices.get(device)
        if asked is None or asked.app != app:
            raise _Refused("invalid_grant", "The code is not known.")
        if self._now() > asked.until or self._faults.take("oauth", "expired_token", app.id):
            raise _Refused("expired_token", "The code has run out.")
        if self._faults.take("oauth", "slow_down", app.id):
            raise _Refused("slow_down", "Not so fast.")
        if asked.answer == "refuse":
            raise _Refused("access_denied", "The owner said no.")
        if not asked.answer:
            raise _Refused("authorization_pending", "The owner has not said yet.")
        del self._devices[device]
        return self._tokens(app, asked.scope)

    def _by_refresh(self, app: App, form: Mapping[str, str]) -> Answer:
        token = form.get("refresh_token", "")
        if token in self._spent:
            self._refresh = {key: one for key, one in self._refresh.items() if one != app}
            raise _Refused("invalid_grant", "The refresh token was used before: the login is ended.")
        if self._refresh.pop(token, None) != app:
            raise _Refused("invalid_grant", "The refresh token is not known, or was withdrawn.")
        self._spent[token] = app
        self.renewals += 1
        return self._tokens(app, "")

    def _by_exchange(self, app: App, form: Mapping[str, str]) -> Answer:
        """Facebook: a token that lasts longer."""
        holder, until = self._access.get(form.get("fb_exchange_token", ""), (None, 0))
        if holder != app or self._now() >= until:
            message = "Invalid OAuth access token."
            return Answer(400, {"error": {"message": message, "type": "OAuthException", "code": 190}})
        return self._tokens(app, "", renewable=False)

    def _tokens(self, app: App, scope: str, *, renewable: bool = True) -> Answer:
        access, refresh = secrets.token_hex(20), secrets.token_hex(20)
        self._access[access] = (app, self._now() + self.life * 1000)
        answer: dict[str, object] = {"access_token": access, "token_type": "bearer", "expires_in": self.life}
        if scope:
            answer["scope"] = scope
        if renewable:
            self._refresh[refresh] = app
            answer["refresh_token"] = refresh
        return Answer(200, answer)


def _page(words: str, path: str, query: Mapping[str, str]) -> Answer:
    links = "".join(
        f'<p><a href="{html.escape(path + "?" + urlencode({**query, "answer": said}))}">{said}</a></p>'
        for said in ("allow", "refuse")
    )
    return Answer(200, f"<!DOCTYPE html><title>Sandbox</title><p>{html.escape(words)}</p>{links}")
