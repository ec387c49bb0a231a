"""A desk for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.casework.world import World, check_clocks, check_supporters, check_views, fresh_store


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A desk whose books are looked through when the test is over."""
    store = fresh_store(tmp_path / "inbox.db")
    one = World(store)
    yield one
    check_views(one)
    check_clocks(one)
    check_supporters(one)
    store.close()
