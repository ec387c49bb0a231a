"""A case laid out as lines for a pane of a given width. Slow, so done in a thread; drawn by `Timeline`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inbox_tui.model import Case, CaseState, Direction, Ending, Kind, Message, Reply, ReplyState, Thread
from inbox_tui.records import dataclass
from inbox_tui.text import cell_width, clean, fit, name_or, safe_link, snippet, steady
from inbox_tui.tui import keys, words
from inbox_tui.tui.ink import Line, Span, cells, spread
from inbox_tui.tui.seek import marked as marked_spans

POST_LINES = 2
"""Lines of our own post that a case shows as context."""
FILLED = 55
"""Cells from which on a line is one that a program has wrapped: the next one belongs to it."""
_OWN_LINE = re.compile(r"\s|[>|#*•–—-]|\d+[.)]")
LONGEST = 400
"""Lines of one message that the case shows; the rest is one key away."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A case as the pane shows it."""

    case: Case
    drafts: tuple[Reply, ...]
    width: int
    full: bool
    lines: tuple[Line, ...]
    starts: tuple[int, ...]
    """First line of each message of `ids`, ascending."""
    ids: tuple[int, ...]
    note: str = ""
    """The note that the agent has begun."""
    marked: tuple[str, ...] = ()
    """What was searched for, folded: it stands out in the text."""

    def line_of(self, message: int) -> int | None:
        """The line on which a message begins."""
        return self.starts[self.ids.index(message)] if message in self.ids else None


def wrap(text: str, width: int) -> Iterator[str]:
    """The lines of a foreign text, cleaned, none wider than width (at least 2) cells.

    Where a line that a program had filled must be broken, its rest goes on with the next one, as the
    paragraph would; lines that fit stay as they are.
    """
    rest: str | None = None
    for given in steady(clean(text, multiline=True)).split("\n"):
        line, carried = given.rstrip(), rest is not None and _goes_on(given)
        if carried:
            line = f"{rest} {line}"
        elif rest is not None:
            yield rest
        pieces = [line] if cell_width(line) <= width else list(_break(line, max(2, width)))
        rest = None
        if (carried or len(pieces) > 1) and cell_width(given) >= FILLED:
            rest = pieces.pop()
        yield from pieces
    if rest is not None:
        yield rest


def _goes_on(line: str) -> bool:
    """It is the next line of a paragraph: no blank, no quote, no item of a list."""
    return bool(line.strip()) and _OWN_LINE.match(line) is None


def _break(line: str, width: int) -> Iterator[str]:
    held, used = "", -1
    for word in line.split(" "):
        wide = cell_width(word)
        if used + 1 + wide <= width:
            held, used = (f"{held} {word}" if used >= 0 else word), used + 1 + wide
            continue
        if held:
            yield held
        while wide > width:
            piece = _piece(word, width)
            yield piece
            word = word[len(piece) :]
            wide = cell_width(word)
        held, used = word, wide
    if held:
        yield held


def _piece(word: str, width: int) -> str:
    """The beginning of a word that fits; at least one character, what is joined stays joined."""
    end = 1
    while end < len(word) and cell_width(word[: end + 1]) <= width:
        end += 1
    return word[:end]


def lay_out(
    case: Case,
    drafts: tuple[Reply, ...],
    width: int,
    now: int,
    *,
    full: bool = False,
    marked: tuple[str, ...] = (),
) -> Sheet:
    """Lay a case out. full: whole texts with quotes, links and the files' kinds. marked: what stands out."""
    lines: list[Line] = []
    starts: list[int] = []
    if full and case.supporters:
        named = ", ".join(words.person_name(one.name) for one in case.supporters)
        lines += [((line, "dim"),) for line in wrap(f"Supporters, on the customer's behalf: {named}.", width)]
        lines.append(())
    if full and case.why_due:
        lines += [((line, "dim"),) for why in case.why_due for line in wrap(why, width)]
        lines.append(())
    today, handed = "", words.handed(case, now) if case.handoffs else {}
    subjects: dict[int | None, str] = {}
    threads: dict[int | None, Thread] = {thread.id: thread for thread in case.threads}
    own = frozenset((one.kind, one.value) for one in case.identities) if case.supporters else None
    for message in case.timeline:
        day = words.day(message.sent_at, now)
        if day != today:
            today = day
            lines.append(_day_line(day, width))
        starts.append(len(lines))
        subject = "" if subjects.get(message.thread) == _bare(message.subject) else message.subject
        if message.subject:
            subjects[message.thread] = _bare(message.subject)
        thread = threads.get(message.thread)
        remarks = (_beside(message, thread, own), handed.get(message.id, ""))
        drawn = _message(message, thread, subject, remarks, width, full)
        lines.extend((_standing_out(line, marked) for line in drawn) if marked else drawn)
        lines.append(())
    if not lines:
        lines.append((("No message yet.", "dim"),))
    ids = tuple(message.id for message in case.timeline)
    return Sheet(case, drafts, width, full, tuple(lines), tuple(starts), ids, marked=marked)


