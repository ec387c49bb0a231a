"""What the docs list is what the code has."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import pytest

from inbox_tui.sandbox.faults import Faults

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("bench/*.md")])


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_keys_and_subcommands_are_those_of_the_code() -> None:
    for path, text in generator().pages().items():
        assert path.read_text("utf-8") == text, f"run python docs/generate.py: {path.name} is out of date"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_subcommand_named_in_the_readme_exists() -> None:
    from inbox_tui.cli.table.whole import COMMANDS

    text = (ROOT / "README.md").read_text("utf-8")
    named = set(re.findall(r"(?m)^inbox-tui ([a-z]+)", text)) | set(re.findall(r"`inbox-tui ([a-z]+)", text))
    assert named and named <= COMMANDS.keys()


def test_every_line_of_json_in_the_sandbox_page_is_json() -> None:
    text = (ROOT / "docs" / "sandbox.md").read_text("utf-8")
    lines = [line for line in text.splitlines() if line.startswith('{"')]
    assert len(lines) >= 8
    assert all(isinstance(json.loads(line), dict) for line in lines)


def test_every_fault_that_the_sandbox_page_names_can_be_switched() -> None:
    text = (ROOT / "docs" / "sandbox.md").read_text("utf-8").partition("## Faults")[2]
    faults = Faults()
    for row in re.findall(r"(?m)^\| (`.+`) \| ([a-z, ]+) \|", text):
        for name in re.findall(r"`(\w+)`", row[0]):
            for channel in row[1].split(", "):
                faults.switch({"kind": "fault", "channel": channel, "fault": name, "on": True})
