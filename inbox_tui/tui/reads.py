"""What threads read for the inbox screen, and the messages that carry it to the loop.

Functions here run beside the loop and touch no widget.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual.message import Message

from inbox_tui.errors import InboxError
from inbox_tui.model import CaseRow, Found, Overview, Reply
from inbox_tui.records import dataclass, replace
from inbox_tui.tui.first import FIRST_PAGE, Page, read_page
from inbox_tui.tui.sheet import Sheet, lay_out

if TYPE_CHECKING:
    from inbox_tui.inbox import Inbox


SEARCH = "search:"
"""A view that is what a search finds: this, and what was typed."""
SAME = "same:"
"""The view of proposals: a screen of its own, not a list of cases."""
TYPING = "\u2026"
"""Stands before what is still being typed: its last word may go on."""
MOST_FOUND = 500
"""Cases that a search shows: who wants an older one types another word."""


@dataclass(frozen=True, slots=True)
class Listing:
    """All ids of a view, with the rows that are in sight, and what stands around them."""

    view: str
    ids: array[int]
    rows: Mapping[int, CaseRow]
    overview: Overview
    outbox: tuple[Reply, ...]
    """Those of the agent that are not settled: queued, sending, failed, unknown."""
    words: tuple[str, ...] = ()
    """What to mark, folded: what was searched for."""


class Changed(Message):
    """Some process committed something."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, Changed)


class PageRead(Message):
    """The first page of a view is here."""

    def __init__(self, page: Page, words: tuple[str, ...]) -> None:
        self.page = page
        self.words = words
        super().__init__()


class ListRead(Message):
    """A view whole."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        super().__init__()


class RowsRead(Message):
    """Rows that scrolled into sight."""

    def __init__(self, view: str, rows: Mapping[int, CaseRow]) -> None:
        self.view = view
        self.rows = rows
        super().__init__()


class CaseRead(Message):
    """A case, laid out."""

    def __init__(self, asked: int, sheet: Sheet) -> None:
        self.asked = asked
        self.sheet = sheet
        super().__init__()


class ReadFailed(Message):
    """Reading did not work. It is tried again."""

    def __init__(self, error: InboxError, what: str) -> None:
        self.error = error
        self.what = what
        super().__init__()


def find(inbox: Inbox, view: str) -> Found:
    """What a search finds, each row with the words around its hit."""
    asked = view.removeprefix(SEARCH)
    return inbox.search.find(asked.removeprefix(TYPING), limit=MOST_FOUND, typing=asked.startswith(TYPING))


def _rows_of(found: Found) -> dict[int, CaseRow]:
    return {hit.row.id: replace(hit.row, subject="", snippet=hit.snippet) for hit in found.hits}


def read_view(inbox: Inbox, view: str) -> tuple[Page, tuple[str, ...]]:
    """The beginning of a view; of a search all that it shows, and what to mark."""
    if not view.startswith(SEARCH):
        return read_page(inbox, view), ()
    found = find(inbox, view)
    return Page(view, tuple(_rows_of(found).values()), inbox.overview()), found.words


def read_listing(inbox: Inbox, view: str, sight: Sequence[int]) -> Listing:
    """A view whole. sight: ids whose rows are on screen."""
    if view.startswith(SEARCH):
        found = find(inbox, view)
        rows = _rows_of(found)
        mine = tuple(reply for reply in inbox.outbox() if reply.agent == inbox.agent)
        return Listing(view, array("q", rows), rows, inbox.overview(), mine, found.words)
    ids = inbox.ids(view)
    wanted = dict.fromkeys([*sight, *ids[:FIRST_PAGE]])
    mine = tuple(reply for reply in inbox.outbox() if reply.agent == inbox.agent)
    return Listing(view, ids, inbox.rows(list(wanted)), inbox.overview(), mine)


def read_sheet(
    inbox: Inbox, case: int, width: int, before: Sheet | None, marked: tuple[str, ...] = ()
) -> Sheet:
    """A case laid out; the very same sheet where nothing changed."""
    found = inbox.case(case)
    drafts, note = inbox.drafts(found.row.id), inbox.note_draft(found.row.id)
    shown = (
        (before.case, before.drafts, before.note, before.width, before.marked) if before is not None else None
    )
    if before is not None and shown == (found, drafts, note, width, marked):
        return before
    return replace(lay_out(found, drafts, width, inbox.now(), marked=marked), note=note)
