"""A store in which every field that comes from outside holds a hostile text.

`taken`: as the intake stores them, cleaned. `stained`: written past it, as if nothing had been cleaned; then
the last barriers alone hold.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from inbox_tui.casework import delivery
from inbox_tui.desk.clock import DAY
from inbox_tui.errors import InboxError, ReplyBlocked, Temporary
from inbox_tui.model import Attachment, Author, Direction, Incoming, MailFacts, ReplyState
from inbox_tui.service.kinship import Kinship
from inbox_tui.store import accounts, hooks
from inbox_tui.store.driver import Connection
from inbox_tui.store.engine import Store
from tests.casework.world import NOW, World, fresh_store
from tests.storm.hostile import storable

FOREIGN: dict[str, tuple[str, ...]] = {
    "accounts": ("error", "hint", "notice", "notice_hint"),
    "people": ("name",),
    "identities": ("name", "handle", "value"),
    "cases": ("subject", "snippet", "assignee", "tags"),
    "threads": ("permalink", "subject", "why_not", "context"),
    "events": ("actor",),
    "messages": ("external_id", "author", "handle", "subject", "text", "permalink"),
    "extras": ("full_text", "attachments", "unparsed"),
    "mails": ("rfc_id", "refs", "reply_to"),
    "replies": ("text", "error", "hint", "external_id", "permalink", "subject", "cc"),
    "note_drafts": ("text",),
    "files": ("name", "media_type"),
    "hooks": ("error", "hint"),
    "proposals": ("evidence", "decided_by"),
    "agents": ("name",),
    "worker": ("host",),
}
"""Columns that hold what strangers, platforms or other people's machines say."""
OURS: dict[str, tuple[str, ...]] = {
    # Words of this program, names of the configuration, and what is looked up and never shown.
    "_sqlite_migrations": ("migration_set", "name", "applied_at"),
    "meta": ("key",),
    "accounts": ("name", "channel", "capabilities", "cursor", "error_code"),
    "identities": ("kind", "treated"),
    "cases": ("state", "channels", "priority", "ending"),
    "threads": ("key",),
    "queue": ("view",),
    "counts": ("view",),
    "events": ("kind", "detail"),
    "messages": ("direction", "kind", "automatic"),
    "mails": ("digest",),
    "mail_ids": ("rfc_id",),
    "participants": ("address",),
    "replies": ("agent", "state", "key", "error_code", "filing", "kind"),
    "note_drafts": ("agent",),
    "hooks": ("name",),
    "proposals": ("state",),
    "tokens": ("kind", "value"),
    "named": ("address",),
    "unmet": ("external_id",),
    "handoffs": ("destination", "digest"),
    "handoff_uses": ("worth",),
}


