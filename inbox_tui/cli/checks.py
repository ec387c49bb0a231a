"""What ``doctor`` looks at besides the store: the terminal, rights of files, and every account's login.

The logins read no message and send nothing; all are tried at the same time, so that a dead host costs once.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from inbox_tui.cli.facts import Fact
from inbox_tui.cli.output import of_account
from inbox_tui.errors import ConfigError, CredentialError, InboxError
from inbox_tui.tui.words import duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inbox_tui.channels.base import Examined
    from inbox_tui.config import AccountConfig, Config

MOST_SKEW = 2 * 60_000
"""Milliseconds by which a platform's clock may differ from ours."""
_PATIENCE = 60.0
_SMALLEST = (80, 24)


def terminal() -> Iterator[Fact]:
    """Whether the interface can be shown here."""
    if not sys.stdout.isatty():
        yield Fact("terminal", True, "no terminal here: what is written goes to a file or a program")
        return
    kind = os.environ.get("TERM", "")
    if kind in ("", "dumb", "unknown"):
        yield Fact(
            "terminal",
            False,
            f"a terminal that cannot place its cursor (TERM={kind or 'not set'})",
            "open another one, or: export TERM=xterm-256color",
        )
        return
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    if encoding != "utf8":
        hint = "export LANG=C.UTF-8"
        yield Fact("terminal", False, f"the terminal is told to show {sys.stdout.encoding}, not UTF-8", hint)
    columns, lines = os.get_terminal_size(sys.stdout.fileno())
    if 0 < columns < _SMALLEST[0] or 0 < lines < _SMALLEST[1]:
        yield Fact("terminal", False, f"a terminal of {columns}×{lines}", "enlarge its window to 80×24")
    else:
        yield Fact("terminal", True, f"terminal {kind}, {columns}×{lines}")


def contents(config: Config) -> Iterator[Fact]:
    """What the configuration names and nobody looks at before it is used: keys, templates, hooks."""
    if config.keys or any(view.key for view in config.views):
        # The acts that keys are for belong to the interface.
        from inbox_tui.tui.keymap import check

        try:
            check(config)
        except ConfigError as error:
            yield Fact("config_keys", False, error.message, error.hint)
    if config.templates:
        from inbox_tui.config.templates import template

        for one in config.templates:
            try:
                template(one)
            except ConfigError as error:
                yield Fact("config_template", False, error.message, error.hint)
    yield from _acknowledgements(config)
    for name, words in config.hooks.commands().items():
        if shutil.which(words[0]) is None:
            message = f"{config.path}: hooks.{name}: {words[0]} is no program that can be run"
            yield Fact("config_hook", False, message, "check its path, and: chmod +x")


def _acknowledgements(config: Config) -> Iterator[Fact]:
    """What is acknowledged automatically, and whether there are texts for it."""
    asked = [account for account in config.accounts.values() if account.acknowledge != "no"]
    if not asked:
        return
    from inbox_tui.casework.acknowledging import manner

    for account in asked:
        try:
            manner(config, account)
        except ConfigError as error:
            yield Fact("config_acknowledge", False, error.message, error.hint)
        else:
            what = "private messages" if account.acknowledge == "private" else "all messages, in public too"
            yield Fact("config_acknowledge", True, f"account {account.name}: acknowledges {what}")


def rights(config: Config) -> Iterator[Fact]:
    """Whether others could change what this program runs, and whether tokens can be renewed."""
    if config.path is not None:
        mode = stat.S_IMODE(config.path.stat().st_mode)
        wrong = mode & (stat.S_IWGRP | stat.S_IWOTH)
        said = "can be changed by others" if wrong else "can be changed by its owner alone"
        # It names commands that are run.
        message = f"{config.path} {said} (mode {mode:04o})"
        yield Fact("config_rights", not wrong, message, f"chmod go-w {config.path}")
    for account in config.accounts.values():
        if account.oauth is None or account.oauth.tokens_keyring:
            continue
        folder = Path(account.oauth.tokens_file).parent
        if folder.exists() and not os.access(folder, os.W_OK):
            message = f"account {account.name}: tokens cannot be renewed: {folder} may not be written"
            yield Fact("token_rights", False, message, "give the folder to whoever runs the worker")


def secrets(config: Config) -> Iterator[Fact]:
    """Whether every secret can be read."""
    from inbox_tui.cli.ownership import of_an_agent
    from inbox_tui.credentials import resolve

    is_agent = of_an_agent(config.store)
    for account in config.accounts.values():
        try:
            resolve(account)
        except CredentialError as error:
            if is_agent:
                message = f"account {account.name}: its secret is the worker's alone"
                yield Fact("secret", True, message)
            else:
                yield Fact("secret", False, error.message, error.hint)
        else:
            if is_agent:
                message = (
                    f"account {account.name}: this agent can read its secret, which the worker alone needs"
                )
                yield Fact("agent_secret", False, message, "give the file to the worker's user: chmod 600")
            else:
                yield Fact("secret", True, f"account {account.name}: its secret can be read")


def logins(accounts: list[AccountConfig], now: int) -> Iterator[Fact]:
    """Whether each account's login works, what it may not do, and whether the clocks agree."""
    tried = [_Try(account) for account in accounts]
    for each in tried:
        each.start()
    for each in tried:
        each.join(_PATIENCE)
        yield from _told(each, now)


class _Try(threading.Thread):
    """One account's login."""

    def __init__(self, account: AccountConfig) -> None:
        super().__init__(name=f"doctor {account.name}", daemon=True)
        self.account = account
        self.found: Examined | None = None
        self.error: InboxError | None = None

    def run(self) -> None:
        from inbox_tui.bootstrap import examine

        try:
            self.found = examine(self.account)
        except InboxError as error:
            self.error = error
        except Exception as error:  # noqa: BLE001 - a channel may come from another package
            fault = f"a fault in the channel {self.account.channel}: {type(error).__name__}: {error}"
            self.error = InboxError(fault, "report it with what doctor says")


def _told(tried: _Try, now: int) -> Iterator[Fact]:
    start, found = f"account {tried.account.name}", tried.found
    if tried.error is not None:
        message = of_account(tried.account.name, tried.error.message)
        yield Fact("login", False, message, tried.error.hint)
    elif found is None:
        hint = "check network and host names; it may go on waiting for its time limit"
        yield Fact("login", False, f"{start}: no answer within {_PATIENCE:.0f} s", hint)
    else:
        yield Fact("login", True, f"{start}: the login works")
        for lack in found.lacks:
            yield Fact("permission", False, f"{start}: {lack.message}", lack.hint)
        if found.clock is not None:
            yield _clock(start, found.clock, now)


def _clock(start: str, theirs: int, now: int) -> Fact:
    apart = now - theirs
    if abs(apart) <= MOST_SKEW:
        return Fact("clock_skew", True, f"{start}: this machine's clock agrees with the platform's")
    way = "ahead of" if apart > 0 else "behind"
    message = f"{start}: this machine's clock is {duration(abs(apart))} {way} the platform's"
    return Fact("clock_skew", False, message, "set the clock: timedatectl set-ntp true")
