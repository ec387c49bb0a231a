"""Takes the words out of rows and leaves ids and facts: times, directions, states, counts.

What was erased keeps a mark instead of the platform's id: it says that a message was here, to whoever fetches it
once more, and nothing of what or whose it was. Decides nothing.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Sequence
from typing import Any

from inbox_tui.records import dataclass
from inbox_tui.store.accounts import secret
from inbox_tui.store.driver import Connection, rows
from inbox_tui.store.lists import marks, parts
from inbox_tui.store.merging import ACTS

_MARK = "erased:"
_ANY = "erased"
"""Key in `meta` that says that there are marks."""
_LEFT = "erased_left"
"""Key in `meta` that says that erased words may still lie in the index or in free space of the file."""
_FACTS = frozenset({"act", "code", "ending", "agent", "to", "why"})
"""Texts in the details of an event that are the program's own, or an agent's name."""
_MOVED = ("moves", "rows", "made", "drafts", "owed", "stood")
"""Of a merge or a split what it needs to be taken back."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Rows that are to be erased, by their ids."""

    persons: tuple[int, ...]
    identities: tuple[int, ...]
    cases: tuple[int, ...]
    threads: tuple[int, ...]
    messages: tuple[int, ...]
    replies: tuple[int, ...]


# --- what was erased, and comes once more


def known(db: Connection, account: int, ids: Sequence[str]) -> set[str]:
    """Which of these ids of a platform were erased."""
    if not ids or not _flag(db, _ANY):
        return set()
    key = secret(db)
    wanted = {_mark(key, account, one): one for one in ids if one}
    out: set[str] = set()
    for part in parts(list(wanted)):
        sql = f"SELECT external_id FROM messages WHERE account_id = ? AND external_id IN ({marks(part)})"
        out.update(wanted[row[0]] for row in rows(db, sql, (account, *part)))
    return out


def _mark(key: bytes, account: int, external: str) -> str:
    return _MARK + hmac.digest(key, f"{account}\0{external}".encode(), "sha256").hex()[:40]


def _flag(db: Connection, name: str) -> bool:
    return db.execute("SELECT 1 FROM meta WHERE key = ?", (name,)).fetchone() is not None


def left(db: Connection) -> bool:
    """Whether erased words may still lie in the index or in the file."""
    return _flag(db, _LEFT)


def set_left(db: Connection, *, yes: bool) -> None:
    """They may; or they do not."""
    if yes:
        db.execute("INSERT INTO meta (key, value) VALUES (?, x'31') ON CONFLICT DO NOTHING", (_LEFT,))
    else:
        db.execute("DELETE FROM meta WHERE key = ?", (_LEFT,))


# --- what belongs together


def of_person(db: Connection, person: int) -> Scope:
    """All that is a person's: his cases whole, and what he wrote in others'. person: no merged one."""
    family = (
        "WITH RECURSIVE family(id) AS (SELECT ? UNION SELECT p.id FROM people p JOIN family f ON p.merged_into ="
        " f.id) SELECT id FROM family"
    )
    persons = _ids(db, family, (person,))
    identities = _where(db, "SELECT id FROM identities WHERE person_id IN", persons)
    return _scope(db, persons, identities, _where(db, "SELECT id FROM cases WHERE person_id IN", persons))


def of_cases(db: Connection, cases: Sequence[int]) -> Scope:
    """Cases, with those that they took in; of persons who have no other case, supporters too, the persons."""
    family = (
        "WITH RECURSIVE family(id) AS (SELECT ? UNION SELECT c.id FROM cases c JOIN family f ON c.merged_into = f.id)"
        " SELECT id FROM family"
    )
    whole = tuple(sorted({one for case in cases for one in _ids(db, family, (case,))}))
    persons = _union(
        _where(db, "SELECT DISTINCT person_id FROM cases WHERE id IN", whole),
        _where(
            db,
            "SELECT DISTINCT i.person_id FROM supporters s JOIN identities i ON i.id = s.identity_id WHERE s.case_id IN",
            whole,
        ),
    )
    staying = _ids(
        db,
        f"SELECT DISTINCT c.person_id FROM cases c WHERE c.person_id IN ({marks(persons)})"
        f" AND c.id NOT IN ({marks(whole)})"
        f" UNION SELECT i.person_id FROM threads t JOIN identities i ON i.id = t.identity_id"
        f" WHERE i.person_id IN ({marks(persons)}) AND t.case_id NOT IN ({marks(whole)})"
        f" UNION SELECT i.person_id FROM supporters s JOIN identities i ON i.id = s.identity_id"
        f" WHERE i.person_id IN ({marks(persons)}) AND s.case_id NOT IN ({marks(whole)})",
        (*persons, *whole) * 3,
    )
    gone = tuple(one for one in persons if one not in staying)
    identities = _where(db, "SELECT id FROM identities WHERE person_id IN", gone)
    return _scope(db, gone, identities, whole)


