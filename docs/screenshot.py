"""Draws docs/inbox.svg: the interface itself on the story of the sandbox. Run: python docs/screenshot.py"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

from inbox_tui.bootstrap import open_inbox
from inbox_tui.config import load
from inbox_tui.tui.app import InboxApp

HERE = Path(__file__).parent
SIZE = (140, 38)


def main() -> None:
    """Start a world, fetch it, draw it."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "inbox_tui"]
        world = subprocess.Popen(
            [*command, "sandbox", folder, "--tied"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        try:
            assert world.stdout is not None
            world.stdout.readline()
            config = Path(folder) / "config.toml"
            fetch = [*command, "--config", str(config), "fetch", "--quiet"]
            subprocess.run(fetch, check=True)
            worker = subprocess.Popen([*fetch, "--follow", "--tied"], stdin=subprocess.PIPE)
            # Not every viewer keeps blanks at the edge of a text by itself.
            drawn = asyncio.run(_drawn(config)).replace("<text ", '<text xml:space="preserve" ')
            (HERE / "inbox.svg").write_text(drawn, encoding="utf-8")
            worker.communicate()
        finally:
            world.terminate()
            world.wait()


async def _drawn(config: Path) -> str:
    loaded = load(str(config), agent="anna")
    app = InboxApp(open_inbox(loaded), loaded)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(1.0)
        await pilot.press("enter")
        await pilot.pause(1.0)
        return app.export_screenshot(title="inbox-tui")


if __name__ == "__main__":
    main()
