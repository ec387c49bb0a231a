"""``note``, ``done``, ``reopen``, ``outbox``: acts of an agent that send nothing by themselves."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from inbox_tui.cli import serial
from inbox_tui.errors import UsageError

if TYPE_CHECKING:
    from inbox_tui.cli.call import Call
    from inbox_tui.model import CaseRow, Reply


def read_text(text: str | None, what: str) -> str:
    """The text of a reply or note: as given, or from stdin. Raises UsageError."""
    if text is None or text == "-":
        if text is None and sys.stdin.isatty():
            hint = f"write it after the case, or pipe it: … | inbox-tui {what} 12"
            raise UsageError(f"the text of the {what} is missing", hint)
        try:
            return sys.stdin.buffer.read().decode("utf-8").rstrip("\n")
        except UnicodeDecodeError as error:
            raise UsageError(f"stdin: not UTF-8 at byte {error.start}", "send the text as UTF-8") from None
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise UsageError(f"the text of the {what} is not UTF-8", "send the text as UTF-8")
    return text


def note(call: Call, case: int, text: str | None, promise: str | None) -> int:
    """Put a note into a case. promise: the time by which the customer hears from us."""
    written = read_text(text, "note")
    if not written.strip():
        raise UsageError("the note is empty", "write it after the case, or pipe it")
    triage = call.inbox.triage
    until = triage.check_promise(triage.when(promise)) if promise is not None else None
    message = call.inbox.note(case, written)
    if until is not None:
        triage.promise([case], until)
    if call.out.json:
        call.out.record(serial.message(message))
    else:
        call.out.line(f"Noted in case {case}.")
    return 0


def done(call: Call, case: int, thanks: bool) -> int:
    """Close a case. thanks: the customer's last word needed no answer."""
    return _changed(call, call.inbox.done(case, thanks=thanks))


def reopen(call: Call, case: int) -> int:
    """Open a case that is done."""
    return _changed(call, call.inbox.reopen(case))


def _changed(call: Call, row: CaseRow) -> int:
    if call.out.json:
        call.out.record(serial.case(row))
    else:
        call.out.line(f"Case {row.id} is {row.state.value}.")
    return 0


def outbox(call: Call, action: str, id: int | None, all: bool) -> int:
    """List the replies under way, queue one again, or turn one back into a draft."""
    if action == "list":
        if id is not None:
            raise UsageError("outbox list takes no ID", "inbox-tui outbox")
        return _list(call, call.inbox.outbox(all=all))
    if id is None:
        raise UsageError(f"outbox {action}: the ID of the reply is missing", "inbox-tui outbox lists them")
    reply = call.inbox.retry(id) if action == "retry" else call.inbox.cancel(id)
    if call.out.json:
        call.out.record(serial.outgoing(reply))
    elif action == "retry":
        call.out.line(f"Reply {id} is queued again.")
    else:
        call.out.line(f"Reply {id} is a draft again; its text is kept.")
    if action == "retry" and not call.inbox.worker().running:
        call.out.say("No worker runs to send it. Start one: inbox-tui fetch --follow")
    return 0


def _list(call: Call, replies: tuple[Reply, ...]) -> int:
    if call.out.json:
        for reply in replies:
            call.out.record(serial.outgoing(reply))
        return 0
    if not replies:
        call.out.say("No reply is under way.")
        return 0
    from inbox_tui.cli.output import Column
    from inbox_tui.tui.words import moment, says

    now = call.inbox.now()
    columns = [Column("reply", right=True), Column("case", right=True)]
    columns += [Column(title) for title in ("state", "written", "on", "to", "by", "text")]
    rows = []
    for each in replies:
        numbers = [str(each.id), str(each.case), each.state.value, moment(each.created_at, now)]
        rows.append([*numbers, each.channel, each.to, each.agent, says(each)])
    call.out.table(columns, rows)
    for each in replies:
        if each.error:
            call.out.line(f"reply {each.id}: {each.error}" + (f"; {each.hint}" if each.hint else ""))
    return 0
