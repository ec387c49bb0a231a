"""The index of words: filled with every message in its transaction, walked from the newest hit backwards.

A hit is checked against the message itself: the index only narrows down. User input never is FTS syntax: each
word goes in as a quoted phrase of letters and digits.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from inbox_tui.desk.folding import fold, spaced, words
from inbox_tui.desk.query import Query, Term
from inbox_tui.records import dataclass
from inbox_tui.store.driver import Connection, Row, rows
from inbox_tui.store.lists import LIMIT

_SHIFT = 20
_END = 2**42
"""The index tells times apart up to this one, in the year 2109."""
_BATCH = 1000


Line = tuple[tuple[int, int], tuple[int, str, str, str]]
"""A message in the index: its key and its id; its key, what it says, who says it, its marks."""


@dataclass(slots=True)
class Candidate:
    """A message that the index found."""

    message: int
    case: int
    sent_at: int
    subject: str
    text: str
    who: str
    """Name, handle and address of whoever wrote it; empty where the query does not ask for them."""
    names: str
    """Names of its files."""


def _key(message: int, sent_at: int) -> int:
    """Newer messages have greater keys; the low bits tell messages of the same millisecond apart."""
    return (max(0, min(sent_at, _END - 1)) << _SHIFT) | (message & ((1 << _SHIFT) - 1))


def _bound(time: int) -> int:
    """The key before which all older messages stand, whatever time was asked for."""
    return max(0, min(time, _END)) << _SHIFT


def line(
    message: int, sent_at: int, subject: str, text: str, author: str, handle: str, address: str, channel: str,
    names: str | None,
) -> Line:  # fmt: skip
    """A message as the index takes it in. names: of its files; None where it has none."""
    key = _key(message, sent_at)
    said = spaced(f"{subject}\n{text}\n{names}" if names else f"{subject}\n{text}")
    marks = f"on{channel}" if names is None else f"on{channel} file"
    return (key, message), (key, said, spaced(f"{author} {handle} {address}"), marks)


def add(db: Connection, lines: Iterable[Line]) -> None:
    """Take messages in; a message whose text has changed is taken in once more."""
    ascending = sorted(lines)
    db.executemany(
        "INSERT INTO search (key, message_id) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET message_id ="
        " excluded.message_id",
        [ids for ids, _ in ascending],
    )
    db.executemany(
        "INSERT INTO search_words (rowid, said, who, marks) VALUES (?, ?, ?, ?)",
        [columns for _, columns in ascending],
    )


_ALL = (
    "SELECT m.id, m.sent_at, m.subject, m.text, m.author, m.handle, coalesce(i.value, '') AS address,"
    " coalesce(a.channel, '') AS channel, coalesce(e.attachments, '[]') AS attachments"
    " FROM messages m LEFT JOIN identities i ON i.id = m.identity_id LEFT JOIN accounts a ON a.id = m.account_id"
    " LEFT JOIN extras e ON e.message_id = m.id"
)


_SPOKEN = "m.author || m.subject || m.text <> ''"
"""What was erased says nothing."""


def rebuild(db: Connection) -> None:
    """Begin the index anew: it holds words of nothing that is not in the store."""
    db.execute("INSERT INTO search_words (search_words) VALUES ('delete-all')")
    db.execute("DELETE FROM search")
    index_all(db)


def index_all(db: Connection) -> None:
    """Take in every message of the store."""
    after = 0
    while True:
        found = rows(db, f"{_ALL} WHERE m.id > ? AND {_SPOKEN} ORDER BY m.id LIMIT {_BATCH}", (after,))
        if not found:
            return
        add(db, [_line(row) for row in found])
        after = found[-1][0]


def again(db: Connection, message: int) -> None:
    """The text or the time of a message has changed. What the index knew stays: a hit is checked."""
    add(db, [_line(row) for row in rows(db, f"{_ALL} WHERE m.id = ?", (message,))])


def _line(row: Row) -> Line:
    message, sent_at, subject, text, author, handle, address, channel, attachments = row
    files = file_names(attachments) or None
    return line(message, sent_at, subject, text, author, handle, address, channel, files)


def file_names(attachments: str) -> str:
    """Names of the files of a message, from the column that holds them."""
    if attachments in ("", "[]"):
        return ""
    import json

    return " ".join(str(one[0]) or "file" for one in json.loads(attachments))


# --- asking


def _phrase(term: Term) -> str:
    """A word or phrase as FTS wants it; empty where it has neither letter nor digit."""
    found = words(term.text)
    if not found:
        return ""
    column = "who" if term.author else "said"
    star = " *" if term.prefix and term.text[-1:].isalnum() else ""
    return f'{column} : "{" ".join(found)}"{star}'


def expression(query: Query) -> str:
    """The FTS expression that narrows a query down; empty where words do not."""
    wanted = [phrase for term in query.terms if not term.negative and (phrase := _phrase(term))]
    wanted += [f'marks : "on{"".join(words(value))}"' for value in query.values("channel")]
    wanted += ["marks : file" for _ in query.values("has")]
    return " AND ".join(f"({one})" for one in wanted)


def tagged(db: Connection, tag: str) -> set[int]:
    """Cases with a tag, folded."""
    found = rows(db, "SELECT id, tags FROM cases WHERE tags <> ''")
    return {id_ for id_, tags in found if tag in map(fold, tags.split(","))}


def few(db: Connection, view: str, most: int) -> set[int] | None:
    """The cases of a view; None where it has more than so many."""
    found = rows(db, f"SELECT case_id FROM queue WHERE view = ? {LIMIT}", (view, most + 1))
    return {row[0] for row in found} if len(found) <= most else None


_WANTED = "m.case_id, m.id, m.sent_at, m.subject, m.text, coalesce(e.attachments, '[]')"
_JOINED = "FROM {source} JOIN messages m ON m.id = s.message_id LEFT JOIN extras e ON e.message_id = m.id"
_WHO = ", m.author || ' ' || m.handle || ' ' || coalesce(i.value, '')"
_IDENTITY = " LEFT JOIN identities i ON i.id = m.identity_id"
_BY_WORDS = (
    "search_words w JOIN search s ON s.key = w.rowid",
    f" WHERE search_words MATCH ? AND w.rowid >= ? AND w.rowid < ? ORDER BY w.rowid DESC {LIMIT}",
)
_BY_TIME = ("search s", f" WHERE s.key >= ? AND s.key < ? ORDER BY s.key DESC {LIMIT}")


def statement(query: Query) -> str:
    """What walks the messages of a query, the newest first; it joins no more than the query asks for."""
    source, which = _BY_WORDS if expression(query) else _BY_TIME
    joined = _JOINED.format(source=source)
    if any(term.author for term in query.terms):
        return f"SELECT {_WANTED}{_WHO} {joined}{_IDENTITY}{which}"
    return f"SELECT {_WANTED}, '' {joined}{which}"


def candidates(
    db: Connection, query: Query, most: int, members: Container[int] | None, seen: Container[int]
) -> Iterator[Candidate | None]:
    """Messages that may be meant, the newest first; None where it gives up, after so many, with some left.

    members: the cases that count; None: all. seen: cases of which no more is wanted; it may grow meanwhile.
    The index is walked as far as the caller goes, and no further.
    """
    match = expression(query)
    least = _bound(query.after if query.after is not None else 0)
    end = _bound(query.before if query.before is not None else _END)
    found = db.cursor()
    found.row_factory = None  # plain tuples are quicker
    try:
        found.execute(statement(query), (*((match,) if match else ()), least, end, most))
        for looked, row in enumerate(found, 1):
            case, message, sent_at, subject, text, attachments, who = row
            if case is not None and case not in seen and (members is None or case in members):
                yield Candidate(message, case, sent_at, subject, text, who, file_names(attachments))
            if looked == most:
                yield None
    finally:
        found.close()
