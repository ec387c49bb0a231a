"""What header and sidebar show, from one cheap read."""

from __future__ import annotations

from inbox_tui.desk import views
from inbox_tui.model import Overview
from inbox_tui.store import accounts, cases, hooks, posts, proposals, replies
from inbox_tui.store.engine import Connection


def read(db: Connection, agent: str, now: int, *, worker_runs: bool) -> Overview:
    """How the desk stands for an agent."""
    health = accounts.health(db, now)
    channels = list(dict.fromkeys(h.channel for h in health))
    listed = cases.views(db, channels, agent)
    longest = cases.longest(db)
    return Overview(
        views=listed,
        waiting=next(v.count for v in listed if v.key == views.WAITING) + cases.hidden(db),
        longest=longest,
        overdue=cases.overdue(db, now),
        trouble=replies.trouble(db),
        health=health,
        worker=accounts.worker(db, worker_runs),
        hooks=hooks.health(db),
        same=proposals.count(db),
        posts=posts.since(db, longest) if longest is not None else 0,
    )
