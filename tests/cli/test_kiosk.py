"""The kiosk, by trying to get out of it: with all that an environment and a keyboard can do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from inbox_tui.model import Attachment, Capabilities
from inbox_tui.store import accounts
from tests.casework.world import NOW, World, fresh_store, mail
from tests.tui.terminal import Terminal, on_terminal

ROOT = str(Path(__file__).parents[2])
# As the documentation has it, `python -I -m inbox_tui`, but with the package that is tested here.
ISOLATED = [
    sys.executable,
    *("-I", "-c", f"import sys; sys.path.insert(0, {ROOT!r}); from inbox_tui.__main__ import main; main()"),
]
CTRL_A, CTRL_E, CTRL_P, CTRL_Z, CTRL_BACKSLASH = b"\x01", b"\x05", b"\x10", b"\x1a", b"\x1c"
ESCAPE, ENTER, CLEAR = b"\x1b[27u", b"\r", b"\x15"
MIME = (
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee it.\r\n"
    b"--b\r\nContent-Type: application/pdf\r\n"
    b'Content-Disposition: attachment; filename="bill.pdf"\r\n\r\nPDF\r\n--b--'
)


class Host:
    """A host with a store, a folder for files, and programs that leave a mark when they are started."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.files, self.mark = folder, folder / "files", folder / "escaped"
        self.files.mkdir()
        (folder / "bin").mkdir()
        for name in ("xdg-open", "editor", "sh", "nano", "vi", "vim", "bash"):
            program = folder / "bin" / name
            program.write_text(f"#!/bin/sh\necho {name} >> {self.mark}\n")
            program.chmod(0o755)
        (folder / "secret.txt").write_text("the secret of the host")
        (self.files / "inside.txt").write_text("inside")
        (self.files / "way-out").symlink_to(folder)
        with closing(fresh_store(folder / "inbox.db")) as store:
            world = World(store)
            with store.write("can") as db:
                can = Capabilities(public=False, subjects=True, max_files_bytes=1_000_000, copies=True)
                accounts.set_capabilities(db, world.accounts["mail"], can)
            one = mail(1, "ada@b.example", NOW, "See https://evil.example/page please")
            assert one.mail is not None
            bill = (Attachment("bill.pdf", "application/pdf", 3),)
            world.take("mail", replace(one, attachments=bill, mail=replace(one.mail, raw=MIME)))
        self.config('[desk]\nkiosk_folder = "files"\n')

    def config(self, text: str) -> None:
        (self.folder / "config.toml").write_text(f'[log]\nfile = "log"\n{text}')

    def argv(self, *more: str) -> list[str]:
        files = ["--config", str(self.folder / "config.toml"), "--store", str(self.folder / "inbox.db")]
        return [*ISOLATED, *files, "--agent", "anna", "--kiosk", *more]

    def environment(self) -> dict[str, str]:
        escape = str(self.folder / "bin" / "editor")
        return {
            "PATH": f"{self.folder}/bin:{os.environ['PATH']}",
            **dict.fromkeys(("EDITOR", "VISUAL", "SHELL", "PAGER", "BROWSER"), escape),
            "DISPLAY": ":0",
            "HOME": str(self.folder),
            "INBOX_TUI_CONFIG": str(self.folder / "other.toml"),
            "TEXTUAL_SCREENSHOT": "0",
            "TEXTUAL_SCREENSHOT_LOCATION": str(self.folder),
            "TEXTUAL_PRESS": "q",
            "TEXTUAL_DRIVER": "tests.cli.test_kiosk:Host",
            "TEXTUAL": "devtools,debug",
            "TEXTUAL_LOG": str(self.mark),
            "SSH_ORIGINAL_COMMAND": "sh -i",
            "_INBOX_TUI_COMPLETE": "bash_complete",
            "COMP_WORDS": "inbox-tui ",
            "COMP_CWORD": "1",
            "PYTHONINSPECT": "1",
            "PYTHONSTARTUP": escape,
            "PYTHONPATH": str(self.folder / "bin"),
        }

    def outside(self) -> set[str]:
        """All there is but the folder for files and what the store itself makes."""
        found = {str(path.relative_to(self.folder)) for path in self.folder.rglob("*")}
        return {one for one in found if not one.startswith(("files/", "inbox.db"))}

    def children(self) -> list[str]:
        """Processes that a kiosk has started."""
        found = []
        for entry in Path("/proc").iterdir():
            try:
                parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
                line = (Path("/proc") / parent / "cmdline").read_bytes()
            except (OSError, IndexError):
                continue
            if b"--kiosk" in line and str(self.folder).encode() in line:
                found.append((entry / "cmdline").read_text())
        return found


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


