"""Which thread a mail goes on with: its references, and who takes part in what they lead to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from inbox_tui.casework import signing
from inbox_tui.desk.matching import Candidate
from inbox_tui.model import Direction, Incoming, MailFacts
from inbox_tui.store import accounts, threads, underway
from inbox_tui.store.driver import Connection
from inbox_tui.store.threads import ThreadRecord

_NAMED = 50
"""Whom one mail names: so many are kept."""


class MailThreads:
    """Message-IDs and participants of one account, as one transaction sees them."""

    def __init__(self, db: Connection, account: int) -> None:
        self.db = db
        self.account = account
        self._secret = b""
        self._by_reference: dict[str, list[int]] = {}
        self._threads: dict[int, ThreadRecord] = {}
        self._by_key: dict[str, int] = {}
        self._new_ids: list[tuple[str, int]] = []
        self._new_participants: list[tuple[int, str]] = []
        self._new_named: list[tuple[int, str]] = []

    @property
    def threads(self) -> Iterable[ThreadRecord]:
        """The threads that these mails may belong to."""
        return self._threads.values()

    def load(self, mails: Sequence[MailFacts]) -> None:
        """Look up everything that these mails refer to."""
        if not mails:
            return
        wanted = {ref for mail in mails for ref in (*mail.references, mail.message_id) if ref}
        self._by_reference, self._threads = threads.by_reference(self.db, self.account, wanted)
        keys = [key for key in map(signing.key_of, wanted) if key]
        if keys:
            self._secret = accounts.secret(self.db)
            self._load_keys(keys)

    def _load_keys(self, keys: list[str]) -> None:
        found = underway.threads_by_key(self.db, self.account, keys)
        self._by_key = found
        missing = set(found.values()) - self._threads.keys()
        self._threads.update(threads.by_ids(self.db, missing))

    def candidates(self, mail: MailFacts, writer: str | None) -> list[Candidate]:
        """Threads that the mail refers to, nearest reference first; last those that refer to it."""
        out = []
        for reference in (*reversed(mail.references), mail.message_id):
            key = signing.key_of(reference)
            if key in self._by_key and writer and signing.trusted(self._secret, key, writer):
                out.append(Candidate(self._by_key[key], frozenset({writer})))
            for thread in self._by_reference.get(reference, ()):
                out.append(Candidate(thread, frozenset(self._threads[thread].participants)))
        return out

    def threads_with(self, message_id: str) -> list[int]:
        """Threads in which this Message-ID occurs."""
        return list(self._by_reference.get(message_id, ()))

    def remember(self, message: Incoming, thread: ThreadRecord, *, by_customer: bool) -> None:
        """What later mails may refer to, and who takes part.

        Of an incoming mail only its writer takes part: whom he names in To or Cc he could have made up. That
        he has named them is kept. by_customer: the thread is with its writer.
        """
        mail = message.mail
        if mail is None:
            return
        self._threads.setdefault(thread.id, thread)
        for reference in (mail.message_id, *mail.references):
            if reference and thread.id not in self._by_reference.setdefault(reference, []):
                self._by_reference[reference].append(thread.id)
                self._new_ids.append((reference, thread.id))
        who = mail.participants if message.direction is Direction.OUT else (message.author.value,)
        for address in who:
            if address and address not in thread.participants:
                thread.participants.add(address)
                self._new_participants.append((thread.id, address))
        if by_customer and message.direction is Direction.IN and not mail.forged:
            fresh = [one for one in mail.participants if one not in thread.named | thread.participants]
            thread.named.update(fresh[:_NAMED])
            self._new_named += [(thread.id, one) for one in fresh[:_NAMED]]

    def flush(self) -> None:
        """Write what was remembered."""
        threads.add_mail_ids(self.db, self.account, self._new_ids)
        threads.add_participants(self.db, self._new_participants)
        threads.add_named(self.db, self._new_named)
