"""Where a reply goes, and what speaks against it. Shared by the door and what is written beyond replies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inbox_tui.casework import recount
from inbox_tui.desk import checks
from inbox_tui.desk.checks import Caution, Enclosed
from inbox_tui.errors import NotFound
from inbox_tui.model import Thread
from inbox_tui.store import accounts, replies, threads
from inbox_tui.store.engine import Connection

if TYPE_CHECKING:
    from inbox_tui.config import Config


def thread_of(db: Connection, case: int, thread: int | None) -> Thread:
    """The thread that is meant; None: the customer's that can be answered, the newest. Raises NotFound."""
    case = recount.one(db, case).id
    own = [t for t in threads.of_case(db, case) if t.case == case]
    if thread is not None:
        found = next((t for t in own if t.id == thread), None)
        if found is None:
            raise NotFound(
                f"case {case} has no thread {thread}",
                "its threads are: " + ", ".join(f"{t.id} ({t.channel})" for t in own),
            )
        return found
    if not own:
        raise NotFound(f"case {case} has no thread left", "its threads have gone on in a later case")
    newest = threads.newest_in(db, case)
    # Never by itself to a supplier: what is meant for the customer is not for him.
    return max(own, key=lambda t: (not t.aside, t.can_reply, t.last_in is not None, newest[t.id], t.id))


def cautions(
    db: Connection, config: Config, thread: Thread, text: str, draft: int | None, now: int
) -> tuple[Caution, ...]:
    """Everything that speaks against this text in this thread, with what the draft encloses."""
    known = replies.get(db, draft) if draft is not None else None
    spent = budget = 0
    if thread.capabilities.link_price:
        account = accounts.find(db, thread.account)
        spent = accounts.spent_today(db, account, now) if account is not None else 0
        settings = config.accounts.get(thread.account)
        budget = round(float(getattr(settings, "budget_per_day", 0)) * 1_000_000)
    enclosed = Enclosed(
        files=known.files if known else (),
        cc=known.cc if known else (),
        subject=known.subject if known else "",
        spent=spent,
        budget=budget,
    )
    return checks.before_reply(thread, text, enclosed)


def way_out(db: Connection, case: int, blocked: Thread) -> str:
    """Where the customer can be answered instead."""
    if blocked.can_reply:
        return "change it and send it again"
    case = recount.one(db, case).id
    others = [t for t in threads.of_case(db, case) if t.case == case and t.can_reply and not t.aside]
    if not others:
        return "no other thread of this case can be answered: write a note, or use the platform itself"
    return "answer elsewhere: " + ", ".join(f"thread {t.id} ({t.channel})" for t in others)
