"""The end of a shift, and how the desk stands: who waits on whom. Reached as `Inbox.shift`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from inbox_tui.desk import views
from inbox_tui.errors import StoreError
from inbox_tui.model import CaseState, Handover, ReplyState, Standing
from inbox_tui.store import accounts, agents, listing, posts, replies
from inbox_tui.store.locks import WORKER

if TYPE_CHECKING:
    from inbox_tui.inbox.door import Inbox
    from inbox_tui.store.engine import Store

_MOST = 10_000
"""Cases of one agent that are listed."""


class Shift:
    """What one agent leaves to others."""

    def __init__(self, inbox: Inbox, store: Store, now: Callable[[], int]) -> None:
        self._inbox = inbox
        self._store = store
        self._now = now

    def here(self) -> bool:
        """I am here: written down at most once a minute, and not where the store may only be read.

        Whether there was something to write.
        """
        agent, now = self._inbox.agent, self._now()
        with suppress(StoreError):
            with self._store.reading() as db:
                seen = agents.last_seen(db, agent)
            if seen is not None and now < seen + agents.EVERY:
                return False
            with self._store.write("here") as db:
                agents.seen(db, agent, now)
        return True

    def let_go(self, away: int) -> None:
        """What belongs to others who were not seen for so long (milliseconds) is nobody's again.

        Who may only read is shown what the worker lets go.
        """
        from inbox_tui.casework import triage

        me, now = self._inbox.agent, self._now()
        with self._store.reading() as db:
            found = triage.left_behind(db, now, away, but=me)
        if found:
            with suppress(StoreError), self._store.write("owners who are away") as db:
                triage.fall_back(db, now, away, but=me)

    def handover(self) -> Handover:
        """Who still waits on me, and what I began and did not end."""
        me = self._inbox.agent
        stuck = (ReplyState.FAILED, ReplyState.UNKNOWN)
        mine = self._inbox.page(views.MINE, limit=_MOST)
        alone = self._inbox.triage.agents() == (me,)
        with self._store.reading() as db:
            counted = {view.key: view.count for view in listing.views(db, (), me)}
            return Handover(
                agent=me,
                waiting=tuple(row for row in mine if row.state is CaseState.WAITING),
                snoozed=listing.hidden_of(db, me),
                drafts=replies.drafts_of(db, me),
                unsent=tuple(
                    one
                    for one in replies.listed(db, everything=False)
                    if one.agent == me and one.state in stuck
                ),
                unassigned=counted[views.UNASSIGNED],
                nobodys=self._inbox.page(views.UNASSIGNED, limit=_MOST) if alone else (),
            )

    def standing(self) -> Standing:
        """How the desk stands, for monitoring."""
        self._inbox.triage.wake_due()
        with self._store.reading() as db:
            counted = {view.key: view.count for view in listing.views(db, (), "")}
            longest = listing.longest(db)
            return Standing(
                waiting=counted[views.WAITING] + listing.hidden(db),
                longest=longest,
                overdue=listing.overdue(db, self._now()),
                unsent=replies.trouble(db),
                posts=posts.since(db, longest) if longest is not None else 0,
                health=accounts.health(db, self._now()),
                worker=accounts.worker(db, self._store.is_held(WORKER)),
            )