def _scope(
    db: Connection, persons: tuple[int, ...], identities: tuple[int, ...], cases: tuple[int, ...]
) -> Scope:
    threads = _union(
        _where(db, "SELECT id FROM threads WHERE case_id IN", cases),
        _where(db, "SELECT id FROM threads WHERE identity_id IN", identities),
    )
    messages = _union(
        _where(db, "SELECT id FROM messages WHERE case_id IN", cases),
        _where(db, "SELECT id FROM messages WHERE thread_id IN", threads),
        _where(db, "SELECT id FROM messages WHERE identity_id IN", identities),
    )
    replies = _union(
        _where(db, "SELECT id FROM replies WHERE case_id IN", cases),
        _where(db, "SELECT id FROM replies WHERE thread_id IN", threads),
    )
    return Scope(persons, identities, cases, threads, messages, replies)


def _union(*found: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(set().union(*found)))


def _ids(db: Connection, sql: str, values: Sequence[int]) -> tuple[int, ...]:
    return tuple(row[0] for row in rows(db, sql, values))


def _where(db: Connection, sql: str, ids: Sequence[int]) -> tuple[int, ...]:
    out: set[int] = set()
    for part in parts(ids):
        out.update(_ids(db, f"{sql} ({marks(part)})", part))
    return tuple(sorted(out))


def retired(db: Connection, before: int, limit: int) -> list[int]:
    """Cases that were done before a time and still hold words; at most so many."""
    sql = (
        "SELECT id FROM cases WHERE done_at IS NOT NULL AND max(done_at, updated_at) < ? AND merged_into IS NULL"
        " AND state = 'done' AND EXISTS (SELECT 1 FROM messages m WHERE m.case_id = cases.id AND m.author || m.subject"
        " || m.text <> '') AND NOT EXISTS (SELECT 1 FROM replies r WHERE r.case_id = cases.id AND r.state IN ('queued',"
        " 'sending', 'unknown')) ORDER BY done_at LIMIT ?"
    )
    return list(_ids(db, sql, (before, limit)))


def under_way(db: Connection, scope: Scope) -> tuple[int, ...]:
    """Replies of it that may be on their way."""
    return _where(
        db, "SELECT id FROM replies WHERE state IN ('queued', 'sending', 'unknown') AND id IN", scope.replies
    )


def elsewhere(db: Connection, scope: Scope) -> tuple[int, ...]:
    """Cases of others in which something of it stands."""
    found = _where(
        db, "SELECT DISTINCT case_id FROM messages WHERE case_id NOT NULL AND id IN", scope.messages
    )
    return tuple(one for one in found if one not in scope.cases)


# --- erasing


def erase(db: Connection, scope: Scope) -> None:
    """Take the words out of all of it."""
    db.execute("INSERT INTO meta (key, value) VALUES (?, x'31') ON CONFLICT DO NOTHING", (_ANY,))
    set_left(db, yes=True)
    addresses = _addresses(db, scope.identities)
    _messages(db, scope.messages)
    _replies(db, scope.replies)
    _threads(db, scope.threads)
    _identities(db, scope.identities)
    _each(db, "UPDATE people SET name = '' WHERE id IN", scope.persons)
    _each(db, "DELETE FROM proposals WHERE person_a IN", scope.persons)
    _each(db, "DELETE FROM proposals WHERE person_b IN", scope.persons)
    _each(db, "DELETE FROM note_drafts WHERE case_id IN", scope.cases)
    _each(
        db,
        "UPDATE cases SET subject = '', snippet = '', tags = '' WHERE merged_into NOT NULL AND id IN",
        scope.cases,
    )
    _events(db, scope.cases)
    _named(db, addresses)


def _each(db: Connection, sql: str, ids: Iterable[int]) -> None:
    for part in parts(list(ids)):
        db.execute(f"{sql} ({marks(part)})", part)


