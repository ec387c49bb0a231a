"""What an agent does with cases without writing to anybody: whose it is, when it comes back, what it is.

Each act takes one case or many, is one transaction, and is one step for `undo`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from inbox_tui.casework import triage
from inbox_tui.casework.zone import local_zone
from inbox_tui.desk.when import parse
from inbox_tui.errors import NothingToDo, StoreError, UsageError
from inbox_tui.model import Acted, Lasting, Priority, Undone
from inbox_tui.store import agents, listing
from inbox_tui.store import triage as steps
from inbox_tui.store.engine import Store
from inbox_tui.text import clean

LONGEST_TAG = 40
LONGEST_AGENT = 60


class Triage:
    """The acts of one agent. Reached as `Inbox.triage`."""

    def __init__(self, store: Store, agent: str, now: Callable[[], int]) -> None:
        self._store = store
        self._now = now
        self.agent = agent

    def _act(
        self, kind: str, wanted: Sequence[int], change: triage.Change, treated: str | None = None
    ) -> Acted:
        with self._store.write(kind) as db:
            agents.seen(db, self.agent, self._now())
            return triage.act(db, self.agent, self._now(), kind, wanted, change, treated)

    def assign(self, wanted: Sequence[int], agent: str) -> Acted:
        """Give cases to an agent; empty: to nobody. Raises NotFound, UsageError."""
        return self._act("assign", wanted, triage.assign(_name(agent)))

    def tag(self, wanted: Sequence[int], add: Sequence[str] = (), remove: Sequence[str] = ()) -> Acted:
        """Put tags on, take tags off. Raises NotFound, UsageError for a tag that cannot be one."""
        return self._act("tag", wanted, triage.tag([_tag(one) for one in add], [_tag(one) for one in remove]))

    def priority(self, wanted: Sequence[int], priority: Priority) -> Acted:
        """Give a priority. Raises NotFound."""
        return self._act("priority", wanted, triage.prioritise(priority))

    def snooze(self, wanted: Sequence[int], until: int | None) -> Acted:
        """Hide cases until a time, or (None) until the customer writes. Raises NotFound, UsageError."""
        if until is not None and until <= self._now():
            raise UsageError("that time has passed", 'give one to come: "2h", "tomorrow 9", "fri"')
        return self._act("snooze", wanted, triage.snooze(until))

    def snooze_again(self, wanted: Sequence[int]) -> Acted:
        """Hide cases until the time to which each was snoozed last. Raises NotFound."""
        return self._act("snooze", wanted, triage.snooze_again(self._now()))

    def promise(self, wanted: Sequence[int], until: int) -> Acted:
        """The customers were told that they hear from us by then. Raises NotFound, UsageError."""
        self.check_promise(until)
        return self._act("promise", wanted, triage.promise(self._now(), self.agent, until))

    def check_promise(self, until: int | None) -> int:
        """The time of a promise. Raises UsageError where it cannot be kept any more, or names no time."""
        if until is None or until <= self._now():
            raise UsageError("a promise needs a time to come", 'name one: "2h", "tomorrow 17:00", "fri"')
        return until

    def when(self, text: str) -> int | None:
        """A time as an agent types it, in this machine's zone; None: until the customer writes.

        Raises UsageError for what is no time or has passed.
        """
        return parse(text, self._now(), local_zone(self._now()))

    def wake(self, wanted: Sequence[int]) -> Acted:
        """End a snooze. Raises NotFound."""
        return self._act("wake", wanted, triage.wake)

    def spam(self, wanted: Sequence[int], *, yes: bool = True) -> Acted:
        """Not a customer; what this sender writes from now on is spam, too. no: a customer after all."""
        return self._act("spam", wanted, triage.spam(yes), "spam" if yes else "")

    def automatic(self, wanted: Sequence[int], *, yes: bool) -> Acted:
        """A machine wrote it (yes), or a person did: so from now on with all that this sender writes."""
        change = triage.automatic(self._now(), self.agent, yes)
        return self._act("automatic", wanted, change, "automatic" if yes else "person")

    def done(
        self, wanted: Sequence[int], seen: Mapping[int, int] | None = None, *, thanks: bool = False
    ) -> Acted:
        """Nothing more is owed in these cases. seen: by case the last message that the agent was shown.

        thanks: the customer's last word was a thank-you, which needs no answer and counts as none.
        """
        change = triage.done(self._now(), self.agent, dict(seen or {}), thanks=thanks)
        return self._act("done", wanted, change)

    def reopen(self, wanted: Sequence[int]) -> Acted:
        """The customers are owed an answer after all, since their last messages."""
        return self._act("reopen", wanted, triage.reopen(self._now(), self.agent))

    def lasting(self) -> Lasting | None:
        """What I wrote since my newest act: undo leaves that, and takes back the act before it."""
        with self._store.reading() as db:
            return steps.last_written(db, self.agent)

    def undo(self) -> Undone:
        """Take back my newest act that was not undone yet; again: the one before it.

        Raises NothingToDo where there is none, and where a case was changed since: then that act stays, and
        the next undo goes on with the one before it.
        """
        with self._store.write("undo") as db:
            found = triage.undo(db, self.agent, self._now())
        if isinstance(found, NothingToDo):
            raise found
        return found

    def undo_act(self, event: int) -> Undone:
        """Take back a merge or a split, whoever did it and whenever it was. Raises NotFound, NothingToDo."""
        with self._store.write("undo") as db:
            return triage.undo_act(db, self.agent, self._now(), event)

    def wake_due(self) -> None:
        """Bring back what was snoozed until now. Cheap where nothing was."""
        now = self._now()
        with self._store.reading() as db:
            due = listing.moves_by_the_clock(db, now)
        # Who may only read is shown what the worker wakes.
        if due:
            with suppress(StoreError), self._store.write("wake") as db:
                triage.wake_due(db, now)

    def tags(self) -> tuple[str, ...]:
        """All tags, those on most cases first."""
        with self._store.reading() as db:
            return steps.tags(db)

    def agents(self) -> tuple[str, ...]:
        """I, and the agents who have a case or sorted one."""
        with self._store.reading() as db:
            return tuple(dict.fromkeys([self.agent, *steps.agents(db)]))


def single(acted: Acted) -> None:
    """Raises NothingToDo where an act on one case left it alone."""
    for case, why in acted.skipped:
        raise NothingToDo(f"case {case}: {why}", _MENDS.get(why, ""))


_MENDS = {"the customer wrote meanwhile": "read it, then say done again"}


def _tag(given: str) -> str:
    """A tag as it is stored. Raises UsageError."""
    tag = clean(given, multiline=False).strip().lstrip("#").casefold()
    if not tag or len(tag) > LONGEST_TAG or any(char.isspace() or char in ',"' for char in tag):
        raise UsageError(
            f'"{clean(given, multiline=False)}" cannot be a tag',
            f"a tag is one word of at most {LONGEST_TAG} letters, without commas and quotes",
        )
    return tag


def _name(given: str) -> str:
    """An agent's name as it is stored. Raises UsageError."""
    name = clean(given, multiline=False).strip()
    if len(name) > LONGEST_AGENT or name != given.strip():
        raise UsageError(f'"{name[:LONGEST_AGENT]}" cannot be an agent', "give a Unix user's name")
    return name


__all__ = ["Triage", "single"]
