"""TOML into a frozen Config. An error names the file, the key, what is wrong and how to mend it.

Secrets are never in the file: it says where they come from (see `credentials`). Reads one file, writes none.
A further table: its record into `records`, its name into `_TABLES`, its reading into `load`.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inbox_tui.config.accounts import CHANNEL_GROUP as CHANNEL_GROUP
from inbox_tui.config.accounts import read_account
from inbox_tui.config.reader import Reader as Reader
from inbox_tui.config.records import CHOICES as CHOICES
from inbox_tui.config.records import COLUMNS as COLUMNS
from inbox_tui.config.records import KINDS as KINDS
from inbox_tui.config.records import RANGES as RANGES
from inbox_tui.config.records import THEMES as THEMES
from inbox_tui.config.records import AccountConfig as AccountConfig
from inbox_tui.config.records import AcknowledgementConfig as AcknowledgementConfig
from inbox_tui.config.records import Config as Config
from inbox_tui.config.records import DeskConfig as DeskConfig
from inbox_tui.config.records import EffortConfig as EffortConfig
from inbox_tui.config.records import EmailAccount as EmailAccount
from inbox_tui.config.records import FacebookAccount as FacebookAccount
from inbox_tui.config.records import HooksConfig as HooksConfig
from inbox_tui.config.records import LogConfig as LogConfig
from inbox_tui.config.records import MatchingConfig as MatchingConfig
from inbox_tui.config.records import OAuthConfig as OAuthConfig
from inbox_tui.config.records import OfficeConfig as OfficeConfig
from inbox_tui.config.records import OtherAccount as OtherAccount
from inbox_tui.config.records import SavedView as SavedView
from inbox_tui.config.records import TemplateConfig as TemplateConfig
from inbox_tui.config.records import UiConfig as UiConfig
from inbox_tui.config.records import XAccount as XAccount
from inbox_tui.errors import ConfigError, UsageError
from inbox_tui.records import replace

ENV_CONFIG = "INBOX_TUI_CONFIG"
_TABLES = (
    *("store", "agent", "desk", "matching", "office", "effort", "accounts", "views", "templates"),
    *("acknowledgements", "hooks", "keys", "log", "ui"),
)


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
    reader.known(data, "", _TABLES)
    own_store = reader.value(data, "", "store", str, "")
    if own_store:
        own_store = reader.path("store", own_store)
    if agent is not None and not agent.isprintable():
        # It is shown to everybody beside what he does.
        raise UsageError(f"--agent {agent!r} cannot be shown", "use letters and digits")
    own_agent = reader.value(data, "", "agent", str, "")
    desk = reader.record(reader.table(data, "", "desk"), "desk", DeskConfig, {})
    accounts = {
        name: read_account(reader, name, reader.table(reader.table(data, "", "accounts"), "accounts", name))
        for name in reader.table(data, "", "accounts")
    }
    return Config(
        path=file,
        store=_store_path(store, own_store),
        agent=agent or own_agent or unix_user(),
        desk=desk,
        office=_office(reader, data),
        effort=reader.record(reader.table(data, "", "effort"), "effort", EffortConfig, {}),
        matching=_matching(reader, data),
        accounts=accounts,
        views=_views(reader, data),
        templates=_templates(reader, data),
        acknowledgements=_acknowledgements(reader, data),
        hooks=_hooks(reader, reader.table(data, "", "hooks")),
        log=reader.record(reader.table(data, "", "log"), "log", LogConfig, {}),
        ui=reader.record(reader.table(data, "", "ui"), "ui", UiConfig, {}),
        keys=_keys(reader, data),
    )


def _office(reader: Reader, data: Mapping[str, Any]) -> OfficeConfig:
    if "office" not in data:
        return OfficeConfig()
    from inbox_tui.config.office import read_office

    return read_office(reader, reader.table(data, "", "office"))


def _acknowledgements(reader: Reader, data: Mapping[str, Any]) -> tuple[AcknowledgementConfig, ...]:
    found = []
    for name in (tables := reader.table(data, "", "acknowledgements")):
        where = f"acknowledgements.{name}"
        if not (name.isascii() and name.isalpha() and name.islower()):
            raise reader.error(f"acknowledgements.{name!r}", "not a language", "write it as de, en or fr")
        table = reader.table(tables, "acknowledgements", name)
        found.append(reader.record(table, where, AcknowledgementConfig, {"language": name}))
    return tuple(found)


def _matching(reader: Reader, data: Mapping[str, Any]) -> MatchingConfig:
    found = reader.record(reader.table(data, "", "matching"), "matching", MatchingConfig, {})
    if found.order_pattern:
        import re

        try:
            re.compile(found.order_pattern)
        except re.error as error:
            raise reader.error(
                "matching.order_pattern", f"no regular expression: {error}", "as '[A-Z]-[0-9]{4,6}'"
            ) from None
    if found.phone_region and not _is_country(found.phone_region):
        raise reader.error("matching.phone_region", "no country", 'give its two letters, as "DE"')
    return found


def _is_country(text: str) -> bool:
    """Whether it can be a country's two letters."""
    return len(text) == 2 and text.isascii() and text.isalpha() and text.isupper()


def _templates(reader: Reader, data: Mapping[str, Any]) -> tuple[TemplateConfig, ...]:
    if "templates" not in data:
        return ()
    from inbox_tui.config.templates import read_templates

    return read_templates(reader, data)


def _views(reader: Reader, data: Mapping[str, Any]) -> tuple[SavedView, ...]:
    found = []
    for name in (tables := reader.table(data, "", "views")):
        if not name.isprintable() or not name.strip():
            raise reader.error(f"views.{name!r}", "not a name that can be shown", "use letters and digits")
        table = reader.table(tables, "views", name)
        found.append(reader.record(table, f"views.{name}", SavedView, {"name": name}))
    return tuple(found)


def _hooks(reader: Reader, table: Mapping[str, Any]) -> HooksConfig:
    found = reader.record(table, "hooks", HooksConfig, {})
    named: dict[str, Any] = {}
    for name, words in found.commands().items():
        if not words[0].strip():
            raise reader.error(f"hooks.{name}", "its first word is empty", f'write {name} = ["COMMAND", "…"]')
        # A bare name is looked for in PATH, all else beside this file.
        is_path = "/" in words[0] or words[0].startswith("~")
        named[name] = (reader.path(f"hooks.{name}", words[0]) if is_path else words[0], *words[1:])
    return replace(found, **named)


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
            f"{file}: there is no such file", "inbox-tui init makes one; or name another with --config"
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: not UTF-8 at byte {error.start}", "save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: not TOML: {error}", "mend the file there") from None
    except (RecursionError, ValueError):
        # What tomllib lets through: lists too deep, numbers too long, a path with a NUL.
        raise ConfigError(f"{file}: not a configuration", "start anew from config.example.toml") from None
    except OSError as error:
        mend = "name a file" if file.is_dir() else "make the file readable"
        raise ConfigError(f"{file}: {error.strerror}", mend) from None
