"""Keys that the configuration gives: known acts, free keys, none that a terminal never sends."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from inbox_tui.config import Config
from inbox_tui.errors import ConfigError
from inbox_tui.tui.keys import GROUPS


def check(config: Config) -> None:
    """Raises ConfigError for keys that cannot be, naming the mend."""
    places = {binding.id or "": group for group, bindings in GROUPS for binding in bindings}
    for act, given in config.keys.items():
        if act not in places:
            near = get_close_matches(act, places, 1)
            hint = f'did you mean "{near[0]}"?' if near else "docs/keys.md names them all"
            raise ConfigError(f"{config.path}: keys.{act}: there is no such act", hint)
        for key in _split(given):
            _check(config, f"keys.{act}", key)
    for act in config.keys:
        for key in _split(config.keys[act]):
            _free(config, f"keys.{act}", key, _users(config.keys, places[act], key) - {act})
    for saved in config.views:
        if saved.key:
            where = f"views.{saved.name}.key"
            _check(config, where, saved.key)
            _free(
                config,
                where,
                saved.key,
                {one for g in ("Inbox", "Move") for one in _users(config.keys, g, saved.key)},
            )


def _users(keys: Mapping[str, str], group: str, key: str) -> set[str]:
    """The acts of a group that have a key."""
    bindings = next(bindings for name, bindings in GROUPS if name == group)
    return {b.id or "" for b in bindings if key in _split(keys.get(b.id or "", b.key))}


def _free(config: Config, where: str, key: str, users: set[str]) -> None:
    if users:
        raise ConfigError(f"{config.path}: {where}: {key} is {min(users)}", "give one of them another key")


def _split(keys: str) -> list[str]:
    return [key.strip() for key in keys.split(",")]


def _check(config: Config, where: str, key: str) -> None:
    if not key.replace("+", "").replace("_", "").isalnum() or key.endswith("+"):
        hint = 'write it as docs/keys.md does: "d", "ctrl+d", "f5", "question_mark"'
        raise ConfigError(f'{config.path}: {where}: "{key}" is no key', hint)
    if "alt" in key.split("+"):
        hint = "desktops and terminals eat Alt: take another key"
        raise ConfigError(f"{config.path}: {where}: {key} would not arrive", hint)
