"""A desk in miniature: a real store, a clock that stands, customers who write what a test says.

What a channel would deliver is written down by hand; everything behind it is the program itself.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from inbox_tui.casework import delivery, recount
from inbox_tui.casework.intake import Batch, Desk, Taken, take_page
from inbox_tui.config import AccountConfig, Config, EmailAccount, FacebookAccount, XAccount
from inbox_tui.desk import clock
from inbox_tui.desk.clock import DAY
from inbox_tui.desk.matching import Rules
from inbox_tui.desk.views import views_of
from inbox_tui.inbox import Inbox
from inbox_tui.model import (
    Author,
    Automatic,
    Capabilities,
    CaseState,
    Direction,
    Incoming,
    LengthRule,
    MailFacts,
    Receipt,
    Reply,
)
from inbox_tui.store import accounts, handoffs, listing, messages, replies
from inbox_tui.store.driver import Connection
from inbox_tui.store.engine import Store

NOW = 20_000 * DAY
"""A day that no test leaves unless it says so."""
OURS = "help@shop.example"

CONFIGS: Mapping[str, AccountConfig] = {
    "mail": EmailAccount(
        name="mail",
        channel="email",
        address=OURS,
        imap_host="imap.shop.example",
        smtp_host="smtp.shop.example",
    ),
    "shop": XAccount(name="shop", channel="x", handle="@shop"),
    "page": FacebookAccount(name="page", channel="facebook", page_id="1"),
}
CAN: Mapping[str, Capabilities] = {
    "mail": Capabilities(public=False, subjects=True, files_copy=True, settles=False),
    "shop": Capabilities(public=True, length_rule=LengthRule.X_WEIGHTED, max_length=280),
    "page": Capabilities(public=True),
}


@cache
def _template() -> bytes:
    """A fresh store: making its tables takes longer than most tests."""
    folder = Path(tempfile.mkdtemp(prefix="inbox-tui-test-"))
    store = Store(folder / "inbox.db")
    store.read().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    content = (folder / "inbox.db").read_bytes()
    shutil.rmtree(folder)
    return content


def fresh_store(path: Path) -> Store:
    """A store of its own, as fast as it can be had."""
    path.write_bytes(_template())
    path.chmod(0o600)
    store = Store(path)
    store.read().execute("PRAGMA synchronous=OFF")
    return store


@dataclass
class World:
    """The desk, and everybody who writes to it."""

    store: Store
    rules: Rules = field(default_factory=Rules)
    since: int = 1
    """The first day of all accounts."""
    now: int = NOW
    sent: int = 0

    def __post_init__(self) -> None:
        self.accounts: dict[str, int] = {}
        with self.store.write("accounts") as db:
            for name, config in CONFIGS.items():
                self.accounts[name] = accounts.ensure(db, name, config.channel)
                accounts.set_capabilities(db, self.accounts[name], CAN[name])
        self.config = Config(path=None, store=self.store.path, agent="lena", accounts=CONFIGS)
        self.inbox = Inbox(self.store, self.config, lambda: self.now)

    @property
    def db(self) -> Connection:
        return self.store.read()

    def desk(self, account: str) -> Desk:
        return Desk(self.accounts[account], account, CONFIGS[account].channel, self.since, self.rules)

    def take(
        self, account: str, *page: Incoming, cursor: Mapping[str, Any] | None = None, **batch: Any
    ) -> Taken:
        return take_page(self.store, self.desk(account), Batch(page, cursor or {}, **batch), self.now)

    def case_of(self, external_id: str) -> int:
        """The case that a message belongs to."""
        row = self.db.execute("SELECT case_id FROM messages WHERE external_id = ?", (external_id,)).fetchone()
        assert row is not None, f"{external_id} is not stored"
        return int(row[0])

    def thread_of(self, external_id: str) -> int:
        row = self.db.execute(
            "SELECT thread_id FROM messages WHERE external_id = ?", (external_id,)
        ).fetchone()
        assert row is not None, f"{external_id} is not stored"
        return int(row[0])

    def owed(self, case: int) -> set[int]:
        found = self.db.execute("SELECT id FROM messages WHERE case_id = ? AND owed = 1", (case,))
        return {row[0] for row in found}

    def case_ids(self) -> list[int]:
        return [row[0] for row in self.db.execute("SELECT id FROM cases ORDER BY id")]

    def key(self, reply: int) -> str:
        return str(replies.facts(self.db, reply)["key"])

    def claim(self, reply: Reply | int) -> int:
        number = reply if isinstance(reply, int) else reply.id
        with self.store.write("claim") as db:
            assert replies.claim(db, number, self.now)
        return number

    def deliver(self, reply: Reply | int) -> Receipt:
        """Let the platform accept a queued reply."""
        number = self.claim(reply)
        self.sent += 1
        known = replies.get(self.db, number)
        assert known is not None
        own = f"<{self.key(number)}@shop.example>" if known.channel == "email" else ""
        receipt = Receipt(own or f"sent-{self.sent}", self.now, "", mail_message_id=own)
        with self.store.write("sent") as db:
            delivery.delivered(db, number, receipt, self.now)
        return receipt


@contextmanager
def temporary_world(**given: Any) -> Iterator[World]:
    """A world for one example of a property."""
    with tempfile.TemporaryDirectory(prefix="inbox-tui-test-") as folder:
        store = fresh_store(Path(folder) / "inbox.db")
        try:
            yield World(store, **given)
        finally:
            store.close()


# -- what customers write


def person(kind: str, value: str | None, name: str = "") -> Author:
    return Author(kind, value, name or (value or ""), f"@{value}" if value else "")


def post(
    id: str, who: str | None, at: int = NOW, text: str = "Hello?", *, thread: str = "", **more: Any
) -> Incoming:
    """A public mention on X."""
    author = person("x", who)
    return Incoming(id, thread or f"c-{who or id}", author, Direction.IN, text, at, public=True, **more)


def our_post(
    id: str, to: str, at: int = NOW, text: str = "Hello!", *, thread: str = "", **more: Any
) -> Incoming:
    """An answer on X that was written with another program."""
    ours = person("x", "1", "Shop")
    return Incoming(
        id,
        thread or f"c-{to}",
        ours,
        Direction.OUT,
        text,
        at,
        public=True,
        customer=person("x", to),
        **more,
    )


def comment(id: str, who: str | None, at: int = NOW, text: str = "Hello?", *, thread: str = "") -> Incoming:
    """A comment under a post of the page."""
    author = person("facebook", who)
    return Incoming(id, thread or f"p-{who or id}", author, Direction.IN, text, at, public=True)


def mail(
    uid: int | str,
    who: str,
    at: int = NOW,
    text: str = "Hello?",
    *,
    id: str | None = None,
    refs: Sequence[str] = (),
    copy: Sequence[str] = (),
    forged: bool = False,
    automatic: Automatic = Automatic.NO,
    digest: str | None = None,
    folder: str = "INBOX/1",
    subject: str = "A question",
) -> Incoming:
    """A mail of a customer."""
    facts = MailFacts(
        message_id=f"<{uid}@{who.partition('@')[2]}>" if id is None else id,
        references=tuple(refs),
        participants=(who, *copy),
        forged=forged,
        digest=sha256(f"{uid}{who}{text}".encode()).hexdigest() if digest is None else digest,
        raw=text.encode("utf-8", "replace"),
    )
    return Incoming(
        f"{folder}/{uid}",
        "",
        Author("email", who, who.partition("@")[0].title(), who),
        Direction.IN,
        text,
        at,
        subject=subject,
        automatic=automatic,
        mail=facts,
    )


def our_mail(
    uid: int | str,
    to: str,
    at: int = NOW,
    text: str = "Hello!",
    *,
    id: str | None = None,
    refs: Sequence[str] = (),
    copy: Sequence[str] = (),
    folder: str = "Sent/1",
) -> Incoming:
    """A mail in the Sent folder."""
    facts = MailFacts(
        message_id=f"<{folder}-{uid}@shop.example>" if id is None else id,
        references=tuple(refs),
        participants=(to, *copy),
        digest=sha256(f"{folder}{uid}{to}{text}".encode()).hexdigest(),
        raw=text.encode(),
    )
    return Incoming(
        f"{folder}/{uid}",
        "",
        Author("email", OURS, "Shop help", OURS),
        Direction.OUT,
        text,
        at,
        subject="Re: A question",
        mail=facts,
        customer=Author("email", to, "", to),
    )


# -- what must always hold


def dump(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    db = store.read()
    tables = [
        row[0]
        for row in db.execute(
            # What the index of words holds can be asked of it, not read; its rows stand in `search`.
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            # That an agent was here is no act, and so is not undone.
            " AND name NOT IN ('search_words', 'agents')"
        )
    ]
    return {table: sorted(map(tuple, db.execute(f"SELECT * FROM {table}")), key=repr) for table in tables}


def check_views(world: World) -> None:
    """Counters = rows of the queue = what the cases say."""
    db = world.db
    expected: set[tuple[str, int, int]] = set()
    for row in db.execute("SELECT * FROM cases WHERE merged_into IS NULL"):
        for view, rank in views_of(
            CaseState(row["state"]),
            automatic=bool(row["automatic"]),
            channels=row["channels"].split(","),
            waiting_since=row["waiting_since"],
            updated_at=row["updated_at"],
            assignee=row["assignee"],
            snoozed=bool(row["snoozed"]),
            snoozed_until=row["snoozed_until"],
            spam=bool(row["spam"]),
            due=row["due"],
            broken=bool(row["broken"]),
        ):
            expected.add((view, rank, row["id"]))
    assert {tuple(row) for row in db.execute("SELECT view, rank, case_id FROM queue")} == expected
    counted: dict[str, int] = {}
    for view, _, _ in expected:
        counted[view] = counted.get(view, 0) + 1
    stored = {row["view"]: row["n"] for row in db.execute(listing.COUNTS)}
    assert {view: n for view, n in stored.items() if n} == counted


def check_supporters(world: World) -> None:
    """Who supports a case = what its messages say."""
    found = world.db.execute(
        "SELECT DISTINCT m.case_id, m.identity_id FROM messages m JOIN threads t ON t.id = m.thread_id"
        " JOIN cases c ON c.id = m.case_id JOIN identities i ON i.id = m.identity_id WHERE m.direction = 'in'"
        " AND m.kind = 'message' AND m.automatic = 'no' AND t.aside = 0 AND i.person_id <> c.person_id"
    ).fetchall()
    stored = {tuple(row) for row in world.db.execute("SELECT case_id, identity_id FROM supporters")}
    assert stored == {tuple(row) for row in found}


def check_clocks(world: World) -> None:
    """The clock kept step by step = the rule over the whole case."""
    db = world.db
    for row in db.execute("SELECT * FROM cases").fetchall():
        entries = messages.entries(db, row["id"])
        acts = recount.acts(db, row["id"])
        assert world.owed(row["id"]) == clock.owed(entries, acts), f"case {row['id']}"
        assert row["waiting_since"] == clock.waiting_since(entries, acts), f"case {row['id']}"
        waits = row["waiting_since"] is not None
        # Who was asked to go on elsewhere is owed an answer all the time.
        rests = row["state"] == "pending" and handoffs.rests(db, row["id"])
        assert (row["state"] == "waiting" or (rests and waits)) == waits, f"case {row['id']}"
        assert (row["state"] == "done") == (row["done_at"] is not None), f"case {row['id']}"
        trouble = replies.trouble_of_case(db, row["id"])
        assert row["trouble"] == trouble, f"case {row['id']}"
