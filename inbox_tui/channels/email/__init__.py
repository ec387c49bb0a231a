"""The e-mail channel: read by IMAP, answered by SMTP.

    channel    the Channel itself: fetch, send, find_sent, file_copy
    reading    which mails, in which order, and the cursor
    idle       waits for mail where the server tells of it
    imap       the connection to the mailbox            smtp, compose   a reply on its way out
    limits     reads mails in a child process; child    that process
    parse      bytes -> Incoming, with mime, headers, charset, body, html, fold, automatic, trust
    records    what crosses to the child                wire            TLS, refusals, errors in words

What a stranger wrote is parsed in the child alone. Nothing here is imported before an account is opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inbox_tui.config import AccountConfig, EmailAccount
from inbox_tui.errors import ConfigError

if TYPE_CHECKING:
    from inbox_tui.channels.email.channel import EmailChannel
    from inbox_tui.credentials import Secret


def open_channel(account: AccountConfig, secret: Secret) -> EmailChannel:
    """The channel of a configured mailbox. Opens no connection yet."""
    if not isinstance(account, EmailAccount):
        raise ConfigError(f"account {account.name}: not a mailbox", 'its channel must be "email"')
    from inbox_tui.channels.email.channel import EmailChannel

    return EmailChannel(account, secret)
