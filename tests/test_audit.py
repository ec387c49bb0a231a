"""The audit of the locked packages: what was not looked up is never called clean."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
HOLE = {"id": "PYSEC-1", "fix_versions": ["9"]}


def loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audited", ROOT / ".ci" / "audited.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


audited = loaded()


class Service:
    """What is known of each package; None: it cannot be reached."""

    def __init__(self, known: dict[str, list[dict[str, Any]]] | None) -> None:
        self.known = known

    def __call__(self, service: str, requirements: Path) -> list[dict[str, Any]]:
        if self.known is None:
            return []
        answers = []
        for line in requirements.read_text("utf-8").splitlines():
            name, _, version = line.partition("==")
            said = {"vulns": self.known[name]} if name in self.known else {"skip_reason": "not found"}
            answers.append({"name": name, "version": version, **said})
        return answers


@pytest.mark.parametrize(
    ("known", "code", "said"),
    [
        ({"pyyaml": [HOLE], "a": [], "b": []}, 0, "2 packages looked up, 0 vulnerable"),
        ({"pyyaml": [HOLE], "a": [], "b": [HOLE]}, 1, "b 2: PYSEC-1, mended in 9"),
        ({"pyyaml": [HOLE], "a": []}, 2, "NOT AUDITED by pypi: b==2"),
        ({"pyyaml": [HOLE], "b": [HOLE]}, 1, "NOT AUDITED by pypi: a==1"),
        ({"pyyaml": [], "a": [], "b": []}, 2, "no witness"),
        ({}, 2, "NOT AUDITED: none of 2 packages was looked up"),
        (None, 2, "NOT AUDITED: none of 2 packages was looked up"),
    ],
)
def test_only_what_was_looked_up_is_called_clean(
    known: dict[str, list[dict[str, Any]]] | None, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audited.audit(["a==1", "b==2"], Service(known)) == code
    assert said in "".join(capsys.readouterr())


def test_an_empty_lock_is_no_audit(capsys: pytest.CaptureFixture[str]) -> None:
    assert audited.audit([], Service({"pyyaml": [HOLE]})) == 2
    assert "no package was named" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["lock.txt", "tools.txt"])
def test_a_lock_has_hashes_for_all_and_names_no_index(name: str) -> None:
    """What it names is read whole: each package is followed by its hashes."""
    lines = (ROOT / ".ci" / name).read_text("utf-8").splitlines()
    bare = [
        line for line, after in zip(lines, [*lines[1:], ""], strict=True)
        if not line.startswith(" ") and not after.startswith("    --hash=sha256:")
    ]  # fmt: skip
    assert bare == []
    assert {line.split()[0] for line in lines if not line.startswith(" ")} == audited.pinned(
        ROOT / ".ci" / name
    )
    assert not [line for line in lines if "index" in line or "://" in line]
