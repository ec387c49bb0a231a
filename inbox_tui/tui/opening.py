"""Files and links in the programs of the agent's desktop: only ever by an act of his. Never on the loop."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from shutil import which

from inbox_tui.errors import UsageError

SHOWN = frozenset(
    [
        *("bmp", "gif", "heic", "jpeg", "jpg", "png", "tif", "tiff", "webp", "mov", "mp4", "webm", "mkv"),
        *("flac", "m4a", "mp3", "ogg", "opus", "wav", "csv", "eml", "ics", "log", "md", "txt", "vcf"),
        *("docx", "odp", "ods", "odt", "pdf", "pptx", "rtf", "xlsx"),
    ]
)
"""Ends of names of files that are looked at, not run: no pages and no drawings that hold scripts."""

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
    """Hand a link or a file to the desktop. Raises UsageError where there is none."""
    program = _program()
    _still[:] = [process for process in _still if process.poll() is None]
    try:
        process = subprocess.Popen(
            [program, target],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise UsageError(f"{program}: {error.strerror}", "y copies a link; D saves a file") from None
    try:
        code = process.wait(SOON)
    except subprocess.TimeoutExpired:
        _still.append(process)  # a program that stays for as long as it shows something
        return
    if code:
        raise UsageError(
            f"{Path(program).name} found nothing to open it with", "y copies a link; D saves a file"
        )


def _program() -> str:
    name = "open" if sys.platform == "darwin" else "xdg-open"
    found = which(name)
    if found is None and sys.platform != "darwin":
        found = which("wslview")
    if found is None:
        raise UsageError(f"there is no {name} here", "y copies a link; D saves a file")
    if found.endswith("xdg-open") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        # It would start a browser of the terminal, in the terminal that this interface has.
        raise UsageError("there is no desktop here", "y copies a link; D saves a file")
    return found
