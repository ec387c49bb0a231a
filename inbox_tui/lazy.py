"""Modules that are imported when first used: a list needs few of them, and scripts call it often."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Lazy:
    """Stands for a module of this package until somebody asks for anything in it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, wanted: str) -> Any:
        return getattr(import_module(f"inbox_tui.{self._name}"), wanted)
