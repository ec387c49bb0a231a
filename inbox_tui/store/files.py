"""Files that go out with replies: copies of what an agent named, kept until the reply is sent and after."""

from __future__ import annotations

from collections.abc import Iterable

from inbox_tui.model import Attached, OutgoingFile
from inbox_tui.store.driver import Connection, rows
from inbox_tui.store.lists import marks, parts


def add(db: Connection, reply: int, file: OutgoingFile) -> Attached:
    """Put a file to a reply, behind those that it has."""
    sql = "SELECT coalesce(max(number), 0) + 1 FROM files WHERE reply_id = ?"
    number = int(db.execute(sql, (reply,)).fetchone()[0])
    db.execute(
        "INSERT INTO files (reply_id, number, name, media_type, size, content) VALUES (?, ?, ?, ?, ?, ?)",
        (reply, number, file.name, file.media_type, len(file.content), file.content),
    )
    return Attached(number, file.name, file.media_type, len(file.content))


def remove(db: Connection, reply: int, number: int) -> bool:
    """Take a file off; false where there is none of that number."""
    found = db.execute("DELETE FROM files WHERE reply_id = ? AND number = ?", (reply, number))
    return found.rowcount == 1


def move(db: Connection, reply: int, to: int) -> None:
    """The files of a reply go with another one."""
    db.execute("UPDATE files SET reply_id = ? WHERE reply_id = ?", (to, reply))


def of_replies(db: Connection, replies: Iterable[int]) -> dict[int, tuple[Attached, ...]]:
    """The files of these replies, without what is in them; replies without any are left out."""
    out: dict[int, tuple[Attached, ...]] = {}
    listed = sorted(set(replies))
    for part in parts(listed):
        sql = (
            f"SELECT reply_id, number, name, media_type, size FROM files WHERE reply_id IN ({marks(part)})"
            " ORDER BY reply_id, number"
        )
        for reply, *file in rows(db, sql, part):
            out[reply] = (*out.get(reply, ()), Attached(*file))
    return out


def of_reply(db: Connection, reply: int) -> tuple[Attached, ...]:
    """The files of a reply, without what is in them."""
    return of_replies(db, [reply]).get(reply, ())


def whole(db: Connection, reply: int) -> tuple[OutgoingFile, ...]:
    """The files of a reply, for sending."""
    sql = "SELECT name, media_type, content FROM files WHERE reply_id = ? ORDER BY number"
    return tuple(OutgoingFile(name, kind, bytes(content)) for name, kind, content in rows(db, sql, (reply,)))


def content(db: Connection, reply: int, place: int) -> bytes | None:
    """What is in the file at this place, from 0; None where there is none."""
    sql = "SELECT content FROM files WHERE reply_id = ? ORDER BY number LIMIT 1 OFFSET ?"
    row = db.execute(sql, (reply, place)).fetchone()
    return bytes(row[0]) if row else None
