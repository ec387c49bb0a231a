"""A text in the agent's own editor. While it has the terminal, the interface stands still."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import tempfile
from pathlib import Path
from shutil import which

from inbox_tui.errors import UsageError
from inbox_tui.tui import keys

_USUAL = ("nano", "vim", "vi")


def command() -> list[str]:
    """What VISUAL or EDITOR names, with its arguments; else one that is usually there. Raises UsageError."""
    for name in ("VISUAL", "EDITOR"):
        wanted = os.environ.get(name, "")
        try:
            found = shlex.split(wanted)
        except ValueError as error:
            raise UsageError(f"{name} cannot be read: {error}", "export EDITOR=nano") from None
        if found:
            return found
    usual = next((one for one in _USUAL if which(one)), None)
    if usual is None:
        raise UsageError("there is no editor", "export EDITOR=nano")
    return [usual]


def edit(text: str) -> str:
    """The text as it is after the editor; the terminal must be free. Raises UsageError: the text stays."""
    argv = command()
    with tempfile.TemporaryDirectory(prefix="inbox-tui-") as folder:
        # The folder is its owner's alone: what stands in it are a customer's matters.
        path = Path(folder) / "reply.txt"
        path.write_text(text + "\n", encoding="utf-8")
        # Ctrl+C in the editor is for the editor.
        before = signal.signal(signal.SIGINT, lambda *_: None)
        try:
            code = subprocess.run([*argv, str(path)], check=False).returncode
        except OSError as error:
            raise UsageError(f"{argv[0]}: {error.strerror}", "export EDITOR=nano") from None
        finally:
            signal.signal(signal.SIGINT, before)
        if code:
            raise UsageError(
                f"{argv[0]} ended with {code}: the text is as before",
                f"{keys.told('composer.editor')} tries it again",
            )
        try:
            return path.read_text(encoding="utf-8").rstrip("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"what {argv[0]} left cannot be read: {error}", "save it as UTF-8") from None
