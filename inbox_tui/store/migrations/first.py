"""Steps 1 to 4: accounts, people, cases, threads, messages, replies, the worker."""

from __future__ import annotations

import secrets

from sqlite_utils import Database

from inbox_tui.store.migrations.tables import steps, table


@steps()
def m001_accounts_and_people(db: Database) -> None:
    table(db, "meta", {"key": str, "value": bytes}, pk="key")
    # Signs our own Message-IDs: a reference to one of them proves that we wrote to that address.
    db.execute("INSERT INTO meta (key, value) VALUES ('secret', ?)", [secrets.token_bytes(32)])
    table(
        db,
        "accounts",
        {
            "id": int,
            "name": str,
            "channel": str,
            "capabilities": str,
            "cursor": str,
            "since": int,
            "complete_until": int,
            "last_success": int,
            "error": str,
            "error_code": str,
            "hint": str,
            "error_since": int,
            "paused_until": int,
            "spend_day": int,
            "spent": int,
            "gap_from": int,
            "gap_until": int,
            "unparsed": int,
            "history_done": int,
            "wanted_at": int,
        },
        optional=("complete_until", "last_success", "error_since", "paused_until", "gap_from", "gap_until"),
    )
    db.execute("CREATE UNIQUE INDEX accounts_name ON accounts (name)")
    table(db, "people", {"id": int, "name": str, "created_at": int})
    table(
        db,
        "identities",
        {"id": int, "person_id": int, "kind": str, "value": str, "name": str, "handle": str},
        references=(("person_id", "people"),),
    )
    db.execute("CREATE UNIQUE INDEX identities_value ON identities (kind, value)")
    db.execute("CREATE INDEX identities_person ON identities (person_id)")


@steps()
def m002_cases_and_threads(db: Database) -> None:
    table(
        db,
        "cases",
        {
            "id": int,
            "person_id": int,
            "state": str,
            "automatic": int,
            "subject": str,
            "snippet": str,
            "channels": str,
            "messages": int,
            "trouble": int,
            "waiting_since": int,
            "opened_at": int,
            "updated_at": int,
            "done_at": int,
            "linked_id": int,
        },
        optional=("waiting_since", "done_at", "linked_id"),
        references=(("person_id", "people"), ("linked_id", "cases")),
    )
    db.execute("CREATE INDEX cases_person ON cases (person_id)")
    table(
        db,
        "threads",
        {
            "id": int,
            "account_id": int,
            "key": str,
            "case_id": int,
            "identity_id": int,
            "public": int,
            "permalink": str,
            "subject": str,
            "can_reply": int,
            "why_not": str,
            "context": str,
            "last_in_id": int,
            "last_in_at": int,
            "answered_until": int,
        },
        optional=("last_in_id", "answered_until"),
        references=(("account_id", "accounts"), ("case_id", "cases"), ("identity_id", "identities")),
    )
    db.execute("CREATE UNIQUE INDEX threads_key ON threads (account_id, key)")
    db.execute("CREATE INDEX threads_case ON threads (case_id)")
    # Each view is a range of this table in its own order: the first page and any other cost the same.
    db.execute(
        "CREATE TABLE queue (view TEXT NOT NULL, rank INTEGER NOT NULL, case_id INTEGER NOT NULL"
        " REFERENCES cases (id), PRIMARY KEY (view, rank, case_id)) STRICT, WITHOUT ROWID"
    )
    table(db, "counts", {"view": str, "n": int}, pk="view")
    table(
        db,
        "events",
        {"id": int, "case_id": int, "at": int, "actor": str, "kind": str, "detail": str},
        optional=("case_id",),
    )
    db.execute("CREATE INDEX events_case ON events (case_id, id)")


