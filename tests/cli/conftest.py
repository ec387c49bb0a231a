"""Calls of the command line in this process, and worlds to call it on."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from inbox_tui.cli.run import run
from inbox_tui.sandbox.runner import Sandbox


@dataclass(frozen=True)
class Answer:
    """How a call ended."""

    code: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def record(self) -> dict[str, Any]:
        [only] = self.records
        return only

    @property
    def error(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.err)
        return found


Cli = Callable[..., Answer]


@pytest.fixture
def bare(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Calls the command line with these words, and this on stdin."""

    def call(*argv: str | int, stdin: bytes = b"") -> Answer:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        code = run([str(word) for word in argv])
        got = capsys.readouterr()
        return Answer(code, got.out, got.err)

    return call


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Sandbox]:
    """Three platforms to which nobody has written yet."""
    with Sandbox(tmp_path / "world", scenario="empty") as running:
        yield running


@pytest.fixture
def cli(bare: Cli, world: Sandbox) -> Cli:
    """Calls the command line on that world."""

    def call(*argv: str | int, stdin: bytes = b"") -> Answer:
        return bare("--config", str(world.config_path), *argv, stdin=stdin)

    return call
