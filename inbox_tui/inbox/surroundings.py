"""Gathers for `desk.beforehand` what stands around a reply. Reads; changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inbox_tui.casework import recount
from inbox_tui.desk import asking, beforehand
from inbox_tui.desk.asking import Said
from inbox_tui.desk.beforehand import Around
from inbox_tui.inbox import addressing
from inbox_tui.store import around, people
from inbox_tui.store.driver import Connection

if TYPE_CHECKING:
    from inbox_tui.config import Config
    from inbox_tui.model import Thread


def look(
    db: Connection, config: Config, agent: str, thread: Thread, text: str, seen: int | None, now: int
) -> Around:
    """What stands around a reply. seen: the last message that its author was shown; None: all there is."""
    pattern = config.matching.order_pattern
    plain = text.strip()
    return Around(
        moved=around.moved(db, thread.case, seen, agent) if seen is not None else (),
        writing=around.writing(db, thread.case, agent, now - beforehand.FRESH),
        own=frozenset(address for name in config.accounts for address in addressing.own(config, name)),
        order_pattern=pattern,
        # A whole case is read only for a reply that asks for something.
        said=_said(db, thread.case) if asking.asked(text) else (),
        reply_to=around.reply_to(db, thread),
        same_here=_same_here(db, thread.case, text) if plain else (),
        same_elsewhere=around.elsewhere(db, thread.case, text, now - beforehand.LATELY) if plain else (),
    )


def _said(db: Connection, case: int) -> tuple[Said, ...]:
    known = people.of_person(db, recount.one(db, case).person)
    mail = [Said(None, one.value) for one in known if one.kind == addressing.KIND]
    return (*mail, *(Said(message, text) for message, text in around.said(db, case)))


def _same_here(db: Connection, case: int, text: str) -> tuple[tuple[int, str], ...]:
    wanted = beforehand.alike(text)
    return tuple(
        (reply, state) for reply, said, state in around.in_case(db, case) if beforehand.alike(said) == wanted
    )
