"""A whole sandbox in one directory: its servers, its config, its files.

Owns the directory (config.toml, secrets/, ca.pem, sent.jsonl, incoming.jsonl, errors.jsonl) and the order in
which things start and stop. It holds no rule of any platform, and it prints nothing.
"""

from __future__ import annotations

import json
import os
import secrets
import shlex
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from inbox_tui.sandbox.acts import Stage
from inbox_tui.sandbox.certs import make_certificates
from inbox_tui.sandbox.faults import Faults
from inbox_tui.sandbox.graph_api import GraphServer
from inbox_tui.sandbox.graph_world import GraphWorld
from inbox_tui.sandbox.journal import Follower, Journal
from inbox_tui.sandbox.mail_world import MailServer
from inbox_tui.sandbox.oauth_api import App, OAuthServer
from inbox_tui.sandbox.x_api import XServer
from inbox_tui.sandbox.x_world import XWorld

ADDRESS = "help@shop.example"
HANDLE = "@shop"

Scenario = Literal["story", "load", "empty"]
SmtpSecurity = Literal["tls", "starttls"]

_MARK = "# Written by the sandbox of inbox-tui, and written anew at each start."


@dataclass(frozen=True, slots=True)
class Ready:
    """What a sandbox says once it can be used."""

    directory: Path
    config: Path
    store: Path
    pid: int
    ports: Mapping[str, int]
    """x, facebook, oauth, imap, smtp, smtp_starttls."""

    def as_json(self) -> str:
        """One line of JSON, without its newline."""
        return json.dumps(
            {
                "type": "ready",
                "directory": str(self.directory),
                "config": str(self.config),
                "store": str(self.store),
                "pid": self.pid,
                "ports": dict(self.ports),
            }
        )