def _addresses(db: Connection, identities: Sequence[int]) -> list[str]:
    out = []
    for part in parts(identities):
        sql = f"SELECT value FROM identities WHERE kind = 'email' AND id IN ({marks(part)})"
        out += [row[0] for row in rows(db, sql, part)]
    return out


def _messages(db: Connection, ids: Sequence[int]) -> None:
    key = secret(db)
    for part in parts(ids):
        found = rows(
            db, f"SELECT id, account_id, external_id FROM messages WHERE id IN ({marks(part)})", part
        )
        marked = [
            (_mark(key, row[1], row[2]), row[0]) for row in found if row[2] and not row[2].startswith(_MARK)
        ]
        db.executemany("UPDATE messages SET external_id = ? WHERE id = ?", marked)
    _each(
        db,
        "UPDATE messages SET author = '', handle = '', subject = '', text = '', permalink = '', owed = 0 WHERE id IN",
        ids,
    )
    for table in ("extras", "raw_mails", "tokens"):
        _each(db, f"DELETE FROM {table} WHERE message_id IN", ids)
    # The digest stays: it tells the same mail in another folder, and nothing of what it says.
    _each(db, "UPDATE mails SET rfc_id = '', refs = '', reply_to = '' WHERE message_id IN", ids)


def _replies(db: Connection, ids: Sequence[int]) -> None:
    _each(db, "DELETE FROM files WHERE reply_id IN", ids)
    _each(
        db,
        "UPDATE replies SET text = '', subject = '', cc = '', key = '', external_id = '', permalink = '', error = '',"
        " hint = '', filing = CASE filing WHEN 'done' THEN 'done' ELSE 'none' END WHERE id IN",
        ids,
    )
    _each(db, "UPDATE replies SET state = 'draft', kind = 'reply' WHERE state <> 'sent' AND id IN", ids)


def _threads(db: Connection, ids: Sequence[int]) -> None:
    for table in ("mail_ids", "participants", "named", "unmet"):
        _each(db, f"DELETE FROM {table} WHERE thread_id IN", ids)
    _each(
        db,
        f"UPDATE threads SET key = '{_MARK}' || id, permalink = '', subject = '', context = '', can_reply = 0,"
        " why_not = 'erased', private_in_id = NULL WHERE id IN",
        ids,
    )


def _identities(db: Connection, ids: Sequence[int]) -> None:
    _each(db, "DELETE FROM tokens WHERE identity_id IN", ids)
    _each(
        db,
        "UPDATE identities SET kind = 'erased', value = id, name = '', handle = '', treated = '' WHERE id IN",
        ids,
    )


def _named(db: Connection, addresses: Sequence[str]) -> None:
    """Where others' threads hold an address: who takes part, who gets a copy, where an answer goes."""
    for address in addresses:
        for table in ("participants", "named"):
            db.execute(f"DELETE FROM {table} WHERE address = ?", (address,))
        db.execute("UPDATE mails SET reply_to = '' WHERE reply_to LIKE ?", (f"%{address}%",))
        copied = rows(db, "SELECT id, cc FROM replies WHERE instr(cc, ?)", (address,))
        db.executemany(
            "UPDATE replies SET cc = ? WHERE id = ?",
            [(" ".join(one for one in cc.split() if one != address), id_) for id_, cc in copied],
        )


def _events(db: Connection, cases: Sequence[int]) -> None:
    """Facts stay. An act on these cases can be taken back no more: it would put words back."""
    for part in parts(cases):
        found = rows(db, f"SELECT id, detail FROM events WHERE case_id IN ({marks(part)})", part)
        plain = [(json.dumps(_facts(json.loads(detail))), id_) for id_, detail in found]
        db.executemany("UPDATE events SET detail = ? WHERE id = ?", plain)
    gone = set(cases)
    for id_, text in rows(db, "SELECT id, detail FROM events WHERE kind = 'step'"):
        detail = json.loads(text)
        if detail["act"] in ACTS and gone & set(detail["cases"]):
            detail |= {key: [] for key in _MOVED}
            over = True
        elif any(one["case"] in gone for one in detail.get("changes", ())):
            detail["changes"] = [one for one in detail["changes"] if one["case"] not in gone]
            over = not detail["changes"]
        else:
            continue
        db.execute(
            "UPDATE events SET detail = ?, undone = max(undone, ?) WHERE id = ?",
            (json.dumps(detail), over, id_),
        )


def _facts(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _facts(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [_facts(one) for one in value]
    return value if not isinstance(value, str) or key in _FACTS else ""
