"""What ``init`` needs to know of an account: from options, from questions, from what providers document."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from inbox_tui.cli.asking import ask, choose, tell
from inbox_tui.errors import UsageError

if TYPE_CHECKING:
    from inbox_tui.config import AccountConfig
    from inbox_tui.config.writing import Table, Value

Options = dict[str, "str | int | bool | None"]

CHANNELS = {"email": "a mailbox (IMAP and SMTP)", "x": "an X account", "facebook": "a Facebook page"}
NAMES = {"email": "mail", "x": "x", "facebook": "page"}
_PRESETS: dict[str, dict[str, Value]] = {
    "google": {
        "imap_host": "imap.gmail.com",
        "smtp_host": "smtp.gmail.com",
        "sent_folder": "[Gmail]/Sent Mail",
        "sent_copy": False,
    },
    "microsoft": {
        "imap_host": "outlook.office365.com",
        "smtp_host": "smtp.office365.com",
        "smtp_port": 587,
        "smtp_security": "starttls",
        "sent_folder": "Sent Items",
        "sent_copy": False,
    },
}
"""Servers as the providers document them; both file sent mail themselves."""
_AT_HOME = {
    "google": ("gmail.com", "googlemail.com"),
    "microsoft": ("outlook.com", "hotmail.com", "live.com", "office365.com"),
}
_OPTIONAL = ("imap_port", "smtp_port", "smtp_security", "username", "api_url")
_NONE = ("-",)
"""Typed for a secret: there is none, after all."""
_SOURCES = ("command", "env", "file", "keyring")
_BY_HAND = {
    "email": (
        "Many providers want an app password here, which you make on their page for security: the usual "
        "password is refused then. Google shows that page only with two-step verification switched on."
    ),
    "x": (
        "A user token of your app (OAuth 2.0) with tweet.read, tweet.write, users.read and offline.access, "
        "and for direct messages dm.read and dm.write. X ends it after two hours; oauth renews it by itself."
    ),
    "facebook": (
        "A page token with pages_read_engagement, pages_read_user_content, pages_manage_engagement, and for "
        "Messenger pages_messaging."
    ),
}
_APPS = {
    "google": "an app of the kind Desktop, in Google's Cloud console, with the scope https://mail.google.com/",
    "microsoft": (
        "an app in Microsoft Entra with the delegated rights IMAP.AccessAsUser.All and SMTP.Send, public "
        "client flows allowed, and the redirect address http://localhost (Mobile and desktop applications)"
    ),
    "x": (
        "an app in X's developer console with the callback http://127.0.0.1:8749/callback, and the "
        "permission Read and write and Direct message"
    ),
    "facebook": "an app in Meta's developer pages with the product Facebook Login, and its app secret",
}
_GUIDE = "docs/accounts.md goes through it step by step."


class Answers:
    """What was answered so far. Asked again, each answer is the default of its question."""

    def __init__(self, kind: str, name: str, given: Options, asks: bool, folder: Path) -> None:
        """folder: of the configuration; asks: whether what is missing may be asked for."""
        self.kind = kind
        self.name = name
        self.typed: dict[str, str] = {}
        """Key of a file that does not exist yet -> the secret that it is to hold."""
        self.asks_certificates = False
        """Whether to ask for certificates: those of the system did not do."""
        self._chosen: dict[str, str] = {}
        """What was chosen of several, by question."""
        self._secrets: dict[str, str] = {}
        """What was typed in unseen, by key: Enter means it again."""
        self._given = given
        self._asks = asks
        self._folder = folder

    def table(self) -> Table:
        """The account's table. Raises UsageError where something is missing and nobody can be asked."""
        self.typed = {}
        values: Table = {"channel": self.kind}
        at = ""
        if self.kind == "email":
            values["address"] = self._need("address", "The firm's mail address")
            at = self._provider(str(values["address"]))
            values |= self._servers(str(values["address"]), at)
        elif self.kind == "x":
            values["handle"] = self._need("handle", "Handle, as @shop")
        else:
            values["page_id"] = self._need("page_id", "Number of the page")
        for key in _OPTIONAL:
            value = self._given.get(key)
            if isinstance(value, str | int) and not isinstance(value, bool):
                values[key] = value
        if certificates := self._certificates():
            values["ca_file"] = certificates
        return values | self._login(at)

    def _certificates(self) -> str:
        """The file with the server's own certificates; empty: the system's do."""
        before = str(self._given.get("ca_file") or "")
        if self.asks_certificates and self._asks:
            question = "File with the server's own certificates (Enter: the system's)"
            before = self._given["ca_file"] = ask(question, before)
        return str(Path(before).expanduser().absolute()) if before else ""

    def _need(self, key: str, question: str, guess: str = "") -> str:
        value = self._given.get(key)
        if value is None and not self._asks:
            option = "--" + key.replace("_", "-")
            raise UsageError(f"{option} is missing", f"inbox-tui init --help shows what {self.kind} needs")
        if value is None or self._given.get("again"):
            value = ask(question, str(value or guess) or None)
        self._given[key] = value
        return str(value).strip()

    def _provider(self, address: str) -> str:
        """google, microsoft or other."""
        if self._given.get("oauth"):
            return str(self._given["oauth"])
        domain = address.rpartition("@")[2].lower()
        guess = next((name for name, domains in _AT_HOME.items() if domain in domains), "other")
        named = self._given.get("imap_host") is not None and not self._given.get("again")
        if named or not self._asks:
            return "other" if named else guess
        return self._choose("Who keeps the mailbox", ("google", "microsoft", "other"), guess)

    def _choose(self, question: str, among: tuple[str, ...], guess: str) -> str:
        found = self._chosen[question] = choose(question, among, self._chosen.get(question, guess))
        return found

    def _servers(self, address: str, at: str) -> Table:
        preset: Table = dict(_PRESETS.get(at, {}))
        domain = address.rpartition("@")[2]
        for part, word in (("imap", "read from"), ("smtp", "send by")):
            key = f"{part}_host"
            if self._given.get(key) is None and key in preset:
                continue
            host = self._need(key, f"Server to {word} (HOST or HOST:PORT)", f"{part}.{domain}")
            # A port typed behind the host; an IPv6 address has more than one colon.
            name, _, port = host.rpartition(":")
            if name and ":" not in name and port.isdecimal():
                host, preset[f"{part}_port"] = name, int(port)
            preset[key] = host
        if preset.get("smtp_port") == 587:
            preset.setdefault("smtp_security", "starttls")
        return preset

    def _login(self, at: str) -> Table:
        word = "password" if self.kind == "email" else "token"
        if self._given.get("oauth"):
            return self._oauth(str(self._given["oauth"]))
        if source := self._source("secret", word):
            return source
        if not self._asks:
            sources = "--secret-command, --secret-env, --secret-file or --secret-keyring"
            raise UsageError(f"the {word} is missing", f"{sources} says where it is; or log in by --oauth")
        provider = at if self.kind == "email" else self.kind
        if provider != "other":
            # Microsoft takes no passwords; X's tokens of one's own run out.
            best = word if provider in ("google", "facebook") else "oauth"
            if self._choose("Log in by", (word, "oauth"), best) == "oauth":
                return self._oauth(provider)
        if f"{word}_file" not in self._secrets:
            tell(_BY_HAND[self.kind])
            tell("It is kept in a file that only you can read; --secret-command takes it from elsewhere.")
        return {f"{word}_file": self._typed(f"{word}_file", word.capitalize(), "")}

    def _source(self, option: str, word: str) -> Table:
        given = {
            source: str(value) for source in _SOURCES if (value := self._given.get(f"{option}_{source}"))
        }
        if len(given) > 1:
            named = " and ".join(f"--{option.replace('_', '-')}-{source}" for source in given)
            raise UsageError(f"{named} are both given", "keep one of them")
        for source, text in given.items():
            found: Value = text
            if source == "command":
                found = _words(text)
            elif source == "file":
                found = str(Path(text).absolute())
            return {f"{word}_{source}": found}
        return {}

    def _oauth(self, provider: str) -> Table:
        if self._asks and not self._given.get("client_id"):
            tell(f"OAuth needs {_APPS[provider]}. {_GUIDE}")
        oauth: dict[str, Value] = {
            "provider": provider,
            "client_id": self._need("client_id", "Id of your app (client id)"),
        }
        source = self._source("client_secret", "client_secret")
        if not source and self._asks and provider != "microsoft":
            typed = self._typed(
                "client_secret_file", "Secret of your app (Enter: it has none)", "-app", none=True
            )
            source = {"client_secret_file": typed} if typed else {}
        oauth |= {key: value for key, value in source.items() if not isinstance(value, dict)}
        if base := str(self._given.get("oauth_url") or "").rstrip("/"):
            oauth |= {f"{part}_url": f"{base}/{part}" for part in ("authorize", "token", "device")}
        return {"oauth": oauth}

    def _typed(self, key: str, question: str, suffix: str, *, none: bool = False) -> str:
        """Ask for a secret; the file that it is to be kept in, or empty where there is none."""
        before = self._secrets.get(key, "")
        asked = question
        if before:
            asked = f"{question.partition(' (')[0]} (Enter: as before{'; -: it has none' if none else ''})"
        secret = ask(asked, "" if none or before else None, hidden=True) or before
        if not secret or (none and secret in _NONE):
            self._secrets.pop(key, None)
            return ""
        self.typed[key] = self._secrets[key] = secret
        return str(_unused(self._folder / "secrets" / f"{_file_name(self.name)}{suffix}"))


def _words(command: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(command))
    except ValueError:
        raise UsageError(f"{command}: a quote is not closed", "write the command as for a shell") from None


def _file_name(name: str) -> str:
    return "".join(char if char.isalnum() or char in "-_" else "_" for char in name)


def _unused(path: Path) -> Path:
    """The path, or the first like it that is not there."""
    numbered = (path.with_name(f"{path.name}-{number}") for number in range(2, 1000))
    return next(each for each in (path, *numbered) if not each.exists())


def missing_words(account: AccountConfig) -> str:
    """What is most often missing where a login is refused."""
    if account.oauth is not None:
        return f"The app must have the rights that docs/accounts.md names for {CHANNELS[account.channel]}"
    return f"{_BY_HAND[account.channel]} {_GUIDE}"
