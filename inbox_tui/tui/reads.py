"""What threads read for the inbox screen, and the messages that carry it to the loop.

Functions here run beside the loop and touch no widget.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual.message import Message

from inbox_tui.errors import InboxError
from inbox_tui.model import CaseRow, Overview, Reply
from inbox_tui.records import dataclass, replace
from inbox_tui.tui.first import FIRST_PAGE, Page
from inbox_tui.tui.sheet import Sheet, lay_out

if TYPE_CHECKING:
    from inbox_tui.inbox import Inbox


@dataclass(frozen=True, slots=True)
class Listing:
    """All ids of a view, with the rows that are in sight, and what stands around them."""

    view: str
    ids: array[int]
    rows: Mapping[int, CaseRow]
    overview: Overview
    outbox: tuple[Reply, ...]
    """Those of the agent that are not settled: queued, sending, failed, unknown."""


class Changed(Message):
    """Some process committed something."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, Changed)


class PageRead(Message):
    """The first page of a view is here."""

    def __init__(self, page: Page) -> None:
        self.page = page
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


def read_listing(inbox: Inbox, view: str, sight: Sequence[int]) -> Listing:
    """A view whole. sight: ids whose rows are on screen."""
    ids = inbox.ids(view)
    wanted = dict.fromkeys([*sight, *ids[:FIRST_PAGE]])
    mine = tuple(reply for reply in inbox.outbox() if reply.agent == inbox.agent)
    return Listing(view, ids, inbox.rows(list(wanted)), inbox.overview(), mine)


def read_sheet(inbox: Inbox, case: int, width: int, before: Sheet | None) -> Sheet:
    """A case laid out; the very same sheet where nothing changed."""
    found = inbox.case(case)
    drafts, note = inbox.drafts(found.row.id), inbox.note_draft(found.row.id)
    shown = (before.case, before.drafts, before.note, before.width) if before is not None else None
    if before is not None and shown == (found, drafts, note, width):
        return before
    return replace(lay_out(found, drafts, width, inbox.now()), note=note)