def _beside(message: Message, thread: Thread | None, own: frozenset[tuple[str, str]] | None) -> str:
    """What the writer is where he is not the customer. own: identities of the customer; None: all are his."""
    if thread is not None and thread.aside:
        return "not the customer"
    who = message.author
    if own is None or message.thread is None or not who.kind:
        return ""
    return "" if (who.kind, who.value) in own else "supporter"


def _standing_out(line: Line, words_: tuple[str, ...]) -> Line:
    return tuple(span for text, ink in line for span in marked_spans(text, ink, words_))


def _bare(subject: str) -> str:
    """A subject without the signs of an answer before it."""
    bare = subject.strip()
    while (head := bare[:4].lower()).startswith(("re:", "aw:", "fw:", "fwd:", "wg:")):
        bare = bare[4 if head == "fwd:" else 3 :].strip()
    return bare


def _day_line(day: str, width: int) -> Line:
    label = f"── {day} "
    return ((label, "dim"), ("─" * max(0, width - cell_width(label)), "faint"))


def _message(
    message: Message, thread: Thread | None, subject: str, remarks: tuple[str, str], width: int, full: bool
) -> Iterator[Line]:
    """remarks: what its writer is, where he is not the customer; and what its part in a hand-off is."""
    if message.kind is Kind.POST:
        yield from _post(message, width, full)
    elif message.kind is Kind.NOTE:
        yield from _barred(message, "note", "note", "", width, full)
    elif message.direction is Direction.OUT:
        word = words.channel_word(message.channel)
        to = " · ".join(part for part in (_went_to(message, thread), remarks[1]) if part)
        yield from _barred(message, "accent", word, to, width, full)
    else:
        yield from _incoming(message, subject, remarks, width, full)


def _went_to(message: Message, thread: Thread | None) -> str:
    """To whom a text of ours went, where that is not plain: a third person, or others beside the customer."""
    other = thread is not None and not thread.with_customer
    to = name_or(thread.customer.handle, thread.customer.name) if thread is not None and other else ""
    parts = [f"to {snippet(to, 60)}"] if to else []
    if message.cc:
        parts.append(f"Cc {snippet(', '.join(message.cc), 80)}")
    return " · ".join(parts)


def _incoming(
    message: Message, subject: str, remarks: tuple[str, str], width: int, full: bool
) -> Iterator[Line]:
    beside, handed = remarks
    mark: Span = ("● ", "accent") if message.owed else ("  ", "plain")
    left: list[Span] = [
        mark,
        (f"{words.clock(message.sent_at)}  ", "dim"),
        (f"{words.channel_word(message.channel)}  ", "dim"),
        (words.author_name(message), "strong"),
        (_handle(message), "dim"),
    ]
    if beside:
        left.append((f"  {beside}", "note"))
    kind = words.kind_word(message)
    reach = "public" if message.public else "private"
    right: list[Span] = [(f"{kind} · {reach}" if kind else reach, "dim")]
    if message.hidden:
        right = [("hidden by us", "note"), (f" · {right[0][0]}", "dim")]
    yield spread(left, right, width)
    for part in wrap(handed, width - 2) if handed else ():
        yield (("  ", "plain"), (part, "note"))
    if subject:
        yield (("  ", "plain"), (fit(snippet(subject, 300), width - 2).rstrip(), "strong"))
    for line in _body(message, width - 2, full):
        yield (("  ", "plain"), *line)


