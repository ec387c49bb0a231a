"""notmuch over the same texts: a maildir of the benches' customers, its index, and the time of a search.

What is one case of ours is one thread of mails there, so that both list the same fifty. Builds everything in
a folder of its own, with a configuration of its own: the user's mail is not touched.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

import world

from inbox_tui.inbox import wall_clock
from inbox_tui.model import Incoming


def missing() -> str:
    """What has to be installed first; empty: nothing."""
    return "" if shutil.which("notmuch") else "notmuch is not installed"


def index(folder: Path, messages: int) -> float:
    """Write the mails and let notmuch index them, once: the seconds that it took, 0 where it was there."""
    ready = folder / "indexed"
    if ready.exists():
        return 0.0
    inbox = folder / "mail" / "cur"
    for name in ("cur", "new", "tmp"):
        (folder / "mail" / name).mkdir(parents=True, exist_ok=True)
    for number, mail in enumerate(_mails(messages)):
        (inbox / f"{number}.bench:2,S").write_bytes(mail)
    (folder / "config").write_text(
        f"[database]\npath={folder / 'mail'}\n[user]\nname=bench\nprimary_email=bench@shop.example\n"
        "[new]\ntags=\n[search]\nexclude_tags=\n[maildir]\nsynchronize_flags=false\n",
        encoding="utf-8",
    )
    begun = time.perf_counter()
    _run(folder, "new", "--quiet")
    took = time.perf_counter() - begun
    ready.touch()
    return took


def search(folder: Path, query: str, limit: int) -> tuple[int, float]:
    """The newest hits of a query: how many, and milliseconds of the whole process.

    Asked for are lines with date, writer and subject, as our rows have them; ids alone are quicker to print.
    """
    begun = time.perf_counter()
    found = _run(folder, "search", "--output=summary", "--sort=newest-first", f"--limit={limit}", query)
    return found.count("\n"), (time.perf_counter() - begun) * 1000


def nothing(folder: Path) -> float:
    """Milliseconds of a process that only opens the index: what to take off a search's time."""
    begun = time.perf_counter()
    _run(folder, "count", "id:none@none.example")
    return (time.perf_counter() - begun) * 1000


def _run(folder: Path, *words: str) -> str:
    environment = {**os.environ, "NOTMUCH_CONFIG": str(folder / "config")}
    done = subprocess.run(
        ["notmuch", *words], env=environment, check=True, capture_output=True, text=True, timeout=3600
    )
    return done.stdout


def _mails(count: int) -> Iterator[bytes]:
    for story in world.stories(count // world.MESSAGES_A_CASE, wall_clock()):
        for place, message in enumerate(story.messages):
            yield _mail(story.number, place, message)


def _mail(case: int, place: int, message: Incoming) -> bytes:
    first = case * world.MESSAGES_A_CASE
    number = first + place
    mail = EmailMessage(policy=SMTP)
    name = "".join(char for char in message.author.name if char.isalnum() or char == " ")
    mail["From"] = f"{name} <w{number}@customer.example>"
    mail["To"] = "service@shop.example"
    mail["Subject"] = message.subject or "message"
    mail["Date"] = format_datetime(datetime.fromtimestamp(message.sent_at / 1000, UTC))
    mail["Message-ID"] = f"<{number}@bench.example>"
    if place:
        mail["References"] = " ".join(f"<{earlier}@bench.example>" for earlier in range(first, number))
    mail.set_content(message.text)
    return mail.as_bytes()
