"""What is kept and what is not: copies of the whole store, a person's own data, his erasure.

Reached as `Inbox.keeping`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from inbox_tui.casework import erasing, recount
from inbox_tui.casework.erasing import Erased
from inbox_tui.casework.merging import person_of
from inbox_tui.inbox.people import People
from inbox_tui.inbox.telling import past
from inbox_tui.model import Case, Message, Past, PersonPage, Reply
from inbox_tui.records import dataclass
from inbox_tui.store import backup, history, messages, replies
from inbox_tui.store import erasing as store
from inbox_tui.store.engine import Store

if TYPE_CHECKING:
    from inbox_tui.config import Config
    from inbox_tui.inbox.door import Inbox


@dataclass(frozen=True, slots=True)
class Exported:
    """All that the store holds about a person."""

    page: PersonPage
    cases: tuple[Case, ...]
    replies: tuple[Reply, ...]
    """What was written to him, also what was never sent."""
    elsewhere: tuple[Message, ...]
    """What he wrote in cases of others."""


class Keeping:
    """What one agent can do with the store as a whole."""

    def __init__(self, inbox: Inbox, store: Store, config: Config, now: Callable[[], int]) -> None:
        self._inbox = inbox
        self._store = store
        self._config = config
        self._now = now
        self.agent = inbox.agent

    def backup(self, target: Path) -> backup.Copy:
        """Copy the whole store to a new file, and verify it. Raises StoreError."""
        return backup.save(self._store, target)

    def export(self, person: int) -> Exported:
        """All that the store holds about a person. Raises NotFound."""
        page = People(self._store, self._config, self.agent, self._now).person(person)
        with self._store.reading() as db:
            scope = store.of_person(db, page.person.id)
            elsewhere = store.elsewhere(db, scope)
            written = [messages.get(db, one) for one in scope.messages] if elsewhere else []
            return Exported(
                page,
                tuple(self._inbox.case(row.id) for row in page.cases),
                tuple(one for one in (replies.get(db, each) for each in scope.replies) if one and one.text),
                tuple(one for one in written if one is not None and one.case in elsewhere),
            )

    def would_erase(self, person: int) -> Erased:
        """What `erase` would take away. Raises NotFound."""
        with self._store.reading() as db:
            lead = person_of(db, person)
            return erasing.told(db, store.of_person(db, lead), lead)

    def erase(self, person: int) -> tuple[Erased, bool]:
        """Erase a person for good, and whether nothing is left in the file either; see `scrub`.

        Raises NotFound, and NothingToDo while a reply to him is under way.
        """
        with self._store.write("erase") as db:
            lead = person_of(db, person)
            done = erasing.erase(db, store.of_person(db, lead), self.agent, self._now(), lead)
        return done, self.scrub()

    def log(self, case: int | None = None, *, agent: str | None = None, limit: int = 50) -> tuple[Past, ...]:
        """Who did what, and when: the newest acts, oldest first. limit 0: all. Raises NotFound."""
        with self._store.reading() as db:
            if case is None:
                return past(history.newest(db, agent, limit or -1))
            found = history.of_case(db, recount.one(db, case).id)
            mine = [one for one in found if agent is None or one.actor == agent]
            return past(mine[-limit:] if limit else mine)

    def scrub(self) -> bool:
        """Leave nothing of what was erased in the index and the file; false where others still read."""
        return erasing.scrub(self._store)
