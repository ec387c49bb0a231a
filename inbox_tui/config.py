"""TOML into a frozen Config. An error names the file, the key, what is wrong and how to mend it.

Secrets are never in the file: it says where they come from (see `credentials`). Reads one file, writes none.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from inbox_tui.errors import ConfigError
from inbox_tui.records import MISSING, dataclass, field, fields

ENV_CONFIG = "INBOX_TUI_CONFIG"
CHANNEL_GROUP = "inbox_tui.channels"
"""Entry points by which another package adds a channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountConfig:
    """One configured login on a channel: the keys that every channel has."""

    name: str
    """Name of the table, ``[accounts.NAME]``."""
    channel: str
    """email, x, facebook, or a channel that another package brings."""
    secret_command: tuple[str, ...] = ()
    """Command that prints the secret: a list of words, run without a shell."""
    secret_env: str = ""
    """Environment variable that holds the secret."""
    secret_file: str = ""
    """File that holds the secret; nobody else may read it (mode 0600). Relative to the config file."""
    ca_file: str = ""
    """Certificates to trust instead of the system's. Relative to the config file."""
    poll_seconds: int = 60
    """Pause between two fetches."""
    since_days: int = 14
    """How far back the first fetch makes messages wait; mail that is older is history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailAccount(AccountConfig):
    """A mailbox: IMAP to read, SMTP to send."""

    address: str
    """The firm's own address: From of every reply."""
    imap_host: str
    smtp_host: str
    display_name: str = ""
    """Name beside the address in From."""
    username: str = ""
    """Login on both servers; empty: the address."""
    imap_port: int = 993
    imap_security: str = "tls"
    """tls; plain only for a server on loopback."""
    smtp_port: int = 465
    smtp_security: str = "tls"
    """tls (from the first byte), starttls; plain only for a server on loopback."""
    folders: tuple[str, ...] = ("INBOX",)
    """Folders with customers' mail."""
    sent_folder: str = "Sent"
    """Folder with our own mail, also what was written elsewhere; empty: there is none."""
    sent_copy: bool = True
    """Put a copy of each reply in the sent folder; false where the provider does so itself."""
    signature: str = ""
    """Put under every reply."""
    aliases: tuple[str, ...] = ()
    """Further addresses of the firm: mail from them is ours."""
    authserv_id: str = ""
    """Id of the receiving server whose Authentication-Results are believed; empty: none is."""
    web_forms: tuple[str, ...] = ()
    """From addresses of the firm's own web forms: the customer is the Reply-To of such a mail."""
    batch: int = 200
    """Mails fetched at once."""
    max_mail_bytes: int = 40_000_000
    """A larger mail is kept by its header alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class XAccount(AccountConfig):
    """An account on X, API v2."""

    handle: str
    """@name of the account."""
    api_url: str = "https://api.x.com"
    auth: str = "oauth2"
    """oauth2: the secret is a user token. oauth1: the secret is a JSON object with consumer_key,
    consumer_secret, access_token, access_token_secret."""
    budget_per_day: float = 2.0
    """US dollars that may be spent on reading in a day (UTC); 0: no limit."""
    summoned_only: bool = True
    """The app may answer only posts that mention or quote the account (self-serve apps since 2026-02-23)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FacebookAccount(AccountConfig):
    """A Facebook page, Graph API."""

    page_id: str
    api_url: str = "https://graph.facebook.com/v26.0"
    overlap_minutes: int = 10
    """Comments have no time of change: each fetch looks back this far beyond the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherAccount(AccountConfig):
    """An account of a channel that another package brings; it checks its own keys."""

    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskConfig:
    """Numbers of the rules of the desk."""

    join_hours: int = 72
    """A message of a known identity joins its open case if that moved within these hours."""
    reopen_days: int = 14
    """A case done longer ago is not reopened: a new one is opened and linked to it."""
    countdown_seconds: int = 8
    """How long a reply from the interface waits before it is sent, so that it can be taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All of it."""

    path: Path | None
    """The file it came from; None: there is none, all is default."""
    store: Path
    agent: str
    """Who acts: the Unix user unless the file or --agent says otherwise."""
    desk: DeskConfig = field(default_factory=DeskConfig)
    accounts: Mapping[str, AccountConfig] = field(default_factory=dict)


KINDS: Mapping[str, type[AccountConfig]] = {
    "email": EmailAccount,
    "x": XAccount,
    "facebook": FacebookAccount,
}
CHOICES: Mapping[str, tuple[str, ...]] = {
    "imap_security": ("tls", "plain"),
    "smtp_security": ("tls", "starttls", "plain"),
    "auth": ("oauth2", "oauth1"),
}
RANGES: Mapping[str, tuple[int, int]] = {
    "poll_seconds": (1, 86_400),
    "since_days": (0, 36_500),
    "imap_port": (1, 65_535),
    "smtp_port": (1, 65_535),
    "batch": (1, 10_000),
    "max_mail_bytes": (10_000, 1_000_000_000),
    "budget_per_day": (0, 1_000_000),
    "overlap_minutes": (0, 10_080),
    "join_hours": (0, 87_600),
    "reopen_days": (0, 36_500),
    "countdown_seconds": (0, 3_600),
}
_PATHS = ("ca_file", "password_file", "token_file")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_TYPE_NAMES = {str: "text in quotes", int: "a whole number", float: "a number", bool: "true or false"}
_T = TypeVar("_T")


def load(path: str | None = None, store: str | None = None, agent: str | None = None) -> Config:
    """Read the configuration.

    path, store, agent: values of the options, None where they are not given. Then come
    ``INBOX_TUI_CONFIG`` and the platform's folders. A missing file is an error only where it was named.
    Raises ConfigError.
    """
    named = path or os.environ.get(ENV_CONFIG)
    file = Path(named) if named else default_config_path()
    if not named and not _exists(file):
        return Config(path=None, store=_store_path(store, ""), agent=agent or unix_user())
    data = _read(file)
    reader = _Reader(file)
    reader.known(data, "", ("store", "agent", "desk", "accounts"))
    own_store = reader.value(data, "", "store", str, "")
    if own_store:
        own_store = reader.path("store", own_store)
    own_agent = reader.value(data, "", "agent", str, "")
    desk = reader.record(reader.table(data, "", "desk"), "desk", DeskConfig, {})
    accounts = {
        name: _account(reader, name, reader.table(reader.table(data, "", "accounts"), "accounts", name))
        for name in reader.table(data, "", "accounts")
    }
    return Config(
        path=file,
        store=_store_path(store, own_store),
        agent=agent or own_agent or unix_user(),
        desk=desk,
        accounts=accounts,
    )


def default_config_path() -> Path:
    """Where the configuration is looked for when nobody says where."""
    from platformdirs import user_config_path

    return user_config_path("inbox-tui", appauthor=False) / "config.toml"


def unix_user() -> str:
    """Name of the Unix user."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        if user := os.environ.get(name):
            return user
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid-{os.getuid()}"


