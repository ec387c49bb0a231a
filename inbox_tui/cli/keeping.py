"""What is kept and what is not: copies of the store, one put in its place; a person's data, his erasure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from inbox_tui.cli.personal import exported, past

if TYPE_CHECKING:
    from inbox_tui.casework.erasing import Erased
    from inbox_tui.cli.call import Call

_MIB = 1024 * 1024


def backup(call: Call, path: str) -> int:
    """Copy the store to a new file."""
    inbox = call.inbox
    call.out.progress("Copying and verifying …")
    copy = inbox.keeping.backup(Path(path))
    call.out.progress("")
    if call.out.json:
        call.out.record({"type": "backup", "path": str(copy.path), "bytes": copy.size, "schema": copy.schema})
    else:
        call.out.line(f"{copy.path}: whole and verified, {copy.size / _MIB:.1f} MiB.")
    return 0


def restore(call: Call, path: str) -> int:
    """Put a copy in the place of the store."""
    from inbox_tui.inbox import wall_clock
    from inbox_tui.inbox.upkeep import restore
    from inbox_tui.store.places import may_only_read

    store = call.config.store
    if call.config.agent in call.config.desk.read_only:
        raise may_only_read(store, call.config.agent)
    call.out.progress("Verifying and copying …")
    done = restore(store, Path(path), wall_clock())
    call.out.progress("")
    if call.out.json:
        aside = str(done.aside) if done.aside else None
        call.out.record({"type": "restored", "path": str(store), "aside": aside, "unknown": done.unknown})
        return 0
    call.out.line(f"{store}: restored from {path}.")
    if done.aside is not None:
        call.out.line(f"The store that was there is kept: {done.aside}")
    if done.unknown:
        call.out.say(
            f"{done.unknown} replies were under way when the copy was made, and may have gone out since: "
            "inbox-tui outbox"
        )
    return 0


def export(call: Call, person: int) -> int:
    """All that is kept about a person, as one JSON object."""
    call.out.record(exported(call.inbox.keeping.export(person), call.inbox.now()))
    return 0


def erase(call: Call, person: int, *, yes: bool) -> int:
    """Erase a person for good; without yes say what would be."""
    keeping = call.inbox.keeping
    if not yes:
        _told(call, keeping.would_erase(person), "Would be erased", clean=None)
        call.out.say(f"Nothing was erased. For good: inbox-tui person erase {person} --yes")
        return 0
    call.out.progress("Erasing …")
    done, clean = keeping.erase(person)
    call.out.progress("")
    _told(call, done, "Erased", clean=clean)
    return _finished(call, clean)


def scrub(call: Call) -> int:
    """Finish what an erasure has left."""
    call.out.progress("Erasing …")
    clean = call.inbox.keeping.scrub()
    call.out.progress("")
    return _finished(call, clean)


def _told(call: Call, found: Erased, said: str, *, clean: bool | None) -> None:
    if call.out.json:
        call.out.record(
            {
                "type": "erased",
                "person": found.person,
                "cases": list(found.cases),
                "messages": found.messages,
                "elsewhere": list(found.elsewhere),
                "done": clean is not None,
                "clean": bool(clean),
            }
        )
        return
    cases = ", ".join(map(str, found.cases)) or "none"
    call.out.line(f"{said}: person {found.person}, {found.messages} messages, cases: {cases}.")
    if found.elsewhere:
        others = ", ".join(map(str, found.elsewhere))
        call.out.line(f"His own words in cases of others, too: {others}. What they quote of him stays.")


def _finished(call: Call, clean: bool) -> int:
    if clean:
        call.out.say("Nothing of it is left in the store. Backups that were made before hold it still.")
        return 0
    call.out.say("Its log is still read by others: end them, then finish with: inbox-tui person erase")
    return 1


def log(call: Call, case: int | None, by: str | None, limit: int) -> int:
    """Who did what, and when."""
    from inbox_tui.tui.words import happened, moment

    now = call.inbox.now()
    for one in call.inbox.keeping.log(case, agent=by, limit=limit):
        if call.out.json:
            call.out.record(past(one))
            continue
        words = happened(one.kind, one.detail)
        where = f"case {one.case}  " if one.case is not None else ""
        undone = "  (taken back)" if one.undone else ""
        call.out.line(f"{moment(one.at, now)}  {one.agent or 'inbox-tui'}  {where}{words}{undone}")
    return 0
