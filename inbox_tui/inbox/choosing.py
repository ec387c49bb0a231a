"""Where a reply goes, and what speaks against it. Shared by the door and what is written beyond replies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from inbox_tui.casework import recount
from inbox_tui.desk import beforehand, checks, reach
from inbox_tui.desk.checks import Caution, Enclosed
from inbox_tui.desk.handoff import without_codes
from inbox_tui.errors import NotFound, ReplyBlocked, ReplyHeld
from inbox_tui.inbox import surroundings
from inbox_tui.model import Thread
from inbox_tui.records import replace
from inbox_tui.store import accounts, replies, threads
from inbox_tui.store.driver import Connection

if TYPE_CHECKING:
    from inbox_tui.config import Config


def thread_of(db: Connection, case: int, thread: int | None, now: int, *, privately: bool = False) -> Thread:
    """The thread that is meant; None: the customer's that can be answered, the newest. Raises NotFound.

    privately: for an answer to its comment that only the author reads.
    """
    found = _thread_of(db, case, thread, now, privately=privately)
    return reach.privately(found) if privately else found


def _thread_of(db: Connection, case: int, thread: int | None, now: int, *, privately: bool) -> Thread:
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

    def fitness(t: Thread) -> tuple[bool, bool, bool, int, int]:
        seen = reach.privately(t) if privately else t
        # Never by itself to a supplier or a supporter: what is meant for the customer is not for him.
        return (
            t.with_customer,
            not reach.closed(seen, now),
            seen.last_in is not None,
            newest[t.id],
            t.id,
        )

    return max(own, key=fitness)


def cautions(
    db: Connection, config: Config, thread: Thread, text: str, draft: int | None, now: int
) -> tuple[Caution, ...]:
    """What speaks against this text in this thread, with what the draft encloses."""
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
    found = [
        replace(one, hint=way_out(db, thread.case, thread, now)) if one.blocks else one
        for one in checks.before_reply(thread, text, enclosed, now=now)
    ]
    if known is not None and known.handoff:
        from inbox_tui.inbox import handoffs

        found += handoffs.cautions(db, config, thread, known, text, now)
    return tuple(found)


def around_it(
    db: Connection, config: Config, agent: str, thread: Thread, text: str, seen: int | None, now: int
) -> tuple[Caution, ...]:
    """What speaks against it from all around. seen: the last message that its author was shown."""
    # The code of a hand-off is no private data, and makes no text another one.
    text = without_codes(text)
    return beforehand.cautions(thread, text, surroundings.look(db, config, agent, thread, text, seen, now))


def block(found: Sequence[Caution]) -> None:
    """Raises ReplyBlocked for the first that forbids the reply."""
    for one in found:
        if one.blocks:
            raise ReplyBlocked(f"not sent: {one.message}", one.hint)


def hold(found: Sequence[Caution]) -> None:
    """Raises ReplyHeld where anything is left that was not agreed to."""
    if found:
        said = "; ".join(caution.message for caution in found)
        raise ReplyHeld(f"not sent: {said}", found[0].hint)


def way_out(db: Connection, case: int, blocked: Thread, now: int) -> str:
    """Where the customer can be answered instead."""
    if not reach.closed(blocked, now):
        return "change it and send it again"
    case = recount.one(db, case).id
    own = [t for t in threads.of_case(db, case) if t.case == case]
    return reach.ways(own, blocked, now) or (
        "no other thread of this case can be answered: write a note, or use the platform itself"
    )
