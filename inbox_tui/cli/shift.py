"""``handover``: who still waits on an agent when he leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inbox_tui.cli import serial

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inbox_tui.cli.call import Call
    from inbox_tui.model import CaseRow, Handover, Reply


def handover(call: Call) -> int:
    """Print who still waits on me."""
    found = call.inbox.shift.handover()
    if call.out.json:
        call.out.record(serial.handover(found))
        for row in (*found.waiting, *found.nobodys, *found.snoozed):
            call.out.record(serial.case(row))
        for reply in (*found.drafts, *found.unsent):
            call.out.record(serial.outgoing(reply))
        return 0
    _print(call, found)
    return 0


def _print(call: Call, found: Handover) -> None:
    from inbox_tui.tui.words import counted

    if not (found.waiting or found.nobodys or found.snoozed or found.drafts or found.unsent):
        call.out.line(f"Nobody waits on {found.agent}.")
    if found.waiting:
        waiting = counted(len(found.waiting), "case waits", "cases wait")
        call.out.line(f"{waiting} on {found.agent}:")
        _cases(call, found.waiting, snoozed=False)
    if found.nobodys:
        waiting = counted(len(found.nobodys), "case waits that nobody has", "cases wait that nobody has")
        call.out.line(f"{waiting}, and no other agent sees to the desk:")
        _cases(call, found.nobodys, snoozed=False)
    if found.snoozed:
        call.out.line(f"{counted(len(found.snoozed), 'customer waits', 'customers wait')} in snoozed cases:")
        _cases(call, found.snoozed, snoozed=True)
    if found.drafts:
        call.out.line(f"{counted(len(found.drafts), 'draft is kept', 'drafts are kept')}:")
        _replies(call, found.drafts)
    if found.unsent:
        call.out.line(f"{counted(len(found.unsent), 'reply', 'replies')} not sent, or in doubt:")
        _replies(call, found.unsent)
    if found.unassigned and not found.nobodys:
        waiting = counted(found.unassigned, "case waits", "cases wait")
        call.out.line(f"{waiting} for an agent to take over: inbox-tui list --view unassigned")


def _cases(call: Call, rows: Sequence[CaseRow], *, snoozed: bool) -> None:
    from inbox_tui.cli.output import Column
    from inbox_tui.tui.words import duration, moment, person_name

    now = call.inbox.now()
    promised = any(row.promised is not None for row in rows)
    titles = ("case", "waits", *(("wakes",) if snoozed else ()), *(("promised",) if promised else ()))
    columns = [*(Column(title, right=True) for title in titles), Column("from"), Column("about")]
    lines = []
    for row in rows:
        wait = duration(now - row.waiting_since) if row.waiting_since is not None else "-"
        wakes = moment(row.snoozed_until, now) if row.snoozed_until is not None else "on reply"
        times = [wait, wakes] if snoozed else [wait]
        if promised:
            times.append(moment(row.promised, now) if row.promised is not None else "-")
        lines.append([str(row.id), *times, person_name(row.person.name), row.subject or row.snippet])
    call.out.table(columns, lines)


def _replies(call: Call, replies: Sequence[Reply]) -> None:
    from inbox_tui.cli.output import Column
    from inbox_tui.tui.words import says

    columns = [Column("reply", right=True), Column("case", right=True), Column("state"), Column("to")]
    rows = [[str(one.id), str(one.case), one.state.value, one.to, one.error or says(one)] for one in replies]
    call.out.table([*columns, Column("text")], rows)
