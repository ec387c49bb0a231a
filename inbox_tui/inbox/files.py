"""Files: those of customers are listed, and saved where an agent says; those of agents are read for sending.

None opens by itself.
"""

from __future__ import annotations

import mimetypes
import os
import stat
from pathlib import Path

from inbox_tui.config import Config
from inbox_tui.errors import NotFound, UsageError
from inbox_tui.inbox import confining
from inbox_tui.model import OutgoingFile, ReceivedFile
from inbox_tui.store import cases, files, messages
from inbox_tui.store.engine import Store
from inbox_tui.text import file_name

MOST = 1000
"""Files of one name in one folder."""


class Files:
    """Reached as `Inbox.files`."""

    def __init__(self, store: Store, config: Config) -> None:
        self._store = store
        self._config = config

    def of_case(self, case: int) -> tuple[ReceivedFile, ...]:
        """All files of a case, oldest first, numbered from 1."""
        with self._store.reading() as db:
            timeline = messages.timeline(db, cases.lead(db, case))
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
        folder = confining.within(self._config, folder)
        content = self.content(file.message, file.place)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return _written(folder, file_name(file.file.name), content)
        except OSError as error:
            raise UsageError(f"{error.filename or folder}: {error.strerror}", "name another folder") from None

    def content(self, message: int, place: int) -> bytes:
        """What is in the file at this place of a message, from 0. Raises NotFound."""
        from inbox_tui.channels.email.body import content
        from inbox_tui.channels.email.mime import walk

        with self._store.reading() as db:
            known = messages.get(db, message)
            if known is not None and known.reply is not None:
                ours = files.content(db, known.reply, place)
                if ours is not None:
                    return ours
            raw = messages.raw(db, message)
        if raw is None:
            raise NotFound("the mail of this file is not kept", "look into the mailbox itself")
        return content(raw, walk(raw)[1], place)


def outgoing(path: Path, limit: int | None) -> OutgoingFile:
    """A file of this machine, read for sending. limit: bytes; None: none here. Raises UsageError."""
    try:
        # Without waiting: a pipe by this name would never end.
        handle = os.open(path.expanduser(), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(handle, "rb") as file:
            facts = os.fstat(handle)
            if not stat.S_ISREG(facts.st_mode):
                raise UsageError(f"{path}: not a file that can be sent", "name a file")
            if limit is not None and facts.st_size > limit:
                sizes = f"{_size(facts.st_size)}, at most {_size(limit)} can be sent"
                raise UsageError(f"{path.name}: {sizes}", "send a link to it, or less of it")
            content = file.read()
    except (OSError, RuntimeError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"{path}: {why}", "name a file that you can read") from None
    kind, packed = mimetypes.guess_type(path.name)
    media_type = kind if kind and not packed else "application/octet-stream"
    return OutgoingFile(file_name(path.name), media_type, content)


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 100_000 else f"{count / 1000:.1f} kB"


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
