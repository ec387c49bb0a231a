"""What a channel, and a thread on it, can do. Part of `inbox_tui.model`."""

from __future__ import annotations

from enum import StrEnum

from inbox_tui.records import dataclass


class LengthRule(StrEnum):
    """How a platform counts a text; `text.length` holds the rules."""

    NONE = "none"
    CHARACTERS = "characters"
    X_WEIGHTED = "x_weighted"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an account's channel can do. Kept with the account, so that rules need no channel."""

    public: bool
    """Replies can be read by everybody."""
    length_rule: LengthRule = LengthRule.NONE
    max_length: int | None = None
    """In units of the length rule; None: no limit."""
    subjects: bool = False
    files_copy: bool = False
    """A sent reply needs a step of its own afterwards (mail: copy in Sent, \\Answered)."""
    settles: bool = True
    """`find_sent` that finds nothing proves that nothing was sent."""
    max_files_bytes: int = 0
    """All files of one reply together; 0: it takes no files."""
    copies: bool = False
    """A reply can go to further people, too (mail: Cc), and a thread can be begun."""
    hides: bool = False
    """Comments can be hidden from others."""
    link_price: int = 0
    """Millionths of a dollar for a reply with a link in it, where that is what makes it dear."""
    reply_window: int = 0
    """Milliseconds after the customer's last message in which a reply is taken; 0: there is no end."""
    private_window: int = 0
    """Milliseconds after a comment in which its author can be answered in private, once; 0: he cannot."""
    privately: Capabilities | None = None
    """What holds in private threads of this account instead; None: the same."""
