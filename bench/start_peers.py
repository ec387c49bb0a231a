"""From exec to the first row on the screen of 120×40: ours at a million messages, neomutt at 10,000 mails.

neomutt reads a maildir with a warm header cache, newest first, and nothing of the user's own settings. They
take turns, and the trivial Textual app with them. Aim: not above neomutt. Below: until ours takes keys.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import measure
import peer_mail
import trivial_app
from start import RAW, first_row, hold_worker, shown
from terminal import Terminal

_MUTTRC = """\
set folder = "{mails}"
set spoolfile = "{mails}"
set mbox_type = Maildir
set header_cache = "{cache}"
set sort = reverse-date-received
set read_inc = 0
set wait_key = no
set index_format = "%f %s"
"""


def neomutt(folder: Path, count: int) -> tuple[list[str], str]:
    """The command, and what only its first row shows. The header cache is warm when this returns."""
    home = folder / f"neomutt-{count}"
    mails = peer_mail.maildir(home / "mail", count)
    cache = home / "cache"
    cache.mkdir(exist_ok=True)
    rc = home / "muttrc"
    rc.write_text(_MUTTRC.format(mails=mails, cache=cache), "utf-8")
    newest = max((mails / "cur").iterdir(), key=lambda path: path.stat().st_mtime)
    sender = newest.read_text("utf-8").partition("<")[2].partition(">")[0]
    command = ["neomutt", "-n", "-F", str(rc)]
    with Terminal(command) as terminal:
        terminal.until(sender, limit=300)
    return command, sender


def missing() -> str:
    """What has to be installed; empty: nothing."""
    return "" if shutil.which("neomutt") else "neomutt is not installed"


def main() -> None:
    """The command line."""
    parser = measure.options(__doc__, 15, messages=1_000_000)
    parser.add_argument("--mails", type=int, default=10_000, help="of neomutt; default 10,000")
    given = parser.parse_args()
    config = measure.store(given.dir, given.messages)
    lock = hold_worker(config)
    command = [*measure.INBOX_TUI, "--config", str(config)]
    name = first_row(config)
    ours = f"inbox-tui, {given.messages:,} messages: first row"
    jobs = {
        ours: shown(command, name),
        f"inbox-tui, {given.messages:,} messages: takes keys": shown(command, name, RAW),
        "trivial app": shown([measure.PYTHON, trivial_app.__file__], trivial_app.ROW),
    }
    base = ours
    if not missing():
        base = f"neomutt, {given.mails:,} mails: first row"
        jobs[base] = shown(*neomutt(given.dir, given.mails))
    found = measure.rounds(jobs, given.rounds)
    lock.close()
    measure.show(measure.against(found, base), given.json)
    measure.lacks(missing(), given.json)


if __name__ == "__main__":
    main()