class _Turns:
    """The texts one after the other, in each field from another one on."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._at = 0

    def next(self) -> str:
        self._at += 1
        return self._texts[self._at % len(self._texts)]


def taken(path: Path, texts: Sequence[str], cases: int) -> int:
    """A store of so many cases whose every field was taken in; how many fields it was."""
    turns = _Turns(texts)
    with closing(fresh_store(path)) as store:
        world = World(store)
        for number in range(1, cases + 1):
            _case(world, number, turns)
        Kinship(store, world.config, lambda: NOW).work()
        with store.write("errors") as db:
            for account in world.accounts.values():
                error = _error(turns)
                accounts.failed(db, account, error, NOW, None, 1)
            accounts.beat(db, 1, storable(turns.next()), NOW)
            db.execute("INSERT INTO hooks (name, position) VALUES ('told', 0)")
            hooks.failed(db, "told", 0, storable(turns.next()), storable(turns.next()), NOW)
            for (draft,) in db.execute("SELECT id FROM replies WHERE state = 'draft'").fetchall():
                file = (draft, storable(turns.next()), storable(turns.next()))
                db.execute("INSERT INTO files VALUES (?, 1, ?, ?, 1, x'00')", file)
    return turns._at


def stained(path: Path, texts: Sequence[str], cases: int) -> int:
    """The same with everything overwritten; how many fields it was."""
    taken(path, ["plain"], cases)
    turns = _Turns([storable(text) for text in texts])
    with closing(Store(path)) as store, store.write("stain") as db:
        for table, columns in FOREIGN.items():
            for (row,) in db.execute(f"SELECT rowid FROM {table} ORDER BY rowid").fetchall():
                for column in columns:
                    _stain(db, table, column, row, turns.next())
    return turns._at


def columns(store: Store) -> dict[str, set[str]]:
    """The columns of text that a store has, by table."""
    db = store.read()
    names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {
        name: {row[1] for row in db.execute(f"PRAGMA table_info({name})") if row[2] == "TEXT"}
        for name in names
    }
    return {name: texts for name, texts in found.items() if texts and not name.startswith("sqlite_")}


def _stain(db: Connection, table: str, column: str, row: int, text: str) -> None:
    if column == "attachments":
        text = json.dumps([[text, text, 5]])
    elif column == "evidence":
        (held,) = db.execute("SELECT evidence FROM proposals WHERE rowid = ?", (row,)).fetchone()
        text = json.dumps([{**one, "value": text} for one in json.loads(held)])
    elif (table, column) == ("messages", "text"):
        text = _linked(text)
    elif column in ("value", "external_id", "name"):
        text = f"{text}{row}"  # each must be one of its kind
    db.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (text, row))


def _case(world: World, number: int, turns: _Turns) -> None:
    """One customer on three channels, with everything that a case can hold."""
    say = turns.next
    at = NOW - number * 60_000
    mail, post, comment = f"INBOX/1/{number}", f"x{number}", f"f{number}"
    world.take("mail", _mail(mail, number, at - DAY, turns))
    world.take(
        "shop",
        Incoming(
            post, f"c{number}", Author("x", f"{number}", say(), say()), Direction.IN, _linked(say()), at,
            public=True, permalink=say(), can_reply=number % 2 == 0, why_not=say(),
        ),
    )  # fmt: skip
    who = Author("facebook", f"{number}", say(), say())
    text = f"I am p{number}@ex.example {say()}"
    world.take(
        "page", Incoming(comment, f"p{number}", who, Direction.IN, text, at, public=True, permalink=say())
    )
    inbox, case = world.inbox, world.case_of(mail)
    inbox.people.merge([case, world.case_of(post)])
    inbox.note(case, f"note {say()}")
    inbox.triage.assign([case], world.config.agent)
    try:
        inbox.triage.tag([case], [say()])
    except InboxError:
        pass  # not every text is a tag
    inbox.people.call(f"+4930{1234500 + number}", f"call {say()}", answered=False, case=case)
    inbox.people.goodwill(case, "5 EUR", f"reason {say()}")
    inbox.save_note_draft(case, say())
    inbox.writing.draft_reply(case, thread=world.thread_of(mail), text=f"draft {say()}")
    try:
        queued = inbox.reply(case, f"reply {say()}", thread=world.thread_of(mail))
    except ReplyBlocked:  # what looks like a gap of a template is not sent
        queued = inbox.reply(case, f"reply {number}", thread=world.thread_of(mail))
    failed = world.claim(queued)
    with world.store.write("refused") as db:
        delivery.broke(db, failed, ReplyState.FAILED, _error(turns), world.now)


def _mail(id: str, number: int, at: int, turns: _Turns) -> Incoming:
    say = turns.next
    facts = MailFacts(
        message_id=f"<{number}@ex.example>", participants=(f"p{number}@ex.example",), reply_to=say(),
        digest=f"{number:064d}", raw=b"raw", unparsed=say() if number % 3 == 0 else "",
    )  # fmt: skip
    who = Author("email", f"p{number}@ex.example", say(), say())
    return Incoming(
        id, "", who, Direction.IN, _linked(say()), at, subject=say(), full_text=say() + "\n> " + say(),
        permalink=say(), attachments=(Attachment(say(), say(), 5),), mail=facts,
    )  # fmt: skip


def _linked(text: str) -> str:
    return f"{text} https://evil.example/ https://evil.example/{text}"


def _error(turns: _Turns) -> Temporary:
    """What a platform said, cleaned by no channel."""
    return Temporary(storable(turns.next()), storable(turns.next()))
