"""What the reader of a mail is told beside its bytes. Plain records: they also cross to the child process."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ours:
    """What of an account's configuration decides how its mail is read. Addresses are in lower case."""

    addresses: frozenset[str] = frozenset()
    """Address and aliases of the account."""
    web_forms: frozenset[str] = frozenset()
    authserv_id: str = ""
    """In lower case; empty: no Authentication-Results are believed."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the mailbox says of a mail."""

    external_id: str
    """folder/uidvalidity/uid"""
    sent_at: int
    """Its INTERNALDATE, milliseconds UTC."""
    sent_folder: bool = False
    """It lies in the Sent folder: we wrote it."""
    header_only: str = ""
    """Why only the header was read; empty where the mail is whole."""
    light: bool = False
    """Leave out what can take long (quotes, HTML layout): the second try, after a first one overran."""
