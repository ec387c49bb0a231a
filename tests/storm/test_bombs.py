"""A mail that is made to stop the reading costs little, and the next mail is read.

Measured on whole processes, from the server to the store: `fetch` with all that it starts, then `show`.
"""

from __future__ import annotations

from pathlib import Path

from tests.channels.email.test_limits import BOMBS, headed
from tests.channels.email.world import a_mail
from tests.storm.conftest import Storm
from tests.storm.mailroom import Cost, Mailroom, opened

CPU_SECONDS, MEMORY = 2.0, 200 * 1024 * 1024
"""What one mail may cost on top of an ordinary one."""

ALL = {
    **BOMBS,
    "100k recipients": headed(b"To: " + b"a%d <a@b.example>, " * 100_000, b"x"),
    "30 MB of text": headed(b"Subject: x", (b"word " * 14 + b"\n") * 420_000),
    "30 MB on a line": headed(b"Subject: x", b"a" * 30_000_000),
    "30 MB of quotes": headed(b"Subject: x", b"> > > > " * 3_750_000),
    "30 MB of HTML": headed(b"Content-Type: text/html", b"<p>a <b>b</b> &amp; c</p>\n" * 1_200_000),
    "50,000 blank lines": headed(b"Subject: x", b"a" + b"\n" * 50_000 + b"b"),
    "links": headed(b"Subject: x", b"https://evil.example/a?b=c " * 200_000),
    "an index of files": headed(
        b"Content-Type: multipart/mixed; boundary=a",
        b'--a\nContent-Disposition: attachment; filename="x.txt"\n\nx\n' * 20_000,
    ),
}
QUICK = ("words of a quote", "30 MB of HTML")
"""Those of a plain run; the rest is in tests/channels/email/test_limits.py, without server and store."""


def test_a_bomb_is_bounded_from_the_server_to_the_screen(storm: Storm, tmp_path: Path) -> None:
    names = QUICK if storm.small else tuple(ALL)
    with opened(tmp_path) as room:
        room.call("fetch")
        room.deliver(a_mail("first"))
        ordinary = room.measured("fetch")
        plain = room.measured("show", 1)
        over = []
        for number, name in enumerate(names):
            fetch, show = _one(room, number, ALL[name])
            line = f"{name}: fetch {_extra(fetch, ordinary)}, show {_extra(show, plain)}"
            storm.note(line)
            over += [line] if _beyond(fetch, ordinary) or _beyond(show, plain) else []
        health = room.call("accounts")[0]
        assert health["error"] is None
        assert over == []


def _one(room: Mailroom, number: int, bomb: bytes) -> tuple[Cost, Cost]:
    before = {case["id"] for case in room.call("list", "--limit", 0)}
    room.deliver(bomb, a_mail(f"after-{number}"))
    fetch = room.measured("fetch")
    assert fetch.code == 0
    cases = {case["id"]: case for case in room.call("list", "--limit", 0)}
    new = sorted(cases.keys() - before)
    after = [case for case in new if cases[case]["subject"] == f"question after-{number}"]
    assert len(after) == 1, "the next mail is there"
    # What seems to be of a machine stands in another view; its case is the one before.
    return fetch, room.measured("show", after[0] - 1)


def _beyond(cost: Cost, ordinary: Cost) -> bool:
    return cost.cpu - ordinary.cpu > CPU_SECONDS or cost.memory - ordinary.memory > MEMORY


def _extra(cost: Cost, ordinary: Cost) -> str:
    return f"{cost.cpu - ordinary.cpu:.1f} s {(cost.memory - ordinary.memory) / 1024 / 1024:.0f} MB"
