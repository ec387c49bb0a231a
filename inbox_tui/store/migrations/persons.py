"""Step 10: who is the same person, and which case took which in."""

from __future__ import annotations

from sqlite_utils import Database

from inbox_tui.store.migrations import private  # noqa: F401  the step before this one
from inbox_tui.store.migrations.tables import steps, table


@steps()
def m010_persons(db: Database) -> None:
    # Nothing is deleted by a merge: the number of what was taken in leads to what took it in.
    db.execute("ALTER TABLE cases ADD COLUMN merged_into INTEGER REFERENCES cases (id)")
    db.execute("ALTER TABLE people ADD COLUMN merged_into INTEGER REFERENCES people (id)")
    table(
        db,
        "proposals",
        {
            "id": int,
            "person_a": int,
            "person_b": int,
            "state": str,
            "score": int,
            "evidence": str,
            "created_at": int,
            "updated_at": int,
            "decided_at": int,
            "decided_by": str,
        },
        optional=("decided_at",),
        references=(("person_a", "people"), ("person_b", "people")),
    )
    # One proposal a pair; what a merge made of no interest is kept beside it.
    db.execute(
        "CREATE UNIQUE INDEX proposals_pair ON proposals (person_a, person_b) WHERE state <> 'absorbed'"
    )
    db.execute("CREATE INDEX proposals_open ON proposals (score, id) WHERE state = 'open'")
    db.execute("CREATE INDEX proposals_a ON proposals (person_a)")
    db.execute("CREATE INDEX proposals_b ON proposals (person_b)")
    # What speaks for a person: his own addresses and names (own), and what stands in his texts.
    db.execute(
        "CREATE TABLE tokens (kind TEXT NOT NULL, value TEXT NOT NULL, identity_id INTEGER NOT NULL"
        " REFERENCES identities (id), message_id INTEGER NOT NULL, own INTEGER NOT NULL DEFAULT 0, claim INTEGER"
        " NOT NULL DEFAULT 0,"
        " PRIMARY KEY (kind, value, identity_id, own)) STRICT, WITHOUT ROWID"
    )
