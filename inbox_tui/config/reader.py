"""Turns tables of TOML into records, and mistakes into errors that name file, key and mend."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from inbox_tui.config.records import CHOICES, RANGES, EmailAccount, OAuthConfig
from inbox_tui.errors import ConfigError
from inbox_tui.records import MISSING, fields

_PATHS = ("ca_file", "password_file", "token_file", "client_secret_file", "tokens_file", "file")
_LONG = ("signature", "text", "untimed", "closed")
"""Texts of more than one line."""
_TYPE_NAMES = {str: "text in quotes", int: "a whole number", float: "a number", bool: "true or false"}
_EXAMPLE = {str: '"…"', int: "60", float: "2.0", bool: "true"}
_EXAMPLES = {"imap_port": "993", "smtp_port": "465"}
"""What a key may look like, where one of its type would mislead."""
_KINDS: Mapping[str, Any] = {
    **{kind.__name__: kind for kind in _TYPE_NAMES},
    "tuple[str, ...]": tuple[str, ...],
}
"""Types of the keys, as the records spell them; fields of other types are never read from a table."""
_T = TypeVar("_T")

NAMED = frozenset(["accounts", "acknowledgements", "templates", "views"])
"""Tables of tables, each with a name of its own."""


class Reader:
    """Turns tables into records, and mistakes into errors that name file and key."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def error(self, key: str, wrong: str, mend: str) -> ConfigError:
        return ConfigError(f"{self.file}: {key}: {wrong}", mend)

    def known(self, table: Mapping[str, Any], where: str, keys: tuple[str, ...]) -> None:
        for key in table:
            if key not in keys:
                raise self.error(join(where, key), "there is no such key", one_of(key, list(keys)))

    def table(self, data: Mapping[str, Any], where: str, key: str) -> Mapping[str, Any]:
        value = data.get(key, {})
        if not isinstance(value, dict):
            named = join(where, key)
            if isinstance(value, list) and named in NAMED:
                # [[views]]: each of these tables has a name instead.
                named += ".NAME"
            raise self.error(join(where, key), "a table is expected", f"write [{named}]")
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
                raise self.error(join(where, key), "missing", f"add {key} = {_TYPE_NAMES[kind]}")
            return default
        found: _T = self._typed(table[key], join(where, key), kind)
        return found

    def record(self, table: Mapping[str, Any], where: str, kind: type[_T], given: Mapping[str, Any]) -> _T:
        own = [f for f in fields(kind) if f.name not in given]  # type: ignore[arg-type]
        kinds = {f.name: _KINDS[str(f.type)] for f in own}
        shown = {self._shown(kind, f.name): f.name for f in own}
        values = dict(given)
        for key, value in table.items():
            if key not in kinds:
                raise self.error(
                    join(where, self._shown(kind, key)),
                    "there is no such key",
                    one_of(key, list(shown)),
                )
            values[key] = self._typed(value, join(where, self._shown(kind, key)), kinds[key])
        for f in own:
            if f.default is not MISSING or f.default_factory is not MISSING:
                continue
            if f.name not in values:
                raise self.error(join(where, f.name), "missing", f"add {f.name} = …")
            if not values[f.name].strip():
                raise self.error(join(where, f.name), "empty", f'write {f.name} = "…"')
        return kind(**values)

    def _shown(self, kind: type[Any], name: str) -> str:
        """The key as the file spells it."""
        if name == "display_name":
            return "name"
        if name.startswith("secret_"):
            word = {EmailAccount: "password", OAuthConfig: "client_secret"}.get(kind, "token")
            return name.replace("secret", word, 1)
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
                f"write {key} = {_example(key, kind)}",
            )
        if kind is str:
            return self._text(value, where, key)
        if key in RANGES:
            least, most = RANGES[key]
            if not least <= value <= most:  # nan too
                raise self.error(where, f"{value} is out of range", f"from {least} to {most}")
        return kind(value)

    def _text(self, value: str, where: str, key: str) -> str:
        shown = value.replace("\n", "").replace("\t", "") if key in _LONG else value
        if any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in shown):
            # They would end a line of IMAP or SMTP, or act on the terminal.
            raise self.error(where, "has a control character or a line break in it", "take it out")
        if key in CHOICES and value not in CHOICES[key]:
            raise self.error(where, f'"{value}" is not known', one_of(value, list(CHOICES[key])))
        return self.path(where, value) if value and key in _PATHS else value


def _example(key: str, kind: type[Any]) -> str:
    if key in CHOICES:
        return " or ".join(f'"{one}"' for one in CHOICES[key])
    return _EXAMPLES.get(key, _EXAMPLE[kind])


def _found(value: Any) -> str:
    names = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
    return names.get(type(value), "a list" if isinstance(value, list) else "a table or time")


def join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def one_of(word: str, known: list[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, known, 1)
    return f'did you mean "{near[0]}"?' if near else "known are: " + ", ".join(known)
