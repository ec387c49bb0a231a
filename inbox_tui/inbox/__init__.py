"""What an agent can do. TUI and CLI act through `Inbox` and through nothing else."""

from __future__ import annotations

from inbox_tui.inbox.door import Inbox, wall_clock

__all__ = ["Inbox", "wall_clock"]
