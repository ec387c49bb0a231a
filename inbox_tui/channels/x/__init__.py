"""The channel X: mentions of the account, its own posts as context, direct messages, replies to them.

    parse   JSON into Incoming, pure; X's field names
    api     calls, prices, errors
    fetch   the walk through the timelines, page by page, and its cursor
    direct, direct_fetch  direct messages: their parsing and their walk
    channel the three verbs

Of direct messages the older ones are read; the encrypted chat is not in X's API. What X costs is counted,
not limited, here: the budget is its caller's.
"""

from __future__ import annotations

from inbox_tui.channels.base import Channel
from inbox_tui.config import AccountConfig
from inbox_tui.credentials import Secret


def open_channel(account: AccountConfig, secret: Secret) -> Channel:
    """The entry point. Opens no connection. Raises ConfigError, CredentialError."""
    from inbox_tui.channels.x.channel import XChannel

    return XChannel(account, secret)
