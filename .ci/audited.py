"""Asks pip-audit about lock files, and tells an audit from a run that audited nothing.

Beside the packages it asks about a release that is known to be vulnerable: a service that does not know that
one (an index without the vulnerabilities, a proxy, an empty answer) proves nothing by its silence about the
others.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

KNOWN = "pyyaml==5.3"
"""CVE-2020-1747."""
SERVICES = ("pypi", "osv")
CLEAN, VULNERABLE, NOT_AUDITED = 0, 1, 2

Ask = Callable[[str, Path], list[dict[str, Any]]]
"""What a service says of each package in a file of requirements; an empty list where it says nothing."""


def ask(service: str, requirements: Path) -> list[dict[str, Any]]:
    """pip-audit's answer: a record for each package, with its ``vulns`` or a ``skip_reason``."""
    words = ["--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
    argv = [
        sys.executable,
        "-m",
        "pip_audit",
        *words,
        "--vulnerability-service",
        service,
        "-r",
        str(requirements),
    ]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    try:
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(f"{service}: {(done.stderr.strip() or 'no answer').splitlines()[-1]}", file=sys.stderr)
        return []
    return found


def pinned(lock: Path) -> set[str]:
    """``name==version`` of each package in a lock file, whatever Python or platform it is for."""
    lines = lock.read_text("utf-8").splitlines()
    return {line.split()[0] for line in lines if "==" in line and not line.startswith((" ", "#"))}


def audit(packages: Iterable[str], ask: Ask = ask) -> int:
    """The exit code; what was found is printed."""
    wanted = sorted(packages)
    with tempfile.TemporaryDirectory() as folder:
        known, all_of_them = Path(folder, "known.txt"), Path(folder, "all.txt")
        known.write_text(KNOWN + "\n", "utf-8")
        all_of_them.write_text("\n".join([*wanted, ""]), "utf-8")
        for service in SERVICES:
            if any(each.get("vulns") for each in ask(service, known)):
                return _judged(service, wanted, ask(service, all_of_them))
            print(
                f"{service}: does not know that {KNOWN} is vulnerable, so it is no witness", file=sys.stderr
            )
    print(f"NOT AUDITED: none of {len(wanted)} packages was looked up", file=sys.stderr)
    return NOT_AUDITED


def _judged(service: str, wanted: list[str], answers: list[dict[str, Any]]) -> int:
    looked_up = {f"{each['name']}=={each['version']}" for each in answers if "vulns" in each}
    vulnerable = [each for each in answers if each.get("vulns")]
    for each in vulnerable:
        for one in each["vulns"]:
            mended = ", ".join(one.get("fix_versions") or []) or "no release yet"
            print(f"{each['name']} {each['version']}: {one['id']}, mended in {mended}")
    missing = [package for package in wanted if package not in looked_up]
    if missing or not wanted:
        print(f"NOT AUDITED by {service}: {', '.join(missing) or 'no package was named'}", file=sys.stderr)
    else:
        print(f"{service}: {len(looked_up)} packages looked up, {len(vulnerable)} vulnerable")
    if vulnerable:
        return VULNERABLE
    return NOT_AUDITED if missing or not wanted else CLEAN


def main(locks: list[str]) -> int:
    """Each lock file by itself: the same package may have one release here and another there."""
    codes = [audit(pinned(Path(lock))) for lock in locks] or [NOT_AUDITED]
    return VULNERABLE if VULNERABLE in codes else max(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
