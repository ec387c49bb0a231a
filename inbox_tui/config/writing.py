"""Adds an account to a configuration file. What stands there, comments too, stays as it is, byte for byte."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from inbox_tui.config import Config, load
from inbox_tui.errors import ConfigError, UsageError

Value = str | int | tuple[str, ...]
Table = dict[str, "Value | dict[str, Value]"]
"""Keys of an account; a table in it, as oauth, is a dict."""

_NEW = "# Configuration of inbox-tui; config.example.toml and docs/config.md have every key.\n"


def with_account(file: Path, name: str, values: Table) -> tuple[str, Config]:
    """The text of the file with one more account, and the configuration that it makes. Writes nothing.

    Raises UsageError where the account is there already, ConfigError where the values cannot be.
    """
    before = file.read_text("utf-8") if file.exists() else _NEW
    if file.exists() and name in load(str(file)).accounts:
        raise UsageError(f"{file} has an account {name} already", "give the new one another --name")
    where = f"accounts.{_quoted_key(name)}"
    tables = {where: {key: value for key, value in values.items() if not isinstance(value, dict)}}
    tables |= {f"{where}.{key}": value for key, value in values.items() if isinstance(value, dict)}
    text = before.rstrip("\n") + "\n" + "".join(_table(head, keys) for head, keys in tables.items())
    handle, path = tempfile.mkstemp(prefix=".inbox-tui-", suffix=".toml", dir=file.parent)
    try:
        with open(handle, "w", encoding="utf-8") as out:
            out.write(text)
        return text, load(path)
    except ConfigError as error:
        raise ConfigError(error.message.replace(path, str(file)), error.hint) from None
    finally:
        Path(path).unlink()


def replace(file: Path, text: str) -> None:
    """Put the new text in the place of the old, all or nothing; who may read it stays as it was."""
    mode = file.stat().st_mode & 0o777 if file.exists() else 0o600
    handle, path = tempfile.mkstemp(prefix=".inbox-tui-", suffix=".toml", dir=file.parent)
    try:
        with open(handle, "w", encoding="utf-8") as out:
            os.fchmod(out.fileno(), mode)
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        Path(path).replace(file)
    except BaseException:
        Path(path).unlink()
        raise


def set_value(file: Path, table: str, key: str, value: str | tuple[str, ...]) -> None:
    """Set one key of a table; comments and order stay. Raises OSError."""
    import tomlkit

    document = tomlkit.parse(file.read_text("utf-8"))
    if table not in document:
        document[table] = tomlkit.table()
    document[table][key] = list(value) if isinstance(value, tuple) else value
    replace(file, tomlkit.dumps(document))


def write_secret(path: Path, secret: str) -> None:
    """A new file that only its owner may read. Raises UsageError where there is one already."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise UsageError(f"{path} is there already", "remove it, or name it with --secret-file") from None
    with open(handle, "w", encoding="utf-8") as out:
        out.write(secret + "\n")


def _table(head: str, keys: Mapping[str, Value]) -> str:
    return f"\n[{head}]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in keys.items())


def _toml(value: Value) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    if isinstance(value, int):
        return str(value).lower()  # true and false too
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    shown = (char if char >= " " and char != "\x7f" else f"\\u{ord(char):04x}" for char in escaped)
    return f'"{"".join(shown)}"'


def _quoted_key(name: str) -> str:
    plain = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if plain else _toml(name)
