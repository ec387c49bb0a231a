"""What a power cut leaves of files: the system calls that wrote them, recorded, and played up to the cut.

A disk may keep what was written and not yet synced, drop it, or keep parts of it (torn, by sectors), in any
order. What was synced stays, and so does the length of a file that was.
"""

from __future__ import annotations

import random
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

SECTOR = 512
_CALLS = "pwrite64,pwritev,write,ftruncate,fallocate,fsync,fdatasync,unlink,unlinkat,rename"
_LINE = re.compile(
    r"^(?P<pid>\d+) +(?:<\.\.\. (?P<resumed>\w+) resumed>"
    r"|(?P<call>\w+)\((?:\d+<(?P<path>[^>]*)>)?(?P<rest>.*))"
)
_DATA = re.compile(r', "(?P<data>(?:\\x[0-9a-f]{2})*)", \d+(?:, (?P<offset>\d+))?')


@dataclass(frozen=True)
class Step:
    """One call that touched a file."""

    call: str
    """write, sync or truncate."""
    path: str
    data: bytes = b""
    offset: int | None = None
    """Where it is written; None: at the end. For truncate: the length."""


def record(command: Sequence[str], files: Iterable[Path], log: Path, folder: Path) -> list[Step]:
    """Run a command in a folder, and say what it and its children did to these files, in order."""
    watched = [word for path in files for word in ("-P", str(path))]
    how = ["-f", "--seccomp-bpf", "-y", "-xx", "-s", "1000000", "-e", f"trace={_CALLS}", "-o", str(log)]
    done = subprocess.run(
        ["strace", *how, *watched, sys.executable, *command], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    with log.open(encoding="ascii") as lines:
        return list(_steps(lines))


def _steps(lines: Iterable[str]) -> Iterable[Step]:
    under_way: dict[str, str] = {}
    """Files that are being synced, by process: they are only once the call returns."""
    for line in lines:
        found = _LINE.match(line)
        if not found:
            continue
        if found["resumed"] in ("fsync", "fdatasync"):
            yield Step("sync", under_way.pop(found["pid"]))
        if found["resumed"]:
            continue
        path = bytes.fromhex((found["path"] or "").replace("\\x", "")).decode()
        unfinished = "<unfinished" in found["rest"][-20:]
        if found["call"] in ("fsync", "fdatasync") and unfinished:
            under_way[found["pid"]] = path
        elif found["call"] in ("fsync", "fdatasync"):
            yield Step("sync", path)
        else:
            yield _change(found["call"], path, found["rest"])


def _change(call: str, path: str, rest: str) -> Step:
    if call == "ftruncate":
        return Step("truncate", path, offset=int(rest.removeprefix(", ").partition(")")[0].partition(" ")[0]))
    assert call in ("write", "pwrite64"), f"{call} is not known here"
    found = _DATA.match(rest)
    assert found, rest[:100]
    offset = found["offset"]
    data = bytes.fromhex(found["data"].replace("\\x", ""))
    return Step("write", path, data, None if offset is None else int(offset))


@dataclass
class Disk:
    """Some files: what has come to the disk, and what may have."""

    files: dict[str, bytearray]
    pending: dict[str, list[Step]] = field(default_factory=dict)

    def play(self, step: Step) -> None:
        """Let a call happen."""
        if step.call != "sync":
            self.pending.setdefault(step.path, []).append(step)
            return
        for one in self.pending.pop(step.path, []):
            _apply(self.files.setdefault(step.path, bytearray()), one)

    def cut(self, chance: random.Random) -> dict[str, bytes]:
        """The files after a cut at this moment. Of what was not synced anything may be missing."""
        left = {path: bytearray(data) for path, data in self.files.items()}
        for path, steps in self.pending.items():
            for step in steps:
                match chance.randrange(3):
                    case 0:
                        _apply(left.setdefault(path, bytearray()), step)
                    case 1 if step.call == "write":
                        for part in _torn(step, chance):
                            _apply(left.setdefault(path, bytearray()), part)
        return {path: bytes(data) for path, data in left.items()}


def _apply(file: bytearray, step: Step) -> None:
    at = len(file) if step.offset is None else step.offset
    if step.call == "truncate":
        file[:] = file[:at].ljust(at, b"\0")
        return
    if len(file) < at:
        file.extend(bytes(at - len(file)))
    file[at : at + len(step.data)] = step.data


def _torn(step: Step, chance: random.Random) -> list[Step]:
    """The sectors of a write that came to the disk."""
    begin = step.offset or 0
    edges = [begin, *range((begin // SECTOR + 1) * SECTOR, begin + len(step.data), SECTOR)]
    edges.append(begin + len(step.data))
    kept = [(a, b) for a, b in pairwise(edges) if chance.random() < 0.5]
    return [Step("write", step.path, step.data[a - begin : b - begin], a) for a, b in kept]
