"""As few threads on a large machine as on a small one: each keeps a connection to the store."""

from __future__ import annotations

import asyncio
import os
import threading

import pytest

from tests.tui.driver import Driver, drive
from tests.tui.fake import story

MANY, FEW = 64, 8


def test_few_threads_on_a_large_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: MANY)

    async def steps(_: Driver) -> None:
        done = threading.Event()
        waiting = [asyncio.to_thread(done.wait, 30) for _ in range(MANY)]
        together = asyncio.gather(*waiting)
        await asyncio.sleep(0.2)
        at_once = [one for one in threading.enumerate() if one.name.startswith(("asyncio", "interface"))]
        done.set()
        assert all(await together)
        assert 2 <= len(at_once) <= FEW

    drive(story(), steps)