@steps()
def m003_messages(db: Database) -> None:
    table(
        db,
        "messages",
        {
            "id": int,
            "case_id": int,
            "thread_id": int,
            "account_id": int,
            "identity_id": int,
            "external_id": str,
            "direction": str,
            "kind": str,
            "automatic": str,
            "public": int,
            "history": int,
            "owed": int,
            "sent_at": int,
            "stored_at": int,
            "author": str,
            "handle": str,
            "subject": str,
            "text": str,
            "permalink": str,
            "reply_id": int,
        },
        optional=("case_id", "thread_id", "account_id", "identity_id", "external_id", "reply_id"),
        references=(("case_id", "cases"), ("thread_id", "threads"), ("account_id", "accounts")),
    )
    db.execute("CREATE UNIQUE INDEX messages_external ON messages (account_id, external_id)")
    db.execute("CREATE INDEX messages_case ON messages (case_id, sent_at)")
    db.execute("CREATE INDEX messages_owed ON messages (case_id, sent_at) WHERE owed = 1")
    # What few messages have stands apart, so that the many stay small.
    table(
        db,
        "extras",
        {"message_id": int, "full_text": str, "attachments": str, "unparsed": str},
        pk="message_id",
        references=(("message_id", "messages"),),
    )
    table(
        db,
        "mails",
        {
            "message_id": int,
            "account_id": int,
            "rfc_id": str,
            "digest": str,
            "refs": str,
            "reply_to": str,
            "forged": int,
        },
        pk="message_id",
        references=(("message_id", "messages"), ("account_id", "accounts")),
    )
    db.execute("CREATE UNIQUE INDEX mails_digest ON mails (account_id, digest) WHERE digest <> ''")
    db.execute("CREATE INDEX mails_rfc_id ON mails (account_id, rfc_id) WHERE rfc_id <> ''")
    db.execute(
        "CREATE TABLE mail_ids (account_id INTEGER NOT NULL, rfc_id TEXT NOT NULL, thread_id INTEGER NOT NULL"
        " REFERENCES threads (id), PRIMARY KEY (account_id, rfc_id, thread_id)) STRICT, WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE participants (thread_id INTEGER NOT NULL REFERENCES threads (id), address TEXT NOT NULL,"
        " PRIMARY KEY (thread_id, address)) STRICT, WITHOUT ROWID"
    )
    table(
        db,
        "raw_mails",
        {"message_id": int, "raw": bytes},
        pk="message_id",
        references=(("message_id", "messages"),),
    )


@steps()
def m004_replies_and_worker(db: Database) -> None:
    table(
        db,
        "replies",
        {
            "id": int,
            "case_id": int,
            "thread_id": int,
            "account_id": int,
            "agent": str,
            "text": str,
            "state": str,
            "key": str,
            "seen": int,
            "answers_id": int,
            "done_after": int,
            "not_before": int,
            "created_at": int,
            "updated_at": int,
            "attempts": int,
            "error": str,
            "error_code": str,
            "hint": str,
            "message_id": int,
            "external_id": str,
            "permalink": str,
            "sent_at": int,
            "filing": str,
            "check_at": int,
            "checks": int,
        },
        optional=("answers_id", "message_id", "sent_at"),
        references=(("case_id", "cases"), ("thread_id", "threads"), ("account_id", "accounts")),
    )
    db.execute("CREATE INDEX replies_open ON replies (account_id, state, not_before) WHERE state <> 'sent'")
    db.execute("CREATE UNIQUE INDEX replies_key ON replies (account_id, key) WHERE key <> ''")
    db.execute("CREATE INDEX replies_filing ON replies (account_id) WHERE filing IN ('todo', 'failed')")
    db.execute("CREATE INDEX replies_case ON replies (case_id, id)")
    table(
        db,
        "note_drafts",
        {"case_id": int, "agent": str, "text": str},
        pk=("case_id", "agent"),
        references=(("case_id", "cases"),),
    )
    table(
        db,
        "worker",
        {"id": int, "pid": int, "host": str, "started_at": int, "heartbeat": int},
    )
