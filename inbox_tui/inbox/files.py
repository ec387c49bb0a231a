"""Files that customers sent with their mails: listed, and saved where an agent says. None opens by itself."""

from __future__ import annotations

import os
from pathlib import Path

from inbox_tui.errors import NotFound, UsageError
from inbox_tui.model import ReceivedFile
from inbox_tui.store import messages
from inbox_tui.store.engine import Store
from inbox_tui.text import file_name

MOST = 1000
"""Files of one name in one folder."""


class Files:
    """Reached as `Inbox.files`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of_case(self, case: int) -> tuple[ReceivedFile, ...]:
        """All files of a case, oldest first, numbered from 1."""
        with self._store.reading() as db:
            timeline = messages.timeline(db, case)
        listed = [
            (message, place, file) for message in timeline for place, file in enumerate(message.attachments)
        ]
        return tuple(
            ReceivedFile(number, message.id, place, message.sent_at, message.author, file)
            for number, (message, place, file) in enumerate(listed, 1)
        )

    def save(self, file: ReceivedFile, folder: Path) -> Path:
        """Write a file into a folder, under a harmless name that is not there yet; where it is now.

        The folder is made for its owner alone where it is missing. Raises NotFound, UsageError.
        """
        content = self._content(file)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return _written(folder, file_name(file.file.name), content)
        except OSError as error:
            raise UsageError(f"{error.filename or folder}: {error.strerror}", "name another folder") from None

    def _content(self, file: ReceivedFile) -> bytes:
        from inbox_tui.channels.email.body import content
        from inbox_tui.channels.email.mime import walk

        with self._store.reading() as db:
            raw = messages.raw(db, file.message)
        if raw is None:
            raise NotFound("the mail of this file is not kept", "look into the mailbox itself")
        return content(raw, walk(raw)[1], file.place)


def _written(folder: Path, name: str, content: bytes) -> Path:
    stem, dot, extension = name.rpartition(".")
    for number in range(1, MOST):
        numbered = f"{stem}-{number}{dot}{extension}" if stem else f"{name}-{number}"
        path = folder / (name if number == 1 else numbered)
        try:
            # Never through a link, never over a file that is there.
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        except FileExistsError:
            continue
        with open(handle, "wb") as out:
            out.write(content)
        return path
    raise UsageError(f"{folder} is full of files of the name {name}", "name another folder")
