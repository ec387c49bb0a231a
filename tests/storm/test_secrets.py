"""No secret shows: canaries in the sources, servers that repeat what they are sent, a fetch that crashes."""

from __future__ import annotations

import base64
import os
import secrets
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import trustme

from tests.storm import trap
from tests.storm.conftest import Storm

CRASH = """
import os
if os.environ.get("CRASH"):
    import inbox_tui.service.fetching as module
    def fails(*args, **named):
        password = token = args
        raise ZeroDivisionError(os.environ["CRASH"])
    module.fetch = fails
"""


class World:
    """Four accounts, each with a canary from another kind of source, on servers that repeat everything."""

    def __init__(self, folder: Path, running: ExitStack) -> None:
        self.folder = folder
        authority = trustme.CA()
        (folder / "ca.pem").write_bytes(authority.cert_pem.bytes())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        talks = (trap.imap_echoes, trap.smtp_echoes, trap.http_echoes)
        self.traps = [running.enter_context(trap.listening(talk, context, at_once=True)) for talk in talks]
        names = ("file", "command", "environment")
        self.canaries = {name: f"canary-{name}-{secrets.token_hex(8)}" for name in names}
        self._write()

    def _write(self) -> None:
        imap, smtp, http = (one.port for one in self.traps)
        mail = (
            f'channel = "email"\naddress = "help@shop.example"\nimap_host = "127.0.0.1"\nimap_port = {imap}\n'
            f'smtp_host = "127.0.0.1"\nsmtp_port = {smtp}\nca_file = "ca.pem"\npoll_seconds = 2\n'
        )
        page = (
            f'channel = "facebook"\npage_id = "1"\napi_url = "https://127.0.0.1:{http}"\nca_file = "ca.pem"\n'
        )
        shop = f'channel = "x"\nhandle = "@shop"\napi_url = "https://127.0.0.1:{http}"\nca_file = "ca.pem"\n'
        self._private("secret", self.canaries["file"])
        self._private("printed", self.canaries["command"])
        config = (
            f'store = "inbox.db"\n[accounts.mail]\n{mail}password_file = "secret"\n'
            f'[accounts.post]\n{mail}password_command = ["cat", "{self.folder}/printed"]\n'
            f'[accounts.page]\n{page}token_env = "CANARY"\n'
            f'[accounts.shop]\n{shop}token_file = "secret"\n'
        )
        (self.folder / "config.toml").write_text(config)

    def _private(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)
        (self.folder / name).chmod(0o600)

    def environment(self, **more: str) -> dict[str, str]:
        (self.folder / "crash").mkdir(exist_ok=True)
        (self.folder / "crash" / "sitecustomize.py").write_text(CRASH)
        path = os.pathsep.join([str(self.folder / "crash"), os.environ.get("PYTHONPATH", "")])
        return os.environ | {"CANARY": self.canaries["environment"], "PYTHONPATH": path, **more}

    def argv(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "inbox_tui", "--config", str(self.folder / "config.toml"), *words]

    def call(self, *words: str, **more: str) -> bytes:
        """All that a subcommand writes, however it ends."""
        done = subprocess.run(
            self.argv(*words), capture_output=True, check=False, timeout=120, env=self.environment(**more)
        )
        return done.stdout + done.stderr

    def shown(self, where: dict[str, bytes]) -> list[str]:
        """Where a canary stands that should not."""
        return [
            f"the {name} in {place}"
            for place, text in where.items()
            for name, canary in self.canaries.items()
            for form in (canary.encode(), base64.b64encode(canary.encode()), canary.encode().hex().encode())
            if form in text
        ]


def test_no_secret_shows(storm: Storm, tmp_path: Path) -> None:
    with ExitStack() as running:
        world = World(tmp_path, running)
        outputs = {"fetch": world.call("fetch"), "fetch --json": world.call("fetch", "--json")}
        heard = b"".join(bytes(one.heard) for one in world.traps)
        assert world.canaries["file"].encode() in heard, "else nothing could have shown"
        assert world.canaries["environment"].encode() in heard
        commands = [("accounts",), ("accounts", "--json"), ("check",), ("list", "--json")]
        if not storm.small:
            commands += [("doctor",), ("doctor", "--json"), ("outbox", "--json")]
        outputs |= {" ".join(words): world.call(*words) for words in commands}
        outputs["a crash"] = world.call("fetch", CRASH="crashed here")
        assert b"crashed here" in outputs["a crash"]
        outputs |= _of_a_worker(world)
        outputs |= {f"the file {path.name}": path.read_bytes() for path in _files(tmp_path)}
        found = world.shown(outputs)
        storm.note(
            f"{len(world.canaries)} canaries, {len(outputs)} outputs, {sum(map(len, outputs.values()))} bytes"
            f": {len(found)} shown"
        )
        assert found == []
        assert b"***" in outputs["accounts"], "the servers repeated it, and it was cut out"


def _of_a_worker(world: World) -> dict[str, bytes]:
    """What others on this machine see of the worker while it works, and what it writes."""
    out = world.folder / "worker.out"
    with out.open("wb") as file:
        worker = subprocess.Popen(
            world.argv("fetch", "--follow"), stdout=file, stderr=file, env=world.environment()
        )
        try:
            end = time.monotonic() + 20
            lines = b""
            while time.monotonic() < end and out.stat().st_size < 100:
                lines += b"\n".join(_command_lines(worker.pid))
                time.sleep(0.05)
            lines += b"\n".join(_command_lines(worker.pid))
        finally:
            worker.terminate()
            worker.wait(20)
    assert b"inbox_tui" in lines
    return {"ps": lines, "the worker's words": out.read_bytes()}


def _command_lines(pid: int) -> Iterator[bytes]:
    """Of a process and all that it started; of the child that reads mails also its environment."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            line = (entry / "cmdline").read_bytes()
            parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
            if str(pid) in (entry.name, parent):
                yield line
            if b"email.child" in line and parent == str(pid):
                yield (entry / "environ").read_bytes()
        except OSError:
            continue


def _files(folder: Path) -> list[Path]:
    """All that was written beside the sources themselves."""
    own = {"secret", "printed", "ca.pem", "sitecustomize.py"}
    return [path for path in folder.rglob("*") if path.is_file() and path.name not in own]
