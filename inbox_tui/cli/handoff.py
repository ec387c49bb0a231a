"""``handoff``: ask a customer to go on elsewhere, or list where he can."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inbox_tui.cli import serial
from inbox_tui.cli.acting import read_text
from inbox_tui.cli.sending import rehearse, send, sent_or_gone
from inbox_tui.model import Destination

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inbox_tui.cli.call import Call
    from inbox_tui.model import Place


def handoff(
    call: Call,
    case: int,
    text: str | None,
    to: str | None,
    account: str | None,
    via: int | None,
    private: bool,
    dry_run: bool,
    force: bool,
    seen: int | None,
    no_wait: bool,
    timeout: int,
) -> int:
    """Move a customer to another channel. timeout: seconds to wait for a worker."""
    if to is None:
        return _places(call, call.inbox.handoffs.places(case))
    own = read_text(text, "handoff") if text is not None else ""
    draft = call.inbox.handoffs.begin(
        case, Destination(to), own, account=account, thread=via, privately=private, seen=seen
    )
    with sent_or_gone(call, draft.id):
        if dry_run:
            if not call.out.json:
                call.out.line(draft.text)
            return rehearse(call, case, draft.thread, draft.text, draft.id, seen, private)
        queued = call.inbox.reply(
            case,
            draft.text,
            thread=draft.thread,
            seen=seen,
            draft=draft.id,
            privately=private,
            agreed=None if force else (),
        )
    return send(call, queued, no_wait, timeout)


def _places(call: Call, found: Sequence[Place]) -> int:
    if call.out.json:
        for one in found:
            call.out.record(serial.place(one))
        return 0
    if not found:
        call.out.say("There is no account to which a customer could go.")
        return 0
    from inbox_tui.cli.output import Column

    columns = [Column("to"), Column("account"), Column("open"), Column("note")]
    rows = [[str(one.to), one.account, "yes" if one.open else "no", one.why_not or one.note] for one in found]
    call.out.table(columns, rows)
    return 0