@contextmanager
def sitting(host: Host, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    for name, value in host.environment().items():
        monkeypatch.setenv(name, value)
    before = host.outside()
    with on_terminal(host.argv(), 120, 40) as terminal:
        terminal.until(b"ada")
        terminal.came(0.2)
        yield terminal
        assert host.children() == []
    assert host.outside() == before
    assert not host.mark.exists()


def types(terminal: Terminal, text: str, then: bytes = ENTER) -> None:
    """Into a prompt that is there."""
    for keys in (CLEAR, text.encode()):
        terminal.press(keys)
        terminal.came(0.15)
    terminal.press(then)


def test_no_key_starts_a_program(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    with sitting(host, monkeypatch) as terminal:
        terminal.press(b"r")
        terminal.until(b"Reply by")
        terminal.press(b"x" + CTRL_E)
        terminal.until(b"no editor here")
        terminal.press(ESCAPE + ESCAPE)  # the error is read; the composer closes
        terminal.until(b"Draft kept")
        terminal.press(b"o")
        terminal.until(b"Links in")
        terminal.press(ENTER)
        terminal.until(b"No link opens here")
        terminal.press(ESCAPE + CTRL_Z + CTRL_BACKSLASH)
        terminal.came(0.3)
        for wanted in (
            "screenshot",
            "suspend",
            "!sh",
            "editor",
            "command_palette",
            "app.action_suspend_process",
        ):
            terminal.press(CTRL_P)
            terminal.until(b"Act")
            types(terminal, wanted, ENTER + ESCAPE)
            terminal.until(b"quit")
        terminal.press(b"?")
        terminal.until(b"PgDn")  # it is still there, and works


@pytest.mark.parametrize(
    "to", ["/", "..", "../..", "way-out", "~", "/nonexistent/../tmp", "files/../..", "\x00"]
)
def test_no_file_is_saved_elsewhere(host: Host, monkeypatch: pytest.MonkeyPatch, to: str) -> None:
    from inbox_tui.config import load
    from inbox_tui.errors import UsageError
    from inbox_tui.inbox import confining

    config = replace(load(str(host.folder / "config.toml")), kiosk=True)
    folder = Path(to) if to != "~" else Path.home()
    with pytest.raises(UsageError):
        confining.within(config, folder)
    assert confining.within(config, Path("deep/er")) == host.files / "deep" / "er"


def test_files_come_and_go_in_their_folder_alone(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    with sitting(host, monkeypatch) as terminal:
        terminal.press(b"D")
        terminal.until(b"bill.pdf")
        terminal.press(ENTER)
        terminal.until(b"Into folder")
        types(terminal, "../")
        terminal.until(b"not in the folder")
        terminal.press(ESCAPE + b"D")
        terminal.until(b"bill.pdf")
        terminal.press(ENTER)
        terminal.until(b"Into folder")
        types(terminal, ".")
        terminal.until(b"Saved")
        assert (host.files / "bill.pdf").read_bytes().startswith(b"PDF")
        terminal.press(b"r")
        terminal.until(b"Reply by")
        for wanted in (
            str(host.folder / "secret.txt"),
            "../secret.txt",
            "way-out/secret.txt",
            "~/secret.txt",
        ):
            terminal.press(CTRL_A)
            terminal.until(b"Attach")
            types(terminal, wanted)
            shown = terminal.until(b"name ")
            assert b"the secret" not in shown
            terminal.press(ESCAPE)
            terminal.came(0.1)
        terminal.press(CTRL_A)
        terminal.until(b"Attach")
        types(terminal, "inside.txt")
        terminal.until(b"inside.txt")


def test_without_a_folder_no_file_moves(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    host.config("")
    with sitting(host, monkeypatch) as terminal:
        terminal.press(b"D")
        terminal.until(b"bill.pdf")
        terminal.press(ENTER)
        terminal.until(b"Into folder")
        terminal.press(ENTER)
        terminal.until(b"files neither come nor go here")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["list"], "opens the interface and nothing else"),
        (["note", "1", "x"], "opens the interface and nothing else"),
    ],
)
def test_no_subcommand_runs(host: Host, words: list[str], said: str) -> None:
    done = subprocess.run(
        host.argv(*words), capture_output=True, text=True, env=host.environment(), check=False
    )
    assert done.returncode == 2
    assert said in done.stderr.replace("\n", " ")


def test_the_environment_names_no_configuration(host: Host) -> None:
    environment = {**host.environment(), "INBOX_TUI_CONFIG": str(host.folder / "config.toml")}
    del environment["_INBOX_TUI_COMPLETE"]
    done = subprocess.run(
        [*ISOLATED, "--kiosk"], capture_output=True, text=True, env=environment, check=False
    )
    assert "inbox-tui --config FILE --kiosk" in done.stderr


@pytest.mark.parametrize("name", ["PYTHONINSPECT", "PYTHONSTARTUP", "PYTHONPYCACHEPREFIX"])
def test_where_python_heeded_the_environment_it_does_not_begin(host: Host, name: str) -> None:
    # With PYTHONINSPECT a kiosk that has ended goes on as a prompt of Python.
    argv = [sys.executable, "-m", "inbox_tui", *host.argv()[len(ISOLATED) :]]
    environment = {**os.environ, "PYTHONPATH": ROOT, name: "1"}
    done = subprocess.run(
        argv,
        input=b"open('escaped', 'w')\n",
        capture_output=True,
        env=environment,
        cwd=host.folder,
        check=False,
    )
    assert done.returncode == 2
    assert name in done.stderr.decode()
    assert b">>>" not in done.stdout + done.stderr
    assert not host.mark.exists()


@pytest.mark.parametrize("folder", [".", "..", "store", "/"])
def test_the_folder_for_files_holds_nothing_else(host: Host, folder: str) -> None:
    from inbox_tui.config import load
    from inbox_tui.errors import UsageError
    from inbox_tui.inbox import confining

    host.config(f'[desk]\nkiosk_folder = "{folder}"\n')
    store = str(host.folder / "store" / "inbox.db")
    config = replace(load(str(host.folder / "config.toml"), store), kiosk=True)
    with pytest.raises(UsageError, match="is in it"):
        confining.within(config, Path("x"))


@pytest.mark.parametrize("way", ["spawn", "forkserver"])
def test_no_process_starts_by_the_ways_of_multiprocessing(way: str) -> None:
    tried = (
        "import multiprocessing, subprocess\n"
        "from inbox_tui.cli import kiosk\n"
        "kiosk.shut(None, 'c')\n"
        f"try: multiprocessing.get_context({way!r}).Process(target=print).start()\n"
        "except PermissionError: print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-c", tried], capture_output=True, text=True, check=False)
    assert done.stdout == "refused\n"


def test_whatever_asks_for_it_no_program_starts() -> None:
    """The last barrier, where everything above it was forgotten."""
    tried = (
        "import os, pty, subprocess, sys\n"
        "from inbox_tui.cli import kiosk\n"
        "kiosk.forget_environment(); kiosk.shut(None, 'c')\n"
        "ways = [lambda: subprocess.run(['true']), lambda: os.system('true'), os.fork, pty.fork,\n"
        "        lambda: os.execv('/bin/true', ['true']),\n"
        "        lambda: os.posix_spawn('/bin/true', ['true'], {}),\n"
        "        lambda: os.spawnv(os.P_WAIT, '/bin/true', ['true']), lambda: os.popen('true')]\n"
        "for way in ways:\n"
        "    try: way()\n"
        "    except PermissionError: print('refused')\n"
        "print(sorted(os.environ))\n"
    )
    environment = {**os.environ, "EDITOR": "vi", "LC_ALL": "C.UTF-8", "LANG": "../../x", "TERM": "xterm"}
    done = subprocess.run(
        [sys.executable, "-c", tried], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout.splitlines() == ["refused"] * 8 + ["['HOME', 'LC_ALL', 'PATH', 'TERM']"]
