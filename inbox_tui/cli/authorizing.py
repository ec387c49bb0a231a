"""``auth``: a login by OAuth, in a browser or by a code, until its tokens are kept."""

from __future__ import annotations

import select
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from inbox_tui.cli.asking import can_ask, tell
from inbox_tui.errors import ChannelError, CredentialError, InboxError, NotFound

if TYPE_CHECKING:
    from inbox_tui.cli.call import Call
    from inbox_tui.config import AccountConfig

_IN_BROWSER = """\
Open this page in a browser, log in as the owner of {name}, and allow what is asked for:

  {url}

The browser comes back to this machine by itself. If it runs on another one it ends at an address that it \
cannot open (http://127.0.0.1… or http://localhost…): paste that here."""


def auth(call: Call, account: str, device: bool) -> int:
    """Log in, try it, say how it went."""
    known = call.config.accounts
    if account not in known:
        raise NotFound(f'there is no account "{account}"', f"known are: {', '.join(known) or 'none'}")
    authorize(call, known[account], device=device)
    from inbox_tui.bootstrap import try_account

    call.out.progress(f"Trying the login of {account} …")
    try:
        try_account(known[account])
    except (ChannelError, CredentialError) as error:
        failed = InboxError(
            f"{account}: the login was granted, but it does not work: {error.message}", error.hint
        )
        failed.code, failed.exit_code = error.code, error.exit_code
        raise failed from None
    finally:
        call.out.progress("")
    if call.out.json:
        call.out.record({"type": "account", "account": account, "channel": known[account].channel})
    else:
        call.out.line(f"Account {account} is logged in.")
    return 0


def authorize(call: Call, account: AccountConfig, *, device: bool) -> None:
    """Log in by OAuth and keep the tokens. Raises ChannelError, ConfigError, CredentialError."""
    from inbox_tui.bootstrap import begin_login

    with closing(begin_login(account, device=device)) as login:
        if call.out.json:
            call.out.record(
                {"type": "login", "account": account.name, "url": login.url, "code": login.code or None}
            )
            call.out.flush()
        elif login.code:
            call.out.say(
                f"Open this page on any device, and type in the code {login.code} :\n\n  {login.url}\n"
            )
        else:
            tell(_IN_BROWSER.format(name=account.name, url=login.url))
        call.out.progress("Waiting for the login … Ctrl+C gives up.")
        login.wait(_pasted if can_ask(call) else _nobody)
        call.out.progress("")


def _pasted() -> str | None:
    """A line that was pasted into the terminal, if there is one."""
    ready, _, _ = select.select([sys.stdin], [], [], 0)
    line = sys.stdin.readline() if ready else ""
    if line.strip() and not ("code=" in line or "error=" in line):
        tell("That is not the address at which the browser ended: it has code=… in it. Paste it whole.")
        return None
    return line or None


def _nobody() -> None:
    """Nobody sits there."""