def _handle(message: Message) -> str:
    handle = snippet(message.author.handle, 80)
    return f"  {handle}" if handle and handle.lower() != words.author_name(message).lower() else ""


def _barred(message: Message, ink: str, word: str, to: str, width: int, full: bool) -> Iterator[Line]:
    """What we wrote ourselves: set in, with a bar at its side."""
    bar: Span = ("  ┊ " if message.kind is Kind.NOTE else "  ┃ ", ink)
    state, state_ink = _state(message)
    acknowledged = message.kind is Kind.ACK
    left: list[Span] = [
        bar,
        (f"{words.clock(message.sent_at)}  ", "dim"),
        (f"{word}  ", ink),
        (_acknowledged(message), "dim") if acknowledged else (words.author_name(message), "strong"),
    ]
    reach = "public" if message.public else "private"
    if message.kind is Kind.NOTE:
        reach = "only agents see it"
    right: list[Span] = [(state, state_ink)] if state else []
    if not acknowledged:
        right.append((f" · {reach}" if state else reach, "dim"))
    yield spread(left, right, width)
    for part in wrap(to, width - 4) if to else ():
        yield (bar, (part, "note"))
    for line in _body(message, width - 4, full):
        yield (bar, *line)


def _acknowledged(message: Message) -> str:
    """Only what was sent has acknowledged anything."""
    return "acknowledged" if message.state in (None, ReplyState.SENT) else "acknowledgement"


def _state(message: Message) -> Span:
    if message.kind is Kind.ACK and message.state in (None, ReplyState.SENT):
        return ("not an answer", "dim")
    if message.state is None:
        return (words.kind_word(message), "dim")
    late = message.state in (ReplyState.FAILED, ReplyState.UNKNOWN)
    return (words.STATES[message.state], "trouble" if late else "accent")


def _post(message: Message, width: int, full: bool) -> Iterator[Line]:
    head = f"  · our post {words.clock(message.sent_at)}  "
    owed = f"{message.unanswered} unanswered under it" if message.unanswered else ""
    inset = " " * cell_width(head)
    texts = list(wrap(message.text if full else snippet(message.text, 400), width - len(inset) - 1))
    shown = texts if full else texts[:POST_LINES]
    if len(shown) < len(texts):
        shown[-1] = fit(shown[-1] + " …", width - len(inset) - 1).rstrip()
    for number, text in enumerate(shown or [""]):
        yield ((inset if number else head, "faint"), (text, "dim"))
    if owed:
        yield ((inset, "faint"), (owed, "note"))


def _body(message: Message, width: int, full: bool) -> Iterator[Line]:
    text = (message.full_text or message.text) if full else message.text
    text, quoted_by_us = (text, 0) if full else _unquoted(message, text)
    if message.unparsed:
        yield ((fit(f"This mail could not be read: {message.unparsed}", width).rstrip(), "trouble"),)
        yield (("It is kept as it came.", "dim"),)
    lines = list(wrap(text.strip("\n"), width))
    limit = len(lines) if full else LONGEST
    for number, line in enumerate(lines[:limit]):
        quoted = full and line.startswith(">")
        yield ((line, "dim" if quoted or (full and number >= _own_lines(message, width)) else "plain"),)
    if not any(lines) and not message.attachments and not message.unparsed:
        yield (("(no text)", "dim"),)
    if len(lines) > limit:
        yield (
            (
                f"{words.counted(len(lines) - limit, 'more line')} · {keys.told('inbox.full')} shows all",
                "dim",
            ),
        )
    elif quoted_by_us:
        yield ((f"quoted {words.counted(quoted_by_us, 'line')} · {keys.told('inbox.full')}", "dim"),)
    elif not full and message.full_text:
        hidden = max(1, message.full_text.count("\n") - message.text.count("\n"))
        yield ((f"quoted {words.counted(hidden, 'line')} · {keys.told('inbox.full')}", "dim"),)
    yield from _extras(message, width, full)


def _unquoted(message: Message, text: str) -> tuple[str, int]:
    """A text of ours without what it quotes at its end (a case that was handed on), and the lines of that."""
    if message.direction is not Direction.OUT or "\n> " not in text:
        return text, 0
    lines = text.split("\n")
    first = next(place for place, line in enumerate(lines) if line.startswith(">"))
    if first and lines[first - 1].rstrip().endswith(":"):
        first -= 1
    return "\n".join(lines[:first]).rstrip(), len(lines) - first


