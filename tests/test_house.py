"""The order of the house: who imports whom, and how large a room may be."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "inbox_tui"
MODULES = sorted(PACKAGE.rglob("*.py"))
NETWORK = {
    "socket",
    "socketserver",
    "ssl",
    "http",
    "imaplib",
    "smtplib",
    "poplib",
    "ftplib",
    "telnetlib",
    "xmlrpc",
}
NETWORK |= {"requests", "urllib3", "tweepy", "imapclient", "aiohttp", "httpx"}
SQLITE = {"sqlite3", "pysqlite3", "sqlite_utils"}
SCREEN = {"textual", "rich"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def importing(modules: set[str], paths: list[Path], *rooms: str) -> list[str]:
    """Files outside the rooms that import one of the modules."""
    outside = [path for path in paths if not any(path.is_relative_to(PACKAGE / room) for room in rooms)]
    return [
        f"{name(path)} imports {module}"
        for path in outside
        for module in sorted(set(imports(path)))
        if module.partition(".")[0] in modules
    ]


def test_imports_point_downwards() -> None:
    pytest.importorskip("importlinter", reason="import-linter is not installed: pip install '.[lint]'")
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", code, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_only_channels_and_sandbox_open_sockets() -> None:
    assert importing(NETWORK, MODULES, "channels", "sandbox") == []
    urls = [f for f in MODULES if "urllib.request" in imports(f)]
    assert [name(f) for f in urls if f.relative_to(PACKAGE).parts[0] not in ("channels", "sandbox")] == []


def test_only_the_store_imports_sqlite() -> None:
    # In the tests too: two SQLite libraries on one file in one process break its locks.
    tests = [path for folder in ("tests", "bench") for path in sorted((ROOT / folder).rglob("*.py"))]
    assert importing(SQLITE, MODULES + tests, "store") == []


def test_only_the_tui_imports_textual() -> None:
    assert importing(SCREEN, MODULES, "tui") == []


def test_only_the_subcommands_demo_and_sandbox_import_the_sandbox() -> None:
    outside = [path for path in MODULES if not path.is_relative_to(PACKAGE / "sandbox")]
    found = {name(path) for path in outside if any(m.startswith("inbox_tui.sandbox") for m in imports(path))}
    assert found <= {"inbox_tui/cli/sandbox.py", "inbox_tui/cli/demo.py"}


def test_the_sandbox_stands_beside_the_house() -> None:
    allowed = (
        "inbox_tui.sandbox",
        "inbox_tui.text",
        "inbox_tui.model",
        "inbox_tui.errors",
        "inbox_tui.__version__",
    )
    inside = [path for path in MODULES if path.is_relative_to(PACKAGE / "sandbox")]
    assert inside
    assert [
        f"{name(path)} imports {module}"
        for path in inside
        for module in imports(path)
        if module.startswith("inbox_tui.") and not module.startswith(allowed)
    ] == []


def test_the_root_imports_nothing() -> None:
    assert list(imports(PACKAGE / "__init__.py")) == []


def test_every_module_says_what_it_is_for() -> None:
    assert [name(path) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text("utf-8")))] == []


def test_rooms_are_small() -> None:
    lines = {name(path): len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert {path: count for path, count in lines.items() if count > 450} == {}


def test_functions_are_short() -> None:
    long = [
        f"{name(path)}:{node.lineno} {node.name}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and size(node) > 60
    ]
    assert long == []


def size(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function; a dictionary written out, such as the columns of a table, is one."""
    dicts = {
        line
        for node in ast.walk(function)
        if isinstance(node, ast.Dict)
        for line in range(node.lineno + 1, (node.end_lineno or node.lineno) + 1)
    }
    return (function.end_lineno or function.lineno) - function.lineno + 1 - len(dicts)


def test_text_costs_nothing_that_is_not_used() -> None:
    heavy = SCREEN | SQLITE | NETWORK
    heavy |= {"publicsuffixlist", "urllib", "click", "msgspec", "wcwidth", "pathlib"}
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import inbox_tui.text; "
        f"print(sorted({heavy!r} & {{name.partition('.')[0] for name in sys.modules}}))"
    )
    # -S: what site-packages load at each start is not ours.
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
