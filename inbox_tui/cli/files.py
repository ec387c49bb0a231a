"""``files``: what customers sent with their mails."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from inbox_tui.cli import serial
from inbox_tui.errors import NotFound

if TYPE_CHECKING:
    from inbox_tui.cli.call import Call


def files(call: Call, case: int, save: str | None, number: int | None) -> int:
    """List the files of a case, or save them; exit code 1 where there is none."""
    call.inbox.case(case)
    found = [each for each in call.inbox.files.of_case(case) if number in (None, each.number)]
    if not found:
        wanted = f"no file {number}" if number is not None else "no file"
        raise NotFound(f"case {case} has {wanted}", f"inbox-tui show {case} shows what it has")
    if save is not None:
        for each in found:
            path = call.inbox.files.save(each, Path(save).expanduser())
            if call.out.json:
                call.out.record(serial.file(each, case, str(path)))
            else:
                call.out.line(f"Saved {path}")
        return 0
    if call.out.json:
        for each in found:
            call.out.record(serial.file(each, case, None))
        return 0
    from inbox_tui.cli.output import Column
    from inbox_tui.tui.words import moment, size

    now = call.inbox.now()
    columns = [Column("file", right=True), Column("came", right=True), Column("size", right=True)]
    columns += [Column("kind"), Column("name")]
    call.out.table(
        columns,
        [
            [str(f.number), moment(f.sent_at, now), size(f.file.size), f.file.media_type, f.file.name]
            for f in found
        ],
    )
    return 0
