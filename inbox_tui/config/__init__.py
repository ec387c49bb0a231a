"""TOML into a frozen Config. An error names the file, the key, what is wrong and how to mend it.

Secrets are never in the file: it says where they come from (see `credentials`). Reads one file, writes none.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inbox_tui.config.reader import Reader as Reader
from inbox_tui.config.reader import one_of
from inbox_tui.config.records import CHOICES as CHOICES
from inbox_tui.config.records import KINDS as KINDS
from inbox_tui.config.records import RANGES as RANGES
from inbox_tui.config.records import THEMES as THEMES
from inbox_tui.config.records import AccountConfig as AccountConfig
from inbox_tui.config.records import Config as Config
from inbox_tui.config.records import DeskConfig as DeskConfig
from inbox_tui.config.records import EmailAccount as EmailAccount
from inbox_tui.config.records import FacebookAccount as FacebookAccount
from inbox_tui.config.records import OtherAccount as OtherAccount
from inbox_tui.config.records import SavedView as SavedView
from inbox_tui.config.records import UiConfig as UiConfig
from inbox_tui.config.records import XAccount as XAccount
from inbox_tui.errors import ConfigError
from inbox_tui.records import fields

ENV_CONFIG = "INBOX_TUI_CONFIG"
CHANNEL_GROUP = "inbox_tui.channels"
"""Entry points by which another package adds a channel."""
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


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
    reader = Reader(file)
    reader.known(data, "", ("store", "agent", "desk", "accounts", "views", "keys", "ui"))
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
        views=_views(reader, data),
        ui=reader.record(reader.table(data, "", "ui"), "ui", UiConfig, {}),
        keys=_keys(reader, data),
    )


def _views(reader: Reader, data: Mapping[str, Any]) -> tuple[SavedView, ...]:
    found = []
    for name in (tables := reader.table(data, "", "views")):
        if not name.isprintable() or not name.strip():
            raise reader.error(f"views.{name!r}", "not a name that can be shown", "use letters and digits")
        table = reader.table(tables, "views", name)
        found.append(reader.record(table, f"views.{name}", SavedView, {"name": name}))
    return tuple(found)


def _keys(reader: Reader, data: Mapping[str, Any]) -> dict[str, str]:
    table = reader.table(data, "", "keys")
    return {act: reader.value(table, "keys", act, str, "") for act in table}


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


def _account(reader: Reader, name: str, table: Mapping[str, Any]) -> AccountConfig:
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


def _other(reader: Reader, name: str, channel: str, table: Mapping[str, Any]) -> AccountConfig:
    from importlib.metadata import entry_points

    known = sorted({*KINDS, *(point.name for point in entry_points(group=CHANNEL_GROUP))})
    if channel not in known:
        raise reader.error(
            f"accounts.{name}.channel", f'"{channel}" is not a channel', one_of(channel, known)
        )
    common = {f.name for f in fields(AccountConfig)}
    options = {key: value for key, value in table.items() if key not in common}
    rest = {key: value for key, value in table.items() if key in common}
    return reader.record(
        rest, f"accounts.{name}", OtherAccount, {"name": name, "channel": channel, "options": options}
    )


def _secret_keys(reader: Reader, where: str, table: Mapping[str, Any], channel: str) -> dict[str, Any]:
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


def _check_plain(reader: Reader, where: str, account: AccountConfig) -> None:
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
