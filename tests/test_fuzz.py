"""What can be fuzzed is there under its name, and says what it needs."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from tests.fuzz import TARGETS


@pytest.mark.parametrize("target", TARGETS)
def test_each_target_is_a_property(target: str) -> None:
    module, name = TARGETS[target]
    checked = getattr(import_module(module), name)
    checked.hypothesis.fuzz_one_input(b"\x01\x02\x03")


def test_an_unknown_target_is_told_which_there_are() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "tar"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "mail|imap|x" in done.stderr
