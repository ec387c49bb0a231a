"""For all tests: property tests find the same examples on each run, folders run on several processes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options stand here: a plain run reads the folders below only when it comes to them."""
    parser.addoption(
        "--storm-size",
        default="small",
        metavar="SIZE",
        help="how hard the tests in tests/storm try: small, full or a number",
    )


AT_MOST = 8
"""Workers. More of them start longer than they run."""


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Without -n: several processes for the suite and its folders, none but this one for a file or a test.

    Here and not in addopts, so that it works without pytest-xdist, too, and who runs one test waits for no
    workers.
    """
    option = config.option
    if not config.pluginmanager.hasplugin("xdist") or "PYTEST_XDIST_WORKER" in os.environ:
        return
    chosen = option.numprocesses is not None or option.dist != "no"
    # Only a process that ran all tests of a file knows which of its snapshots an update has left unused.
    wishes = ("usepdb", "collectonly", "keyword", "lf", "update_snapshots")
    alone = option.capture == "no" or any(config.getoption(wish, False) for wish in wishes)
    if not chosen and not alone and all(Path(arg).is_dir() for arg in config.args):
        cores: int = config.hook.pytest_xdist_auto_num_workers(config=config)
        option.numprocesses = min(max(cores, 2), AT_MOST)
        option.dist = "worksteal"