def _exists(file: Path) -> bool:
    try:
        return file.exists()
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}", "make its folder readable") from None


def _store_path(option: str | None, key: str) -> Path:
    if option or key:
        return Path(option or key).absolute()
    from platformdirs import user_data_path

    return user_data_path("inbox-tui", appauthor=False) / "inbox.db"


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            f"{file}: there is no such file", "name another with --config, or copy config.example.toml"
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: not UTF-8 at byte {error.start}", "save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: not TOML: {error}", "mend the file there") from None
    except (RecursionError, ValueError):
        # What tomllib lets through: lists too deep, numbers too long, a path with a NUL.
        raise ConfigError(f"{file}: not a configuration", "start anew from config.example.toml") from None
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}", "make the file readable") from None


def _account(reader: _Reader, name: str, table: Mapping[str, Any]) -> AccountConfig:
    where = f"accounts.{name}"
    if not name.strip() or not name.isprintable():
        raise reader.error(f"accounts.{name!r}", "not a name that can be shown", "use letters and digits")
    channel = reader.value(table, where, "channel", str, None)
    table = _secret_keys(reader, where, {k: v for k, v in table.items() if k != "channel"}, channel)
    kind = KINDS.get(channel)
    if kind is None:
        return _other(reader, name, channel, table)
    if kind is EmailAccount and "display_name" in table:
        raise reader.error(f"{where}.display_name", "there is no such key", 'did you mean "name"?')
    if kind is EmailAccount and "name" in table:
        table["display_name"] = table.pop("name")
    account = reader.record(table, where, kind, {"name": name, "channel": channel})
    _check_plain(reader, where, account)
    return account


