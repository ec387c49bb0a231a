"""How a step makes a table."""

from __future__ import annotations

from typing import Any

from sqlite_utils import Database, Migrations

steps = Migrations("inbox-tui")

Columns = dict[str, type]


def table(
    db: Database,
    name: str,
    columns: Columns,
    *,
    optional: tuple[str, ...] = (),
    pk: str | tuple[str, ...] = "id",
    references: tuple[tuple[str, str], ...] = (),
) -> None:
    """A strict table; every column is NOT NULL with an empty default, but the optional ones and the key."""
    keys = {pk} if isinstance(pk, str) else set(pk)
    required = [c for c in columns if c not in optional and c not in keys]
    refer = {column for column, _ in references}
    empty: dict[type, Any] = {int: 0, str: "", float: 0.0, bytes: b""}
    db.create_table(
        name,
        columns,
        pk=pk,
        not_null=required,
        defaults={c: empty[columns[c]] for c in required if c not in refer and columns[c] is not bytes},
        foreign_keys=[(column, other, "id") for column, other in references],
        strict=True,
    )
