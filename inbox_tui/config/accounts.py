"""Reads the tables ``[accounts.NAME]``: the kind of account, the source of its secret, how it logs in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inbox_tui.config.reader import Reader, one_of
from inbox_tui.config.records import (
    KINDS,
    AccountConfig,
    EmailAccount,
    FacebookAccount,
    OAuthConfig,
    OtherAccount,
    XAccount,
)
from inbox_tui.records import fields, replace

CHANNEL_GROUP = "inbox_tui.channels"
"""Entry points by which another package adds a channel."""
_OTHERS = tuple(channel for channel in KINDS if channel != "email")
_PROVIDERS = {"email": ("google", "microsoft"), "x": ("x",), "facebook": ("facebook",)}
"""Who logs in accounts of a channel; of a channel that another package brings, anybody."""
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_SOURCES = ("command", "env", "file", "keyring")


def read_account(reader: Reader, name: str, table: Mapping[str, Any]) -> AccountConfig:
    where = f"accounts.{name}"
    if not name.strip() or not name.isprintable():
        raise reader.error(f"accounts.{name!r}", "not a name that can be shown", "use letters and digits")
    if "channel" not in table:
        raise reader.error(f"{where}.channel", "missing", f'add channel = "email", or {", ".join(_OTHERS)}')
    channel = reader.value(table, where, "channel", str, None)
    word = "password" if channel == "email" else "token"
    table = _secret_keys(reader, where, {k: v for k, v in table.items() if k != "channel"}, word)
    given = {"name": name, "channel": channel, "oauth": _oauth(reader, where, name, channel, table)}
    table.pop("oauth", None)
    kind = KINDS.get(channel)
    if kind is None:
        return _other(reader, given, table)
    if kind is EmailAccount and "display_name" in table:
        raise reader.error(f"{where}.display_name", "there is no such key", 'did you mean "name"?')
    if kind is EmailAccount and "name" in table:
        table["display_name"] = table.pop("name")
    account = reader.record(table, where, kind, given)
    _check_places(reader, where, account)
    return account


def _other(reader: Reader, given: Mapping[str, Any], table: Mapping[str, Any]) -> AccountConfig:
    from importlib.metadata import entry_points

    name, channel = given["name"], given["channel"]
    known = sorted({*KINDS, *(point.name for point in entry_points(group=CHANNEL_GROUP))})
    if channel not in known:
        raise reader.error(
            f"accounts.{name}.channel", f'"{channel}" is not a channel', one_of(channel, known)
        )
    common = {f.name for f in fields(AccountConfig)}
    options = {key: value for key, value in table.items() if key not in common}
    rest = {key: value for key, value in table.items() if key in common}
    return reader.record(rest, f"accounts.{name}", OtherAccount, {**given, "options": options})


def _oauth(
    reader: Reader, where: str, name: str, channel: str, table: Mapping[str, Any]
) -> OAuthConfig | None:
    """The table ``[accounts.NAME.oauth]``; None where there is none."""
    if "oauth" not in table:
        return None
    inside = f"{where}.oauth"
    for source in _SOURCES:
        if table.get(f"secret_{source}"):
            word = "password" if channel == "email" else "token"
            raise reader.error(where, f"{word}_{source} and [{inside}] are both given", "keep one of them")
    if table.get("auth", "oauth2") != "oauth2":
        raise reader.error(f"{where}.auth", f"does not go with [{inside}]", 'write auth = "oauth2"')
    given = _secret_keys(reader, inside, reader.table(table, where, "oauth"), "client_secret")
    if channel in ("x", "facebook"):
        given.setdefault("provider", channel)
    found = reader.record(given, inside, OAuthConfig, {})
    fits = _PROVIDERS.get(channel, (found.provider,))
    if found.provider not in fits:
        said = f'"{found.provider}" does not log in an account of the channel {channel}'
        raise reader.error(f"{inside}.provider", said, f"take {' or '.join(fits)}")
    for key in ("authorize_url", "token_url", "device_url"):
        if url := getattr(found, key):
            _check_url(reader, f"{inside}.{key}", url)
    if found.tokens_file and found.tokens_keyring:
        raise reader.error(inside, "tokens_file and tokens_keyring are both given", "keep one of them")
    # The file also names the lock under which tokens in the keyring are renewed.
    file = found.tokens_file or reader.path(f"{inside}.tokens_file", f"secrets/{_file_name(name)}.tokens")
    return replace(found, tokens_file=file)


def _file_name(name: str) -> str:
    return "".join(char if char.isalnum() or char in "-_" else f"%{ord(char):x}" for char in name)


def _secret_keys(reader: Reader, where: str, table: Mapping[str, Any], word: str) -> dict[str, Any]:
    """``password_file`` (mail), ``token_file``, ``client_secret_file``: the records say ``secret_file``."""
    out: dict[str, Any] = {}
    given = []
    for key, value in table.items():
        head, _, tail = key.rpartition("_")
        if head == word and tail in _SOURCES:
            if value:
                given.append(key)
            key = f"secret_{tail}"
        elif key in (word, "password", "token", "secret", "client_secret"):
            raise reader.error(
                f"{where}.{key}",
                "a secret does not belong into this file",
                f"use {word}_command, {word}_env, {word}_file or {word}_keyring",
            )
        elif head == "secret" and tail in _SOURCES:
            raise reader.error(f"{where}.{key}", "there is no such key", f"use {word}_{tail}")
        out[key] = value
    if len(given) > 1:
        raise reader.error(where, f"{' and '.join(sorted(given))} are both given", "keep one of them")
    return out


def _check_places(reader: Reader, where: str, account: AccountConfig) -> None:
    """Addresses are addresses, and secrets go in plain text nowhere but to this host itself."""
    if isinstance(account, EmailAccount):
        for key, value in (("address", account.address), *(("aliases", one) for one in account.aliases)):
            if not all(value.rpartition("@")[::2]) or " " in value:
                raise reader.error(f"{where}.{key}", f'"{value}" is no mail address', "write NAME@DOMAIN")
        for part in ("imap", "smtp"):
            host = getattr(account, f"{part}_host")
            if getattr(account, f"{part}_security") == "plain" and host not in _LOOPBACK:
                raise reader.error(
                    f"{where}.{part}_security", f"plain text to {host} would show the password", 'use "tls"'
                )
    elif isinstance(account, XAccount | FacebookAccount):
        _check_url(reader, f"{where}.api_url", account.api_url)


def _check_url(reader: Reader, where: str, value: str) -> None:
    from urllib.parse import urlsplit

    try:
        url = urlsplit(value)
        host = url.hostname or ""
    except ValueError:
        host = ""
    if not host or url.scheme not in ("http", "https"):
        raise reader.error(where, "not an address of a server", "write https://HOST")
    if url.scheme == "http" and host not in _LOOPBACK:
        raise reader.error(where, f"plain text to {host} would show the token", "write https://")
