"""Where files may come from and go to. In a kiosk that is one folder, by whatever way a path leads there."""

from __future__ import annotations

from pathlib import Path

from inbox_tui.config import Config
from inbox_tui.errors import UsageError


def root(config: Config) -> Path | None:
    """The one folder, all links resolved; None: any. Raises UsageError in a kiosk that has no good one."""
    if not config.kiosk:
        return None
    if not config.desk.kiosk_folder:
        raise UsageError(
            "files neither come nor go here", "whoever runs this host sets kiosk_folder in [desk]"
        )
    beside = config.path.parent if config.path else Path("/")
    folder = (beside / config.desk.kiosk_folder).resolve()
    # Who may put files there could write what a login shell or sshd reads, or send the store away by mail.
    for held in (Path.home(), config.store, config.path, Path(config.log.file) if config.log.file else None):
        if held is not None and held.resolve().is_relative_to(folder):
            raise UsageError(
                f"no files in {folder}: {held} is in it",
                "whoever runs this host names a folder for files alone",
            )
    return folder


def within(config: Config, path: Path) -> Path:
    """The path itself; in a kiosk as it stands below its folder. Raises UsageError where it leads out."""
    folder = root(config)
    if folder is None:
        return path
    try:
        found = (folder / path).resolve()
    except (OSError, RuntimeError, ValueError):
        found = Path("/")
    if not found.is_relative_to(folder):
        raise UsageError(f"{path} is not in the folder for files", f"name something in {folder}")
    return found
