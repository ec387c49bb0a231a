"""The channel Facebook: posts of visitors and comments on a page, Messenger, and replies to them.

    parse   JSON into Incoming, pure; Graph's field names
    api     calls, errors, usage headers
    fetch   the walk over posts and their comments, and its cursor
    messenger, messenger_fetch  conversations: their parsing and their walk
    channel the three verbs

Instagram is not read.
"""

from __future__ import annotations

from inbox_tui.channels.base import Channel
from inbox_tui.config import AccountConfig
from inbox_tui.credentials import Secret


def open_channel(account: AccountConfig, secret: Secret) -> Channel:
    """The entry point. Opens no connection. Raises ConfigError, CredentialError."""
    from inbox_tui.channels.facebook.channel import FacebookChannel

    return FacebookChannel(account, secret)
