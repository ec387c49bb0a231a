"""10,000 mails from a Dovecot on loopback: stored with their raw bytes, threaded and searchable.

Ours is the whole process `inbox-tui fetch`; its peers are mbsync and then notmuch new, both into nothing.
They take turns. Aim: a fifth of both together; and the newest 50 can be seen within a second of the start.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import measure
import peer_mail

from inbox_tui.bootstrap import open_inbox
from inbox_tui.config import load

if TYPE_CHECKING:
    from tests.channels.email.dovecot import Dovecot

FIRST = 50
_SECRET = "INBOX_TUI_BENCH_SECRET"
_OURS = """\
store = "inbox.db"

[accounts.mail]
channel = "email"
address = "{address}"
password_env = "{secret}"
imap_host = "localhost"
imap_port = {port}
ca_file = "{ca}"
smtp_host = "localhost"
since_days = 1000
"""
_MBSYNC = """\
IMAPStore far
Host localhost
Port {port}
User {address}
Pass "{password}"
SSLType IMAPS
CertificateFile {ca}

MaildirStore near
Path {folder}/mail/
Inbox {folder}/mail/INBOX
SubFolders Verbatim

Channel bench
Far :far:
Near :near:
Patterns INBOX
Create Near
SyncState *
"""
_NOTMUCH = """\
[database]
path={folder}/mail
[user]
name=bench
primary_email={address}
[new]
tags=
ignore=.mbsyncstate;.mbsyncstate.lock;.mbsyncstate.journal;.mbsyncstate.new;.uidvalidity
"""


def ours(server: Dovecot, folder: Path, count: int) -> tuple[float, float]:
    """Seconds until the newest 50 can be seen, and until the process has ended."""
    config = folder / "config.toml"
    config.write_text(
        _OURS.format(address=server.address, port=server.port, ca=server.ca_file, secret=_SECRET), "utf-8"
    )
    # The store is there, as for everybody who has an account; nothing is in it.
    inbox = open_inbox(load(str(config)))
    command = [*measure.INBOX_TUI, "--config", str(config), "fetch", "--quiet"]
    begun = time.perf_counter()
    running = subprocess.Popen(command, env={**os.environ, _SECRET: server.password})
    while inbox.watch.last()[0] < FIRST and running.poll() is None:
        time.sleep(0.005)
    seen = time.perf_counter() - begun
    if running.wait():
        raise SystemExit("inbox-tui fetch failed")
    took = time.perf_counter() - begun
    times = [message.sent_at for message in inbox.watch.since(0, 0, count + 1).messages]
    if len(times) != count:
        raise SystemExit(f"{len(times):,} of {count:,} mails are stored")
    if sorted(times)[-FIRST:] != sorted(times[:FIRST]):
        raise SystemExit(f"the {FIRST} mails that were stored first are not the newest")
    inbox.close()
    return seen, took


def theirs(server: Dovecot, folder: Path, count: int) -> tuple[float, float]:
    """Seconds of mbsync, and of notmuch after it."""
    (folder / "mail").mkdir()
    values = {"folder": folder, "port": server.port, "address": server.address, "ca": server.ca_file}
    (folder / "mbsyncrc").write_text(_MBSYNC.format(password=server.password, **values), "utf-8")
    (folder / "notmuch").write_text(_NOTMUCH.format(**values), "utf-8")
    begun = time.perf_counter()
    subprocess.run(["mbsync", "--quiet", "--config", str(folder / "mbsyncrc"), "bench"], check=True)
    synced = time.perf_counter()
    found = {**os.environ, "NOTMUCH_CONFIG": str(folder / "notmuch")}
    subprocess.run(["notmuch", "new", "--quiet"], check=True, env=found)
    took = time.perf_counter() - synced
    answer = subprocess.run(["notmuch", "count", "*"], check=True, env=found, capture_output=True, text=True)
    if int(answer.stdout) != count:
        raise SystemExit(f"notmuch has {answer.stdout.strip()} of {count:,} mails")
    return synced - begun, took


def missing() -> str:
    """What has to be installed for the peers; empty: nothing."""
    lacking = [name for name in ("mbsync", "notmuch") if shutil.which(name) is None]
    return " and ".join(lacking) + " not installed" if lacking else ""


def main() -> None:
    """The command line."""
    parser = measure.options(__doc__, 3)
    parser.add_argument("--mails", type=int, default=10_000, help="default 10,000")
    given = parser.parse_args()
    if lacking := peer_mail.no_dovecot():
        raise SystemExit(lacking)
    peers = not missing()
    found: dict[str, list[float]] = {}
    with peer_mail.server(given.mails) as server:
        for _ in range(given.rounds):
            with tempfile.TemporaryDirectory(prefix="inbox-tui-sync-") as folder:
                newest, whole = ours(server, Path(folder), given.mails)
                found.setdefault(f"inbox-tui: newest {FIRST} seen", []).append(newest * 1000)
                found.setdefault("inbox-tui: all stored, threaded, searchable", []).append(whole * 1000)
            if peers:
                with tempfile.TemporaryDirectory(prefix="inbox-tui-sync-") as folder:
                    synced, indexed = theirs(server, Path(folder), given.mails)
                found.setdefault("mbsync", []).append(synced * 1000)
                found.setdefault("notmuch new", []).append(indexed * 1000)
                found.setdefault("mbsync and notmuch", []).append((synced + indexed) * 1000)
    base = "mbsync and notmuch" if peers else "inbox-tui: all stored, threaded, searchable"
    measure.show(measure.against(found, base), given.json)
    measure.lacks(missing(), given.json)


if __name__ == "__main__":
    main()
