"""What header and sidebar show, from one cheap read."""

from __future__ import annotations

from inbox_tui.desk import views
from inbox_tui.model import Overview
from inbox_tui.store import accounts, hooks, listing, posts, proposals, replies
from inbox_tui.store.driver import Connection


def read(db: Connection, agent: str, now: int, *, worker_runs: bool) -> Overview:
    """How the desk stands for an agent."""
    health = accounts.health(db, now)
    channels = list(dict.fromkeys(h.channel for h in health))
    listed = listing.views(db, channels, agent)
    longest = listing.longest(db)
    return Overview(
        views=listed,
        waiting=next(v.count for v in listed if v.key == views.WAITING) + listing.hidden(db),
        longest=longest,
        overdue=listing.overdue(db, now),
        trouble=replies.trouble(db),
        health=health,
        worker=accounts.worker(db, worker_runs),
        hooks=hooks.health(db),
        same=proposals.count(db),
        posts=posts.since(db, longest) if longest is not None else 0,
    )
