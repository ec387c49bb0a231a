"""Reads mails in a child process with limits, so that no mail can stop the fetching. Owns that process.

A mail that ends the child is tried once more in a fresh one without what can take long; if that fails
too it is kept raw with the reason, and the next mail goes on.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

import msgspec

from inbox_tui.channels.email.child import LENGTH
from inbox_tui.channels.email.records import Envelope, Ours
from inbox_tui.errors import Temporary
from inbox_tui.model import Author, Direction, Incoming, MailFacts
from inbox_tui.records import replace

Mail = tuple[Envelope, bytes]
_BATCH_BYTES = 4_000_000
_BATCH_MAILS = 200
_PIPE_BYTES = 1 << 20
"""The child writes so much before it waits for whoever reads: the records of most pages."""
_LARGEST_ANSWER = 64_000_000
_PATIENCE = 120.0
"""Seconds until a child that does not answer is ended: far more than its processor time."""
_OURS = msgspec.msgpack.Encoder()
_ANSWER = msgspec.msgpack.Decoder(Incoming)


class _Died(Exception):
    """The child ended; says why, in words."""


class MailReader:
    """Turns raw mails into records. Used by one thread."""

    def __init__(self, ours: Ours) -> None:
        self._ours = ours
        self._child: subprocess.Popen[bytes] | None = None
        self._ready = False
        self._todo: list[Mail] = []
        self._asked: list[Mail] = []
        """What the child is at, of those to be read."""
        self._came = bytearray()
        """What it wrote and nobody has looked at yet."""

    def start(self) -> None:
        """Start the child ahead of need, without waiting for it."""
        if self._child is None:
            self._child = subprocess.Popen(
                [sys.executable, "-P", "-m", "inbox_tui.channels.email.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,  # Ctrl-C in a terminal is not for it
            )
            _widen(self._child.stdout)

    def close(self) -> None:
        """End the child; safe to call twice."""
        child, self._child, self._ready, self._asked = self._child, None, False, []
        self._came.clear()
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    pass  # what was still buffered for a dead child

    def read(self, mails: Sequence[Mail]) -> list[Incoming]:
        """A record for each mail, in the same order. Raises Temporary where no child can be started."""
        self.begin(mails)
        return self.finish()

    def begin(self, mails: Sequence[Mail]) -> None:
        """Hand mails over: the child reads them meanwhile, and `finish` has the records.

        Mails that were begun and not finished are forgotten. Raises Temporary where no child can be started.
        """
        if self._asked:
            self.close()
        self._todo = list(mails)
        if self._todo:
            self._ask()

    def finish(self) -> list[Incoming]:
        """The records of what was begun, in its order. Raises Temporary where no child can be started."""
        out: list[Incoming] = []
        todo = self._todo
        while todo:
            if not self._asked:
                self._ask()
            batch = self._asked
            done, reason = self._answers(batch)
            out += [_complete(*pair) for pair in zip(done, batch, strict=False)]
            del todo[: len(done)]
            if not reason:
                continue
            envelope, raw = todo[0]
            if envelope.light:
                out.append(_complete(_unread(envelope, reason), todo.pop(0)))
            else:
                todo[0] = (replace(envelope, light=True), raw)
        return out

    def _ask(self) -> None:
        """Send the child the next of them."""
        self._make_ready()
        self._asked = _batch(self._todo)
        try:
            self._send(_request(self._asked))
        except _Died:
            pass  # there will be no answer: whoever waits for it learns why

    def _answers(self, batch: list[Mail]) -> tuple[list[Incoming], str]:
        """What the child answered, and why it went no further."""
        done: list[Incoming] = []
        try:
            for _ in batch:
                done.append(_ANSWER.decode(self._answer()))
            self._asked = []
        except _Died as death:
            self.close()
            return done, str(death)
        except msgspec.MsgspecError:
            self.close()
            return done, "its reader gave a broken answer"
        return done, ""

    def _make_ready(self) -> None:
        if self._ready:
            return
        try:
            self.start()
            self._send([_framed(_OURS.encode(self._ours))])
            self._answer()
        except (_Died, OSError) as error:
            self.close()
            raise Temporary(
                f"the process that reads mails does not start: {error}", "run inbox-tui doctor"
            ) from None
        self._ready = True

    def _send(self, chunks: Iterable[bytes]) -> None:
        stdin, _ = self._pipes()
        try:
            for chunk in chunks:
                stdin.write(chunk)
            stdin.flush()
        except BrokenPipeError:
            raise _Died(self._cause()) from None

    def _answer(self) -> bytes:
        length = LENGTH.unpack(self._exactly(LENGTH.size))[0]
        if length > _LARGEST_ANSWER:
            raise _Died("its reader gave an answer without measure")
        return self._exactly(length)

    def _exactly(self, size: int) -> bytes:
        # All that is there is taken at once: of small mails that is many answers.
        _, stdout = self._pipes()
        came = self._came
        while len(came) < size:
            if not select.select([stdout], [], [], _PATIENCE)[0]:
                raise _Died("its reader did not answer")
            chunk = os.read(stdout.fileno(), _PIPE_BYTES)
            if not chunk:
                raise _Died(self._cause())
            came += chunk
        data = bytes(came[:size])
        del came[:size]
        return data

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._child is None or self._child.stdin is None or self._child.stdout is None:
            raise _Died("its reader is not running")
        return self._child.stdin, self._child.stdout

    def _cause(self) -> str:
        if self._child is None:
            return "its reader is not running"
        try:
            code = self._child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return "its reader closed the line"
        if code == -signal.SIGPROF:
            return "reading it takes too long"
        return "reading it needs too much memory or breaks the reader"


def _widen(pipe: IO[bytes] | None) -> None:
    """So that the child need not wait for us after every few mails; where the system has it so, it does."""
    change = getattr(fcntl, "F_SETPIPE_SZ", None)  # Linux alone
    if pipe is not None and change is not None:
        try:
            fcntl.fcntl(pipe, change, _PIPE_BYTES)
        except OSError:
            return  # more than this user may have


def _batch(todo: list[Mail]) -> list[Mail]:
    size = 0
    batch: list[Mail] = []
    for envelope, raw in todo[:_BATCH_MAILS]:
        size += len(raw)
        # A second try goes alone: its reader may end again.
        if batch and (size > _BATCH_BYTES or envelope.light or batch[0][0].light):
            break
        batch.append((envelope, raw))
    return batch


def _request(batch: list[Mail]) -> Iterator[bytes]:
    yield _framed(_OURS.encode([(len(raw), envelope) for envelope, raw in batch]))
    for _, raw in batch:
        yield raw


def _framed(data: bytes) -> bytes:
    return LENGTH.pack(len(data)) + data


def _complete(incoming: Incoming, mail: Mail) -> Incoming:
    envelope, raw = mail
    facts = incoming.mail or MailFacts()
    # Mails of which the server gives nothing are not all the same mail.
    digest = hashlib.sha256(raw or envelope.external_id.encode()).hexdigest()
    return replace(incoming, mail=replace(facts, raw=raw, digest=digest))


def _unread(envelope: Envelope, reason: str) -> Incoming:
    return Incoming(
        external_id=envelope.external_id,
        thread_key="",
        author=Author(kind="email", value=None),
        direction=Direction.OUT if envelope.sent_folder else Direction.IN,
        text="",
        sent_at=envelope.sent_at,
        can_reply=False,
        why_not="the mail could not be read",
        mail=MailFacts(unparsed=reason),
    )


def _environment() -> dict[str, str]:
    """Nothing of ours: the environment may hold secrets, and the child reads what strangers wrote."""
    return {"PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path), "PYTHONUTF8": "1"}