def _other(reader: _Reader, name: str, channel: str, table: Mapping[str, Any]) -> AccountConfig:
    from importlib.metadata import entry_points

    known = sorted({*KINDS, *(point.name for point in entry_points(group=CHANNEL_GROUP))})
    if channel not in known:
        raise reader.error(
            f"accounts.{name}.channel", f'"{channel}" is not a channel', _one_of(channel, known)
        )
    common = {f.name for f in fields(AccountConfig)}
    options = {key: value for key, value in table.items() if key not in common}
    rest = {key: value for key, value in table.items() if key in common}
    return reader.record(
        rest, f"accounts.{name}", OtherAccount, {"name": name, "channel": channel, "options": options}
    )


def _secret_keys(reader: _Reader, where: str, table: Mapping[str, Any], channel: str) -> dict[str, Any]:
    """``password_file`` (mail) and ``token_file`` (all others) are what the records call ``secret_file``."""
    word = "password" if channel == "email" else "token"
    out: dict[str, Any] = {}
    given = []
    for key, value in table.items():
        head, _, tail = key.partition("_")
        if head == word and tail in ("command", "env", "file"):
            if value:
                given.append(key)
            key = f"secret_{tail}"
        elif key in (word, "password", "token", "secret"):
            raise reader.error(
                f"{where}.{key}",
                "a secret does not belong into this file",
                f"use {word}_command, {word}_env or {word}_file",
            )
        elif head == "secret":
            raise reader.error(f"{where}.{key}", "there is no such key", f"use {word}_{tail}")
        out[key] = value
    if len(given) > 1:
        raise reader.error(where, f"{' and '.join(sorted(given))} are both given", "keep one of them")
    return out


def _check_plain(reader: _Reader, where: str, account: AccountConfig) -> None:
    """Secrets go in plain text nowhere but to this host itself."""
    if isinstance(account, EmailAccount):
        for part in ("imap", "smtp"):
            host = getattr(account, f"{part}_host")
            if getattr(account, f"{part}_security") == "plain" and host not in _LOOPBACK:
                raise reader.error(
                    f"{where}.{part}_security", f"plain text to {host} would show the password", 'use "tls"'
                )
    elif isinstance(account, XAccount | FacebookAccount):
        from urllib.parse import urlsplit

        try:
            url = urlsplit(account.api_url)
            host = url.hostname or ""
        except ValueError:
            host = ""
        if not host or url.scheme not in ("http", "https"):
            raise reader.error(f"{where}.api_url", "not an address of a server", "write https://HOST")
        if url.scheme == "http" and host not in _LOOPBACK:
            raise reader.error(
                f"{where}.api_url", f"plain text to {host} would show the token", "write https://"
            )


