"""To whom a mail of our own goes, and from which account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inbox_tui.errors import NotFound, UsageError
from inbox_tui.model import Author
from inbox_tui.store import accounts, cases, threads
from inbox_tui.text import clean, snippet

if TYPE_CHECKING:
    from inbox_tui.channels.email.headers import Mailbox
    from inbox_tui.config import Config
    from inbox_tui.store.driver import Connection

MOST = 50
"""Addresses in Cc."""
KIND = "email"


def one(text: str) -> Author:
    """Exactly one recipient: an address, with a name or without. Raises UsageError."""
    found = _read(text, "the recipient")
    if len(found) != 1:
        raise UsageError(
            "a mail goes to one recipient" if found else "the recipient is missing",
            "give one address; others can get a copy (Cc)",
        )
    name = clean(found[0].name, multiline=False, limit=120).strip()
    return Author(KIND, found[0].address, name, found[0].address)


def several(text: str) -> tuple[str, ...]:
    """Addresses with commas between, each once; empty: none. Raises UsageError."""
    found = tuple(dict.fromkeys(each.address for each in _read(text, "Cc")))
    if len(found) > MOST:
        raise UsageError(f"Cc has more than {MOST} addresses", "send several mails")
    return found


def _read(text: str, what: str) -> list[Mailbox]:
    from inbox_tui.channels.email.headers import mailboxes

    if clean(text, multiline=False) != text:
        raise UsageError(f"{what} holds characters that no address has", "type it anew")
    found = mailboxes({"to": [text.encode()]}, "to")
    wrong = [each.name or text for each in found if not each.address]
    if wrong or (text.strip(" ,;") and not found):
        raise UsageError(
            f'{what}: "{snippet(wrong[0] if wrong else text, 80)}" is no address', "as name@host.example"
        )
    return found


def account(db: Connection, config: Config, named: str | None, case: int | None) -> tuple[str, str]:
    """Name and channel of the account that a mail is sent by. Raises NotFound, UsageError."""
    known = {name: one.channel for name, one in config.accounts.items() if one.channel == KIND}
    # An agent without a configuration of his own: what the store has been told of.
    known = known or {h.account: h.channel for h in accounts.health(db, 0) if h.channel == KIND}
    hint = "accounts of mail are: " + (", ".join(known) or "none")
    if named is not None:
        if named not in known:
            raise NotFound(f"there is no account {named} of mail", hint)
        return named, known[named]
    if case is not None:
        own = [t.account for t in threads.of_case(db, cases.lead(db, case)) if t.account in known]
        if own:
            return own[-1], known[own[-1]]
    if not known:
        raise UsageError("there is no account of mail", "set one up: inbox-tui init email")
    if len(known) > 1:
        raise UsageError("which account shall send it?", f"name it (--account); {hint}")
    return next(iter(known.items()))


def own(config: Config, name: str) -> frozenset[str]:
    """The addresses of an account, in lower case."""
    settings = config.accounts.get(name)
    found = (getattr(settings, "address", ""), *getattr(settings, "aliases", ()))
    return frozenset(each.lower() for each in found if each)
