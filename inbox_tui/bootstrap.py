"""The one place that builds store, channels, inbox and service from a Config."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from inbox_tui.config import CHANNEL_GROUP, AccountConfig, Config
from inbox_tui.errors import ConfigError
from inbox_tui.inbox import Inbox, wall_clock
from inbox_tui.store.driver import BY_COMMAND, BY_INTERFACE, BY_WORKER
from inbox_tui.store.engine import Store

if TYPE_CHECKING:
    from inbox_tui.channels.base import Channel, Examined
    from inbox_tui.channels.oauth.flows import Login
    from inbox_tui.credentials import Secret
    from inbox_tui.service.hooks import Announce
    from inbox_tui.service.worker import Worker

_BUILT_IN = {
    "email": "inbox_tui.channels.email",
    "facebook": "inbox_tui.channels.facebook",
    "x": "inbox_tui.channels.x",
}


def open_inbox(
    config: Config,
    *,
    create: bool = True,
    upgrade: Callable[[], None] | None = None,
    interface: bool = False,
) -> Inbox:
    """The inbox on the configured store. Raises StoreError.

    upgrade: as for `Store`. interface: for many threads that stay, each with a connection of its own.
    """
    keep = BY_INTERFACE if interface else BY_COMMAND
    store = Store(config.store, create=create, upgrade=upgrade, keep=keep)
    if config.agent in config.desk.read_only:
        store.reader = config.agent
    return Inbox(store, config)


def open_worker(
    config: Config, complain: Callable[[str], None] | None = None, announce: Announce | None = None
) -> Worker:
    """A worker on the configured store; it holds no lock yet. Raises StoreError.

    announce: makes the line that a hook is told; without it no hook is called.
    """
    from inbox_tui.service.worker import Worker

    return Worker(Store(config.store, keep=BY_WORKER), config, open_channel, wall_clock, complain, announce)


def open_channel(account: AccountConfig) -> Channel:
    """The channel of an account, with its secret. Raises CredentialError, ConfigError."""
    from importlib import import_module

    secret = _secret(account)
    module = _BUILT_IN.get(account.channel)
    if module is not None:
        channel: Channel = import_module(module).open_channel(account, secret)
        return channel
    return _foreign(account)(account, secret)


def begin_login(account: AccountConfig, *, device: bool) -> Login:
    """Begin a login by OAuth. Raises ConfigError, CredentialError, ChannelError."""
    from inbox_tui.channels.oauth.flows import begin

    return begin(account, device=device)


def _secret(account: AccountConfig) -> Secret:
    """The account's secret; of a login by OAuth one that renews itself."""
    if account.oauth is not None:
        from inbox_tui.channels.oauth.live import LiveSecret

        return LiveSecret(account)
    from inbox_tui.credentials import resolve

    return resolve(account)


def try_account(account: AccountConfig) -> None:
    """Log in, read a first page, throw it away; log in for sending.

    Raises ChannelError, CredentialError.
    """
    from inbox_tui.channels.base import Sender

    channel = open_channel(account)
    try:
        next(iter(channel.fetch({}, wall_clock())), None)
        if isinstance(channel, Sender):
            channel.try_sending()
    finally:
        channel.close()


def examine(account: AccountConfig) -> Examined:
    """Try the login and look at what it may do. Raises ChannelError, CredentialError, ConfigError."""
    from inbox_tui.channels.base import Examined, Examiner

    channel = open_channel(account)
    try:
        if isinstance(channel, Examiner):
            return channel.examine()
        next(iter(channel.fetch({}, wall_clock())), None)
        return Examined()
    finally:
        channel.close()


def _foreign(account: AccountConfig) -> Callable[..., Channel]:
    """The function by which another package opens its channel."""
    from importlib.metadata import entry_points

    for point in entry_points(group=CHANNEL_GROUP, name=account.channel):
        found: Callable[..., Channel] = point.load()
        return found
    raise ConfigError(
        f"account {account.name}: no installed package brings the channel {account.channel}",
        "install the package, or change the channel",
    )


def worker_command(config: Config) -> list[str]:
    """The command that starts the worker as a process of its own."""
    named = ["--config", str(config.path)] if config.path else []
    return [
        *(sys.executable, "-m", "inbox_tui"),
        *named,
        *("--store", str(config.store), "fetch", "--follow", "--quiet"),
    ]
