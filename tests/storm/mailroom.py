"""A firm with a mail server on loopback, and the command line on it as a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inbox_tui.sandbox.certs import make_certificates
from inbox_tui.sandbox.faults import Faults
from inbox_tui.sandbox.mail_world import MailServer, StoredMail

ADDRESS = "help@shop.example"
PASSWORD = "correct horse"

_MEASURE = """
import os, sys
child = os.fork()
if not child:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.execv(sys.argv[1], sys.argv[1:])
_, status, used = os.wait4(child, 0)
print(os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)
"""


@dataclass(frozen=True)
class Cost:
    """What a process and those it waited for have used."""

    code: int
    cpu: float
    """Seconds."""
    memory: int
    """Bytes that the largest of them held at once."""


@dataclass
class Mailroom:
    """The server, and where the firm's files are."""

    folder: Path
    server: MailServer
    faults: Faults
    accepted: list[dict[str, object]] = field(default_factory=list)

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    @property
    def store(self) -> Path:
        return self.folder / "inbox.db"

    def deliver(self, *raws: bytes, folder: str = "INBOX") -> None:
        at = time.time_ns() // 1_000_000 - 3_600_000
        self.server.deliver_many("mail", [StoredMail(raw, at) for raw in raws], folder)

    def argv(self, *words: str | int) -> list[str]:
        return [sys.executable, "-m", "inbox_tui", "--config", str(self.config), *map(str, words)]

    def call(self, *words: str | int) -> list[dict[str, Any]]:
        """What a subcommand says that must not fail."""
        done = subprocess.run(self.argv(*words, "--json"), capture_output=True, check=False, timeout=300)
        assert done.returncode == 0, (done.stdout + done.stderr).decode()
        return [json.loads(line) for line in done.stdout.splitlines()]

    def measured(self, *words: str | int) -> Cost:
        """What a subcommand costs."""
        # By a small process: the kernel counts what whoever starts a process holds as held by it.
        argv = [sys.executable, "-I", "-S", "-c", _MEASURE, *self.argv(*words)]
        told = subprocess.run(argv, capture_output=True, check=True, timeout=300).stdout.split()
        return Cost(int(told[-3]), float(told[-2]), int(told[-1]))


@contextmanager
def opened(folder: Path, extra: str = "") -> Iterator[Mailroom]:
    """A mail server with one account, and a configuration for it. extra: further keys of the account."""
    certificates = make_certificates()
    certificates.write_ca(folder / "ca.pem")
    (folder / "password").write_text(PASSWORD)
    (folder / "password").chmod(0o600)
    accepted: list[dict[str, object]] = []
    faults = Faults()
    server = MailServer(certificates.server, faults, lambda: time.time_ns() // 1_000_000, accepted.append)
    server.add_account("mail", ADDRESS, PASSWORD)
    server.start()
    (folder / "config.toml").write_text(
        f"""store = "inbox.db"
[accounts.mail]
channel = "email"
address = "{ADDRESS}"
imap_host = "127.0.0.1"
imap_port = {server.imap_port}
smtp_host = "127.0.0.1"
smtp_port = {server.smtp_port}
ca_file = "ca.pem"
password_file = "password"
{extra}
"""
    )
    try:
        yield Mailroom(folder, server, faults, accepted)
    finally:
        server.stop()
