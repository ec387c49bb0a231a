"""Files and links in the programs of the agent's desktop: only ever by an act of his. Never on the loop."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from shutil import which

from inbox_tui.errors import UsageError
from inbox_tui.tui import keys

SHOWN = frozenset(
    [
        *("bmp", "gif", "heic", "jpeg", "jpg", "png", "tif", "tiff", "webp", "mov", "mp4", "webm", "mkv"),
        *("flac", "m4a", "mp3", "ogg", "opus", "wav", "csv", "eml", "ics", "log", "md", "txt", "vcf"),
        *("docx", "odp", "ods", "odt", "pdf", "pptx", "rtf", "xlsx"),
    ]
)
"""Ends of names of files that are looked at, not run: no pages and no drawings that hold scripts."""

IN_TERMINAL = frozenset(["browsh", "elinks", "links", "links2", "lynx", "w3m", "www-browser"])
"""Browsers that would draw where this interface does."""

SOON = 5.0
"""Seconds within which a desktop says that it cannot open something."""
_still: list[subprocess.Popen[bytes]] = []


def is_harmless(name: str) -> bool:
    """Whether a program that shows it would be started, and not the file itself."""
    return name.rpartition(".")[2].lower() in SHOWN


def private_folder() -> Path:
    """A folder of the agent alone, for a file that he looks at."""
    return Path(tempfile.mkdtemp(prefix="inbox-tui-"))


def open_outside(target: str) -> None:
    """Hand a link to the agent's browser, a file to the desktop. Raises UsageError where there is none."""
    words = _browser(target) if target.startswith(("http://", "https://")) else None
    if words is None:
        words = [_program(), target]
    program = words[0]
    _still[:] = [process for process in _still if process.poll() is None]
    try:
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise UsageError(f"{program}: {error.strerror}", _instead()) from None
    try:
        code = process.wait(SOON)
    except subprocess.TimeoutExpired:
        _still.append(process)  # a program that stays for as long as it shows something
        return
    if code:
        raise UsageError(f"{Path(program).name} found nothing to open it with", _instead())


def _browser(link: str) -> list[str] | None:
    """The command line of the browser that ``BROWSER`` names, as Debian's sensible-browser reads it.

    That is a list with colons; %s stands for the link. None where none of them is here, and where it is a
    browser of the terminal: this interface has that.
    """
    for command in os.environ.get("BROWSER", "").split(":"):
        try:
            words = shlex.split(command)
        except ValueError:
            continue
        if not words or which(words[0]) is None or Path(words[0]).name in IN_TERMINAL:
            continue
        if any("%s" in word for word in words[1:]):
            return [words[0], *(word.replace("%s", link) for word in words[1:])]
        return [*words, link]
    return None


def _instead() -> str:
    return f"{keys.told('links.copy')} copies a link; {keys.told('inbox.files')} saves a file"


def _program() -> str:
    name = "open" if sys.platform == "darwin" else "xdg-open"
    found = which(name)
    if found is None and sys.platform != "darwin":
        found = which("wslview")
    if found is None:
        raise UsageError(f"there is no {name} here", _instead())
    if found.endswith("xdg-open") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        # It would start a browser of the terminal, in the terminal that this interface has.
        raise UsageError("there is no desktop here", _instead())
    return found