def _own_lines(message: Message, width: int) -> int:
    """Lines of the whole text that are new in it: the rest is quotes and signature."""
    if not message.full_text or not message.full_text.startswith(message.text):
        return 1_000_000
    return sum(1 for _ in wrap(message.text.strip("\n"), width))


def _extras(message: Message, width: int, full: bool) -> Iterator[Line]:
    for file in message.attachments:
        kind = f" · {snippet(file.media_type, 60)}" if full else ""
        name = name_or(file.name, "(no name)")
        yield (
            ("attached ", "dim"),
            (fit(f"{name}  {words.size(file.size)}{kind}", width - 9).rstrip(), "plain"),
        )
    link = safe_link(message.permalink) if full and message.permalink else None
    if link:
        for line in wrap(link, width):
            yield ((line, "dim"),)


_ENDINGS = {Ending.UNANSWERED: "closed without an answer", Ending.THANKS: "closed after a thank-you"}


def head(case: Case, drafts: tuple[Reply, ...], now: int, width: int) -> tuple[Line, ...]:
    """Who it is and how it stands: three lines, a fourth where he may be somebody else, too."""
    row = case.row
    wait: Span = (row.state.value, "dim")
    if row.waiting_since is not None and row.state is CaseState.PENDING:
        wait = (f"handed off, waits {words.duration(now - row.waiting_since)}", "dim")
    elif row.waiting_since is not None:
        wait = (f"waits {words.duration(now - row.waiting_since)}", "strong")
    elif row.state is CaseState.PENDING:
        wait = ("the customer owes an answer", "dim")
    word = words.lateness_word(row, now)
    late = row.due is not None and now >= row.due
    stands: list[Span] = [(f"   {word}", "late" if late else "dim")] if word else []
    if row.state is CaseState.PENDING and (back := words.comes_back(case)) is not None:
        stands = [(f"   back {words.coming(back, now)}", "dim")]
    first = spread([(words.person_name(row.person.name), "strong")], [wait, *stands], width)
    spans: list[Span] = []
    for identity in case.identities:
        shown = name_or(identity.handle, name_or(identity.name, snippet(identity.value)))
        spans += [(f"{words.letter(identity.kind)} ", "dim"), (f"{shown}   ", "plain")]
    facts = [f"case {row.id}"]
    if row.due is not None and word:
        told = "promised by" if row.promised is not None else "due"
        facts.append(f"{told} {words.moment(row.due, now)}")
    facts += [words.counted(row.messages, "message")]
    facts.append(words.counted(len(set(row.channels)), "channel"))
    facts += [words.counted(row.supporters, "supporter")] * bool(row.supporters)
    asked = sum(one.sent_at is not None for one in case.handoffs)
    facts += [words.counted(asked, "hand-off")] * bool(asked)
    facts += [f"effort {case.effort}"] * bool(case.effort)
    facts += [_ENDINGS[row.ending]] if row.ending in _ENDINGS else []
    if case.earlier:
        facts.append(words.counted(case.earlier, "other case"))
    if case.linked is not None:
        facts.append(f"continues case {case.linked}")
    draft: Span = ("a draft is kept   " if drafts else "", "accent")
    if drafts and cells([draft, ("   ".join(facts[:2]), "dim")]) > width:
        draft = ("draft   ", "accent")
    # Half a fact says nothing: the last ones are left out where there is no room.
    while len(facts) > 1 and cells([draft, ("   ".join(facts), "dim")]) > width:
        facts.pop()
    lines: list[Line] = [first, tuple(spans), (draft, ("   ".join(facts), "dim"))]
    if case.same:
        top = case.same[0]
        other = next((one for one in top.persons if one.id != row.person.id), top.persons[0])
        why = words.evidence(top.reasons[0], now) if top.reasons else ""
        ways = keys.filled("{inbox.accept} yes  {inbox.decline} no   ")
        proposed: Span = (f"same person as {words.person_name(other.name)}? {ways}", "accent")
        lines.append((proposed, (snippet(why, 160), "dim")))
    return tuple(lines)
