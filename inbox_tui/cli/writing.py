"""``write``, ``forward``, ``hide``, ``templates``: what an agent writes beyond a plain reply."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from inbox_tui.cli import serial
from inbox_tui.cli.acting import read_text
from inbox_tui.cli.sending import send
from inbox_tui.errors import ReplyBlocked, UsageError

if TYPE_CHECKING:
    from inbox_tui.cli.call import Call


def write(
    call: Call,
    text: str | None,
    to: str | None,
    subject: str,
    cc: tuple[str, ...],
    attach: tuple[str, ...],
    case: int | None,
    template: str | None,
    account: str | None,
    no_wait: bool,
    timeout: int,
) -> int:
    """A mail of one's own."""
    writing = call.inbox.writing
    if not to:
        raise UsageError("the recipient is missing", "name it with --to")
    if template is not None:
        if text is not None or case is None:
            raise UsageError("a template is filled from a case, and is the text", "give --case, and no TEXT")
        filled = writing.fill(template, case)
        text, subject = filled.text, subject or filled.subject
    else:
        text = read_text(text, "write")
    queued = writing.new_mail(
        to, subject, text, account=account, cc=", ".join(cc), files=[Path(one) for one in attach], case=case
    )
    return send(call, queued, no_wait, timeout)


def forward(
    call: Call,
    case: int,
    text: str | None,
    to: str | None,
    cc: tuple[str, ...],
    attach: tuple[str, ...],
    via: int | None,
    no_files: bool,
    account: str | None,
    no_wait: bool,
    timeout: int,
) -> int:
    """Hand a case on."""
    if not to:
        raise UsageError("the recipient is missing", "name it with --to")
    queued = call.inbox.writing.forward(
        case,
        to,
        read_text(text, "forward"),
        thread=via,
        cc=", ".join(cc),
        account=account,
        files=[Path(one) for one in attach],
        with_files=not no_files,
    )
    return send(call, queued, no_wait, timeout)


def hide(call: Call, message: int, no: bool, no_wait: bool, timeout: int) -> int:
    """Hide a comment, or show it again."""
    return send(call, call.inbox.writing.hide(message, yes=not no), no_wait, timeout)


def templates(call: Call, name: str | None, case: int | None, channel: str | None) -> int:
    """List them, or print one filled for a case."""
    if name is not None and case is not None:
        filled = call.inbox.writing.fill(name, case)
        if call.out.json:
            call.out.record(serial.filled(name, case, filled))
        else:
            call.out.line(filled.text)
        if filled.missing:
            places = ", ".join(f"{{{place}}}" for place in filled.missing)
            raise ReplyBlocked(f"nothing is known for {places}", "fill it in by hand")
        return 0
    if name is not None or case is not None:
        raise UsageError("to fill a template, name it and a case", "inbox-tui templates thanks --case 12")
    found = call.inbox.writing.templates(channel)
    if call.out.json:
        for one in found:
            call.out.record(serial.template(one))
        return 0
    if not found:
        call.out.say("There is no template. Write one: [templates.NAME] in the configuration.")
        return 0
    from inbox_tui.cli.output import Column

    columns = [Column(title) for title in ("name", "language", "channel", "text")]
    call.out.table(columns, [[one.name, one.language, one.channel, one.text] for one in found])
    return 0
