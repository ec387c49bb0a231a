"""Screens in tests live in UTC, without the colours or the wishes of whoever runs them, and in one thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from textual._compositor import Compositor
from textual.widget import Widget


@pytest.fixture(autouse=True)
def _plain_surroundings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.delenv("NO_COLOR", raising=False)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(autouse=True)
def _screens_in_one_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whoever asks a widget for its size may lay out the screen, which two threads at a time break."""
    astray: list[str] = []
    find = Compositor.find_widget

    def watched(compositor: Compositor, widget: Widget) -> object:
        if threading.current_thread() is not threading.main_thread():
            astray.append(f"{widget} was asked for its place by {threading.current_thread().name}")
        return find(compositor, widget)

    monkeypatch.setattr(Compositor, "find_widget", watched)
    yield
    assert astray == []