class _Reader:
    """Turns tables into records, and mistakes into errors that name file and key."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def error(self, key: str, wrong: str, mend: str) -> ConfigError:
        return ConfigError(f"{self.file}: {key}: {wrong}", mend)

    def known(self, table: Mapping[str, Any], where: str, keys: tuple[str, ...]) -> None:
        for key in table:
            if key not in keys:
                raise self.error(_join(where, key), "there is no such key", _one_of(key, list(keys)))

    def table(self, data: Mapping[str, Any], where: str, key: str) -> Mapping[str, Any]:
        value = data.get(key, {})
        if not isinstance(value, dict):
            raise self.error(_join(where, key), "a table is expected", f"write [{_join(where, key)}]")
        return value

    def path(self, where: str, value: str) -> str:
        """A path as the file gives it, relative to the file, made absolute."""
        try:
            return str((self.file.parent / Path(value).expanduser()).absolute())
        except RuntimeError:
            raise self.error(where, f'"{value}" is in no known home', "write the whole path") from None

    def value(self, table: Mapping[str, Any], where: str, key: str, kind: type[_T], default: _T | None) -> _T:
        if key not in table:
            if default is None:
                raise self.error(_join(where, key), "missing", f"add {key} = {_TYPE_NAMES[kind]}")
            return default
        found: _T = self._typed(table[key], _join(where, key), kind)
        return found

    def record(self, table: Mapping[str, Any], where: str, kind: type[_T], given: Mapping[str, Any]) -> _T:
        hints = get_type_hints(kind)
        own = [f for f in fields(kind) if f.name not in given]  # type: ignore[arg-type]
        shown = {self._shown(kind, f.name): f.name for f in own}
        values = dict(given)
        for key, value in table.items():
            if key not in hints or key in given:
                raise self.error(
                    _join(where, self._shown(kind, key)),
                    "there is no such key",
                    _one_of(key, list(shown)),
                )
            values[key] = self._typed(value, _join(where, self._shown(kind, key)), hints[key])
        for f in own:
            if f.default is not MISSING or f.default_factory is not MISSING:
                continue
            if f.name not in values:
                raise self.error(_join(where, f.name), "missing", f"add {f.name} = …")
            if not values[f.name].strip():
                raise self.error(_join(where, f.name), "empty", f'write {f.name} = "…"')
        return kind(**values)

    def _shown(self, kind: type[Any], name: str) -> str:
        """The key as the file spells it."""
        if name == "display_name":
            return "name"
        if name.startswith("secret_"):
            return name.replace("secret", "password" if kind is EmailAccount else "token", 1)
        return name

    def _typed(self, value: Any, where: str, kind: Any) -> Any:
        key = where.rpartition(".")[2]
        if kind == tuple[str, ...]:
            if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                raise self.error(where, "a list of texts is expected", f'write {key} = ["…", "…"]')
            for item in value:
                self._text(item, where, key)
            return tuple(value)
        if type(value) is not kind and not (kind is float and type(value) is int):
            raise self.error(
                where,
                f"{_TYPE_NAMES[kind]} is expected, not {_found(value)}",
                f"write {key} = " + {str: '"…"', int: "60", float: "2.0", bool: "true"}[kind],
            )
        if kind is str:
            return self._text(value, where, key)
        if key in RANGES:
            least, most = RANGES[key]
            if not least <= value <= most:  # nan too
                raise self.error(where, f"{value} is out of range", f"from {least} to {most}")
        return kind(value)

    def _text(self, value: str, where: str, key: str) -> str:
        shown = value.replace("\n", "").replace("\t", "") if key == "signature" else value
        if any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in shown):
            # They would end a line of IMAP or SMTP, or act on the terminal.
            raise self.error(where, "has a control character or a line break in it", "take it out")
        if key in CHOICES and value not in CHOICES[key]:
            raise self.error(where, f'"{value}" is not known', _one_of(value, list(CHOICES[key])))
        return self.path(where, value) if value and key in _PATHS else value


def _found(value: Any) -> str:
    names = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
    return names.get(type(value), "a list" if isinstance(value, list) else "a table or time")


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _one_of(word: str, known: list[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, known, 1)
    return f'did you mean "{near[0]}"?' if near else "known are: " + ", ".join(known)
