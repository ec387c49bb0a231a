"""The limited process that reads mails: bytes on stdin, records on stdout, nothing else.

It has no rights to lose: little memory, little processor time a mail, no files to write, no environment
with secrets. What goes wrong here ends it, and `limits` in the parent knows at which mail.

Frames: a length (4 bytes, big-endian) and MessagePack. First the account's `Ours`, answered by an empty
frame; then again and again a list of (size, Envelope), the raw mails behind it, answered mail by mail.
"""

from __future__ import annotations

import resource
import signal
import struct
import sys
from typing import BinaryIO

import msgspec

from inbox_tui.channels.email.parse import parse
from inbox_tui.channels.email.records import Envelope, Ours

CPU_SECONDS = 1.0
"""Of processor time for a mail: with a second try that leaves out what takes long, well under two."""
MEMORY = 200 * 1024 * 1024
"""Bytes on top of what the process has when it is ready."""
LENGTH = struct.Struct("!I")
Batch = list[tuple[int, Envelope]]


def main() -> None:
    """Read until stdin ends."""
    _load()
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    ours = msgspec.msgpack.decode(_frame(source), type=Ours)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    _limit_memory()
    _write(sink, b"")
    read_batch = msgspec.msgpack.Decoder(Batch)
    encoder = msgspec.msgpack.Encoder()
    while head := _frame(source):
        # All of the batch is read before the first answer: neither side then waits for the other's pipe.
        batch = [(envelope, source.read(size)) for size, envelope in read_batch.decode(head)]
        for envelope, raw in batch:
            _limit_time()
            _write(sink, encoder.encode(parse(raw, envelope, ours)))


def _load() -> None:
    """Import now what is imported late otherwise: it must not count against the first mail."""
    import html_text
    import mailparser_reply.parser

    html_text.extract_text("<p>x</p>")
    mailparser_reply.parser.EmailMessage(text="x", languages=["en"]).read()


def _frame(source: BinaryIO) -> bytes:
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return b""
    return source.read(LENGTH.unpack(head)[0])


def _write(sink: BinaryIO, data: bytes) -> None:
    sink.write(LENGTH.pack(len(data)))
    sink.write(data)
    sink.flush()


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            now = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY, now + MEMORY))
    except (OSError, ValueError):
        return  # not Linux: there the kernel does not enforce it, and the limits of the parser itself remain


def _limit_time() -> None:
    # RLIMIT_CPU knows whole seconds alone. This signal, too, ends the process whatever it is doing.
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)


if __name__ == "__main__":
    main()