class Sandbox:
    """A small world. Starts once; also a context manager."""

    def __init__(
        self,
        directory: Path,
        *,
        scenario: Scenario = "story",
        load: int = 0,
        lively: bool = False,
        now: Callable[[], int] | None = None,
        smtp_security: SmtpSecurity = "tls",
    ) -> None:
        """``load``: how many messages scenario "load" makes. ``lively``: people go on writing, and answer.
        ``now``: milliseconds UTC, None is the clock.
        """
        self.directory = directory.absolute()
        self.config_path = self.directory / "config.toml"
        self.store_path = self.directory / "inbox.db"
        self.now = now or _clock
        self.faults = Faults()
        self._scenario = scenario
        self._load = load
        self._lively = lively
        self._smtp_security = smtp_security
        self._running = ExitStack()
        self._prepare_directory()
        self.journal = Journal(self.directory / "sent.jsonl")
        self._certificates = make_certificates()
        tls = self._certificates.server
        self.x = XWorld(now=self.now, on_accept=self.journal.append)
        self._shop = self.x.add_account("shop", HANDLE, "Shop")
        self.graph = GraphWorld(self.now, token=secrets.token_hex(20), on_accept=self.journal.append)
        self.mail = MailServer(tls, self.faults, self.now, self.journal.append)
        self._help = self.mail.add_account("mail", ADDRESS, secrets.token_hex(12))
        self.oauth = OAuthServer(self.now, self.faults, tls)
        for app in (App("sandbox-mail", ADDRESS), App("sandbox-x", "shop"), App("sandbox-page", "page")):
            self.oauth.add_app(app)
        self.mail.token_holder = self.x.token_holder = self.oauth.holder
        self._x_server = XServer(self.x, self.faults, tls)
        self._graph_server = GraphServer(self.graph, self.faults, tls)
        self._graph_server.user_token = lambda token: self.oauth.holder(token) == "page"
        self._stage = Stage(self.faults, (self.x, self._shop), self.graph, (self.mail, self._help), self.now)

    def start(self) -> Ready:
        """Bind the ports, write the files, let the scenario happen, follow incoming.jsonl.

        Raises OSError where the directory cannot be written. A failed start leaves nothing running.
        """
        try:
            return self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop everything and wait for it; the files stay. A second call does nothing."""
        self._running.close()
        self._x_server.stop()
        self._graph_server.stop()
        self.oauth.stop()
        self.mail.stop()
        self.journal.close()

    def play(self, act: Mapping[str, object]) -> str:
        """Let an act happen as if it stood in incoming.jsonl; returns the id of what it made.

        Raises ValueError, with what to write instead, for an act that cannot be played.
        """
        return self._stage.play(act)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start(self) -> Ready:
        self._x_server.start()
        self._graph_server.start()
        self.oauth.start()
        self.mail.start()
        self._tell()
        self._write_files()
        follower = Follower(self.directory / "incoming.jsonl", self.directory / "errors.jsonl", self.play)
        self._running.callback(follower.stop)
        follower.start()
        if self._lively:
            from inbox_tui.sandbox.crowd import Crowd

            ours = [post.id for post in self.graph.feed() if post.author is self.graph.page]
            crowd = Crowd(self, ours)
            self._running.callback(crowd.stop)
            crowd.start()
        return Ready(self.directory, self.config_path, self.store_path, os.getpid(), self._ports())

    def _tell(self) -> None:
        if self._scenario == "story":
            from inbox_tui.sandbox import story

            story.tell(self)
        elif self._scenario == "load":
            from inbox_tui.sandbox import load

            load.fill(self, self._load)

    def _ports(self) -> dict[str, int]:
        return {
            "x": _port(self._x_server.url),
            "facebook": _port(self._graph_server.url),
            "oauth": _port(self.oauth.url),
            "imap": self.mail.imap_port,
            "smtp": self.mail.smtp_port,
            "smtp_starttls": self.mail.starttls_port,
        }

    def _prepare_directory(self) -> None:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.directory / "secrets").mkdir(mode=0o700, exist_ok=True)
        if self.config_path.exists() and not self.config_path.read_bytes().startswith(_MARK.encode()):
            raise FileExistsError(
                f"{self.config_path} was not written by a sandbox and stays as it is; name another directory"
            )

    def _write_files(self) -> None:
        for name, secret in (
            ("shop", self._shop.bearer_token),
            ("page", self.graph.token),
            ("mail", self._help.password),
        ):
            _write_secret(self.directory / "secrets" / name, secret)
        self._certificates.write_ca(self.directory / "ca.pem")
        fresh = self.directory / "config.toml.new"
        fresh.write_text(self._config(), encoding="utf-8")
        fresh.replace(self.config_path)
        (self.directory / "accounts.txt").write_text(self._accounts(), encoding="utf-8")

    def _accounts(self) -> str:
        """What `init` asks for, so that it can be tried without an account of one's own."""
        smtp_port = self.mail.smtp_port if self._smtp_security == "tls" else self.mail.starttls_port
        base = self.directory.absolute()
        mail = f"--imap-host 127.0.0.1 --imap-port {self.mail.imap_port} --smtp-host 127.0.0.1"
        mail += f" --smtp-port {smtp_port} --smtp-security {self._smtp_security}"
        accounts = {
            "mail": f"email --address {ADDRESS} {mail}",
            "shop": f"x --handle {HANDLE} --api-url {self._x_server.url}",
            "page": f"facebook --page-id {self.graph.page.id} --api-url {self._graph_server.url}",
        }
        apps = {"mail": "sandbox-mail", "shop": "sandbox-x", "page": "sandbox-page"}
        providers = {"mail": "microsoft", "shop": "x", "page": "facebook"}
        files = {name: shlex.quote(str(base / "secrets" / name)) for name in accounts}
        ca_file = shlex.quote(str(base / "ca.pem"))
        by_secret = "".join(
            f"inbox-tui init {line} --name {name} --ca-file {ca_file} --secret-file {files[name]}\n"
            for name, line in accounts.items()
        )
        by_oauth = "".join(
            f"# inbox-tui init {line} --name {name}2 --ca-file {ca_file} --oauth {providers[name]}"
            f" --client-id {apps[name]} --oauth-url {self.oauth.url}\n"
            for name, line in accounts.items()
        )
        return f"{by_secret}# The same accounts by OAuth, in a browser:\n{by_oauth}"

    def _config(self) -> str:
        smtp_port = self.mail.smtp_port if self._smtp_security == "tls" else self.mail.starttls_port
        return f"""\
{_MARK}
store = "inbox.db"

[log]
file = "inbox-tui.log"

[accounts.shop]
channel = "x"
handle = "{HANDLE}"
api_url = "{self._x_server.url}"
ca_file = "ca.pem"
token_file = "secrets/shop"
poll_seconds = 2
since_days = 14

[accounts.page]
channel = "facebook"
page_id = "{self.graph.page.id}"
api_url = "{self._graph_server.url}"
ca_file = "ca.pem"
token_file = "secrets/page"
poll_seconds = 2

[accounts.mail]
channel = "email"
address = "{ADDRESS}"
name = "Shop help"
imap_host = "127.0.0.1"
imap_port = {self.mail.imap_port}
smtp_host = "127.0.0.1"
smtp_port = {smtp_port}
smtp_security = "{self._smtp_security}"
username = "{ADDRESS}"
password_file = "secrets/mail"
ca_file = "ca.pem"
plus_address = true
folders = ["INBOX"]
sent_folder = "Sent"
poll_seconds = 2
signature = "Your team at Shop Example"

[templates.sorry]
text = "Hello {{person.first_name}},\\n\\nsorry for the wait.\\n\\n{{agent.name}}"

[templates.parcel]
text = "Hello {{person.first_name}},\\n\\nyour parcel {{order.number}} has left today.\\n\\n{{agent.name}}"

[templates.entschuldigung]
text = "Guten Tag, {{person.name}},\\n\\nbitte entschuldigen Sie die Wartezeit.\\n\\n{{agent.name}}"
language = "de"
channel = "email"
"""


def _clock() -> int:
    return time.time_ns() // 1_000_000


def _port(url: str) -> int:
    return int(url.rpartition(":")[2])


def _write_secret(path: Path, secret: str) -> None:
    path.unlink(missing_ok=True)
    # O_EXCL: nobody has put a link or a readable file of this name there meanwhile.
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(file, "w", encoding="utf-8") as out:
        out.write(secret + "\n")
