"""Tests that try to break a promise, over and over, and print what they counted.

Every test in this folder is marked `storm`. In a plain run each does a small size, of a few seconds. The full
ones are for a person who has the time: `pytest -m storm --storm-size full`. What they count stands at the end
of the run and in docs/reliability.md.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
FIGURES = "storm figures"
"""Name under which a test's figures travel with its report."""
_SIZES = "small, full or a number"


@dataclass(frozen=True)
class Storm:
    """How hard to try, and where the figures go."""

    asked: str
    """small, full or a number."""
    note: Callable[[str], None]
    """Keeps a line of figures for the end of the run."""

    def size(self, small: int, full: int) -> int:
        """How often to try: the small or the full count of this test, or the number that was asked for."""
        return {"small": small, "full": full}.get(self.asked) or int(self.asked)

    @property
    def small(self) -> bool:
        """Whether this is a plain run, where time is short."""
        return self.asked == "small"


@pytest.fixture
def storm(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> Iterator[Storm]:
    """The size of this run."""
    begun = time.monotonic()
    lines: list[str] = []
    yield Storm(request.config.getoption("--storm-size"), lines.append)
    seconds = time.monotonic() - begun
    for line in lines:
        record_property(FIGURES, f"{line} ({seconds:.0f} s)")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse a size that means nothing before anything runs."""
    asked = config.getoption("--storm-size")
    if asked not in ("small", "full") and not (asked.isdecimal() and int(asked)):
        raise pytest.UsageError(f"--storm-size is {asked}: it must be {_SIZES}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what stands here. A size that somebody asked for may take as long as it takes."""
    for item in items:
        if item.path.is_relative_to(FOLDER):
            item.add_marker("storm")
            if config.getoption("--storm-size") != "small":
                item.add_marker(pytest.mark.timeout(0))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the tests counted, also where one failed."""
    reports = [
        report
        for found in terminalreporter.stats.values()
        for report in found
        if hasattr(report, "user_properties")
    ]
    lines = {
        (report.nodeid, line)
        for report in reports
        for name, line in report.user_properties
        if name == FIGURES
    }
    if lines:
        terminalreporter.section("storm")
    for test, line in sorted(lines):
        terminalreporter.write_line(f"{test.rpartition('::')[2]}: {line}")
