"""What stands where there is no list: what happened, and what to do."""

from __future__ import annotations

from inbox_tui.config import Config
from inbox_tui.errors import InboxError
from inbox_tui.model import Overview
from inbox_tui.text import snippet
from inbox_tui.tui import keys, reads
from inbox_tui.tui.ink import Line

_NONE = {
    "mine": ("You have no case.", "{inbox.assign} takes one; {inbox.view3} shows those that nobody has."),
    "unassigned": ("Every case that waits has somebody.", "{inbox.view1} shows who waits."),
    "snoozed": (
        "Nothing is put off.",
        "{inbox.snooze} puts a case off until a time, or until the customer writes.",
    ),
    "waiting": ("Nobody waits.", "New messages appear here by themselves."),
}
"""By view; keys by the ids of their acts."""
_FOUND = ("Nothing found.", "{inbox.back} goes back; {inbox.search} changes the words.")
_OTHER = ("No case in this view.", "{inbox.view1} shows who waits.")


def empty(config: Config, view: str, overview: Overview) -> tuple[Line, ...]:
    """Of an empty list."""
    if not config.accounts and not overview.health:
        where = config.path
        return (
            (("No account is set up yet.", "strong"),),
            (),
            ((f"Leave with {keys.told('inbox.quit')}, then:", "plain"),),
            (("  inbox-tui init", "strong"), ("   asks which, and what that needs", "dim")),
            (("  inbox-tui demo", "strong"), ("   shows a living inbox", "dim")),
            *(((), ((f"{where} names none.", "dim"),)) if where else ()),
        )
    said, hint = _FOUND if view.startswith(reads.SEARCH) else _NONE.get(view, _OTHER)
    return (((said, "strong"),), (), ((keys.filled(hint), "dim"),))


def unreadable(error: InboxError) -> tuple[Line, ...]:
    """Of a list that cannot be read."""
    return (
        (("The store cannot be read.", "trouble"),),
        (),
        ((snippet(error.message, 200), "plain"),),
        ((snippet(error.hint, 200), "plain"),),
        (),
        ((f"It is tried again by itself. {keys.told('inbox.quit')} leaves.", "dim"),),
    )
