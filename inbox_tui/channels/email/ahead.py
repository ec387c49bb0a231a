"""Mails that are asked for before they are needed, so that the server finds them while we do something else.

One command on a connection of `imap`. Its answer must be read before any other command is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from imapclient import IMAPClient

What = tuple[tuple[str, int] | None, tuple[int, ...]]
"""The open folder with its UIDVALIDITY, and UIDs."""


class Ahead:
    """Asks when it is made. Raises what imapclient raises."""

    def __init__(self, client: IMAPClient, what: What) -> None:
        self.what = what
        self._client = client
        self._data: Sequence[Any] = ()
        listed = ",".join(map(str, what[1]))
        self._tag: bytes | None = client._imap._command("UID", "FETCH", listed, "(BODY.PEEK[])")

    def collected(self) -> Sequence[Any]:
        """The answer as imaplib hands it over; waits for it where it has not been read yet."""
        tag, self._tag = self._tag, None
        if tag is not None:
            imap = self._client._imap
            outcome, data = imap._command_complete("UID", tag)
            outcome, data = imap._untagged_response(outcome, data, "FETCH")
            self._client._checkok("fetch", outcome, data)
            self._data = data
        return self._data
