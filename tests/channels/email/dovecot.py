"""Debian's Dovecot as a throwaway: its own directory, its own user, its own certificates, a port of its own.

Dovecot refuses to run its mail processes as root, so as root it is started as nobody. Used by this channel's
tests and by the end-to-end tests.
"""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import trustme
from imapclient import IMAPClient, SocketTimeout

if TYPE_CHECKING:
    from collections.abc import Iterator

BINARY = shutil.which("dovecot") or next((p for p in ("/usr/sbin/dovecot",) if Path(p).exists()), None)
_START_SECONDS = 20.0

_CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/dovecot.log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 0
first_valid_gid = 0
ssl = required
ssl_cert = <{home}/server.pem
ssl_key = <{home}/server.key
auth_mechanisms = plain login
auth_failure_delay = 0
mail_location = maildir:~/Maildir
passdb {{
  driver = passwd-file
  args = {home}/users
}}
userdb {{
  driver = passwd-file
  args = {home}/users
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


def why_not() -> str:
    """Why Dovecot cannot be used here; empty where it can."""
    if BINARY is None:
        return "Dovecot is not installed (Debian: apt-get install dovecot-imapd)"
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        return "Dovecot does not run as root, and setpriv is not installed"
    version = subprocess.run([BINARY, "--version"], capture_output=True, text=True, check=False).stdout
    return (
        "" if version.startswith("2.3.") else f"Dovecot {version.strip()}: its configuration is another one"
    )


@dataclass
class Dovecot:
    """A running server with one mailbox."""

    home: Path
    port: int
    ca_file: Path
    address: str
    password: str
    process: subprocess.Popen[bytes] = field(repr=False)

    @contextmanager
    def client(self) -> Iterator[IMAPClient]:
        """A client of the mailbox's owner."""
        context = ssl.create_default_context(cafile=str(self.ca_file))
        client = IMAPClient("localhost", self.port, ssl_context=context, timeout=SocketTimeout(10, 20))
        try:
            client.login(self.address, self.password)
            yield client
        finally:
            client.shutdown()

    def deliver(self, mails: Iterable[tuple[bytes, int]], folder: str = "INBOX") -> None:
        """Put mails into a folder, each with its INTERNALDATE in milliseconds UTC."""
        with self.client() as client:
            if not client.folder_exists(folder):
                client.create_folder(folder)
            client.multiappend(
                folder,
                [{"msg": raw, "date": datetime.fromtimestamp(at / 1000, UTC)} for raw, at in mails],
            )

    def stop(self) -> None:
        """End it and remove its directory."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)


def start(address: str = "help@shop.example", password: str = "correct horse") -> Dovecot:
    """Start it; returns when it answers. Raises RuntimeError with its log where it does not."""
    user, group, prefix = _who()
    # A short path: the names of its sockets must fit into 108 bytes.
    home = Path(tempfile.mkdtemp(prefix="dc-"))
    port = _free_port()
    _write(home, user, group, port, address, password)
    if prefix:
        for path in [home, *home.rglob("*")]:
            shutil.chown(path, user, group)
    process = subprocess.Popen(
        [*prefix, str(BINARY), "-F", "-c", str(home / "dovecot.conf")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    server = Dovecot(home, port, home / "ca.pem", address, password, process)
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return server
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                log = home / "dovecot.log"
                text = log.read_text() if log.exists() else "(no log)"
                server.stop()
                raise RuntimeError(f"Dovecot does not start:\n{text}") from None
            time.sleep(0.02)


def _who() -> tuple[str, str, list[str]]:
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name, []
    return "nobody", "nogroup", ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]


def _write(home: Path, user: str, group: str, port: int, address: str, password: str) -> None:
    ca = trustme.CA()
    certificate = ca.issue_cert("localhost", "127.0.0.1")
    ca.cert_pem.write_to_path(str(home / "ca.pem"))
    for pem in certificate.cert_chain_pems:
        pem.write_to_path(str(home / "server.pem"), append=True)
    certificate.private_key_pem.write_to_path(str(home / "server.key"))
    for name in ("run", "state", "mail"):
        (home / name).mkdir()
    ids = pwd.getpwnam(user)
    gid = grp.getgrnam(group).gr_gid
    (home / "users").write_text(f"{address}:{{PLAIN}}{password}:{ids.pw_uid}:{gid}::{home}/mail::\n")
    (home / "dovecot.conf").write_text(_CONFIG.format(home=home, user=user, group=group, port=port))
    home.chmod(0o755)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
