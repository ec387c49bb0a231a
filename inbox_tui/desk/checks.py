"""What an agent is told before a reply goes out."""

from __future__ import annotations

from collections.abc import Sequence

from inbox_tui.desk import reach, templates
from inbox_tui.model import Attached, Thread
from inbox_tui.records import dataclass
from inbox_tui.text import length

_MILLION = 1_000_000

Key = tuple[str, str, "int | None"]


@dataclass(frozen=True, slots=True)
class Caution:
    """Something that the agent should know."""

    code: str
    message: str
    blocks: bool
    """The reply cannot go out like this."""
    asks: bool = False
    """It goes out only where the agent says yes, in a script by --force."""
    hint: str = ""
    """What to do instead."""
    shows: str = ""
    """The words that it is about, from the case or from the reply."""
    about: int | None = None
    """Store id of the message that it is about."""

    @property
    def key(self) -> Key:
        """What makes it the same caution when the reply is looked at again."""
        return self.code, self.shows, self.about


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What goes with the text."""

    files: tuple[Attached, ...] = ()
    cc: tuple[str, ...] = ()
    subject: str = ""
    spent: int = 0
    """Millionths of a dollar that the account spent today."""
    budget: int = 0
    """Millionths of a dollar that it may spend in a day; 0: no limit."""


def before_reply(
    thread: Thread, text: str, enclosed: Enclosed | None = None, *, now: int = 0
) -> tuple[Caution, ...]:
    """Everything that speaks against sending this text in this thread. now: milliseconds UTC."""
    enclosed = enclosed or Enclosed()
    found = []
    if not text.strip():
        found.append(Caution("empty", "the reply is empty", True))
    if why := reach.closed(thread, now):
        found.append(Caution("refused", why, True))
    if thread.last_in is None and thread.customer.value is None:
        found.append(Caution("no_recipient", "nobody is known to whom this could go", True))
    can = thread.capabilities
    if can.max_length is not None:
        over = length(text, can.length_rule) - can.max_length
        if over > 0:
            found.append(
                Caution(
                    "too_long",
                    f"too long by {over} (limit {can.max_length} as {thread.channel} counts)",
                    True,
                )
            )
    if left := templates.left(f"{enclosed.subject}\n{text}"):
        places = ", ".join(f"{{{place}}}" for place in left)
        found.append(Caution("placeholder", f"still to be filled in: {places}", True))
    found += [*_files(thread, enclosed.files), *_copies(thread, enclosed.cc)]
    return (*found, *_cost(thread, text, enclosed))


def too_large(thread: Thread, files: Sequence[Attached]) -> str:
    """Why these files cannot go out in this thread; empty where they can."""
    limit = thread.capabilities.max_files_bytes
    if not files:
        return ""
    if not limit:
        return f"{thread.channel} takes no files"
    size = sum(file.size for file in files)
    if size <= limit:
        return ""
    together, most = f"{size / _MILLION:.1f} MB", f"{limit / _MILLION:.1f} MB"
    return f"the files have {together} together, {thread.account} sends at most {most}"


def _files(thread: Thread, files: Sequence[Attached]) -> tuple[Caution, ...]:
    why = too_large(thread, files)
    return (Caution("files", why, True),) if why else ()


def _copies(thread: Thread, cc: Sequence[str]) -> tuple[Caution, ...]:
    if not cc or thread.capabilities.copies:
        return ()
    return (Caution("copies", f"{thread.channel} knows no copies to others", True),)


def _cost(thread: Thread, text: str, enclosed: Enclosed) -> tuple[Caution, ...]:
    price = thread.capabilities.link_price
    if not price or "." not in text:
        return ()
    from inbox_tui.weighing import holds_link

    if not holds_link(text):
        return ()
    said = f"a link makes this reply cost {_dollars(price)}; spent today: {_dollars(enclosed.spent)}"
    if enclosed.budget:
        said += f" of {_dollars(enclosed.budget)}"
    return (Caution("link_cost", said, False),)


def _dollars(millionths: int) -> str:
    return f"${millionths / _MILLION:.2f}"
