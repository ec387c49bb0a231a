"""What opens a link: the browser that the agent named, and never one that would draw over the interface."""

from __future__ import annotations

from pathlib import Path

import pytest

from inbox_tui.errors import UsageError
from inbox_tui.tui import opening

LINK = "https://shop.example/a?b=c%20d&e='f'"


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A browser that writes down what it was given, and where it does."""
    program, told = tmp_path / "look", tmp_path / "told"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {told}\n')
    program.chmod(0o755)
    monkeypatch.setenv("DISPLAY", "")
    monkeypatch.setenv("WAYLAND_DISPLAY", "")
    return program, told


@pytest.mark.parametrize("form", ["{}", "/nowhere/at-all:{}", "{} %s", "w3m:{}"])
def test_a_link_goes_to_the_browser_that_is_named(
    browser: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    program, told = browser
    monkeypatch.setenv("BROWSER", form.format(program))
    opening.open_outside(LINK)
    assert told.read_text() == f"{LINK}\n"


def test_options_of_the_browser_are_kept(browser: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    program, told = browser
    monkeypatch.setenv("BROWSER", f"{program} --new '--at=%s'")
    opening.open_outside(LINK)
    assert told.read_text() == f"--new\n--at={LINK}\n"


@pytest.mark.parametrize("named", ["", "w3m", "'not closed"])
def test_a_browser_of_the_terminal_is_none(
    browser: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.setenv("BROWSER", named)
    monkeypatch.setenv("PATH", str(browser[0].parent))
    with pytest.raises(UsageError):
        opening.open_outside(LINK)


def test_a_file_is_no_matter_of_the_browser(
    browser: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    program, told = browser
    monkeypatch.setenv("BROWSER", str(program))
    monkeypatch.setenv("PATH", str(program.parent))
    with pytest.raises(UsageError):
        opening.open_outside("/tmp/photo.png")
    assert not told.exists()
