"""``search``: cases by what was said in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from inbox_tui.cli import serial

if TYPE_CHECKING:
    from inbox_tui.cli.call import Call


def search(call: Call, query: Sequence[str], limit: int) -> int:
    """Print the hits; exit code 1 where there is none."""
    found = call.inbox.search.find(" ".join(query), limit=limit)
    if call.out.json:
        for hit in found.hits:
            call.out.record(serial.hit(hit))
        return 0 if found.hits else 1
    if not found.hits:
        call.out.say("Nothing found.")
        return 1
    from inbox_tui.cli.output import Column
    from inbox_tui.tui.words import moment, person_name

    now = call.inbox.now()
    columns = [Column("case", right=True), Column("written", right=True), Column("state")]
    columns += [Column("on"), Column("from"), Column("said")]
    lines = []
    for hit in found.hits:
        row = hit.row
        facts = [str(row.id), moment(hit.sent_at, now), row.state.value, ",".join(row.channels)]
        lines.append([*facts, person_name(row.person.name), hit.snippet])
    call.out.table(columns, lines)
    if found.more:
        call.out.say("There may be more: --limit 0 shows all, more words narrow it down.")
    return 0
