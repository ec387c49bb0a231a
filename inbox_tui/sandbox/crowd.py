"""Customers who go on writing while the demo runs, and who answer what our accounts reply.

``step`` and ``heard`` decide who says what and when, from the state, the time and a source of randomness they
are given; ``Crowd`` is the thread that waits and plays. It touches no server, only what ``Town`` names.
"""

from __future__ import annotations

import random
import re
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from inbox_tui.sandbox.follow import follow
from inbox_tui.sandbox.story import SCENES, Stage

PAUSE_MS = (15_000, 40_000)
"""From one message that nobody prompted to the next."""
ANSWER_MS = (11_000, 14_500)
"""From a reply of ours to the customer's answer: late enough to see the case answered."""
IN_A_ROW = 2
"""Answers of one customer, after which he has nothing more to say until he begins anew."""

Act = dict[str, object]


class Ledger(Protocol):
    """What tells of the writes that the servers accepted."""

    def listen(self, callback: Callable[[Mapping[str, object]], None]) -> object:
        """Call back with each accepted write from now on, in whatever thread it was accepted."""


class Town(Stage, Protocol):
    """What the crowd needs of a sandbox."""

    @property
    def journal(self) -> Ledger:
        """The accepted writes."""


@dataclass(frozen=True)
class State:
    """Where the crowd stands."""

    next_at: int
    """Milliseconds UTC of the next message that nobody prompts."""
    left: int
    """Messages that may still be written, answers included."""
    due: tuple[tuple[int, Act], ...] = ()
    """Answers on their way: when, in milliseconds UTC, and what."""
    answers: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """(channel, customer) -> how often he has answered since he last began by himself."""


def step(state: State, now: int, rng: random.Random, posts: Sequence[str] = ()) -> tuple[State, list[Act]]:
    """What is written by ``now``; ``posts`` are posts of the page that customers may comment on."""
    ripe = sorted((one for one in state.due if one[0] <= now), key=lambda one: one[0])[: state.left]
    acts = [act for _, act in ripe]
    left = state.left - len(acts)
    waiting = tuple(one for one in state.due if one[0] > now) if left else ()
    state = replace(state, due=waiting, left=left)
    if left and state.next_at <= now:
        act = _fresh(rng, posts)
        acts.append(act)
        answers = {who: count for who, count in state.answers.items() if who != _writer(act)}
        state = replace(state, left=left - 1, next_at=now + rng.randint(*PAUSE_MS), answers=answers)
    return state, acts


def heard(state: State, record: Mapping[str, object], now: int, rng: random.Random) -> State:
    """An account of ours has written: its customer may answer, in a while."""
    act = _answer(record, rng)
    if act is None:
        return state
    who = _writer(act)
    count = state.answers.get(who, 0)
    if count >= IN_A_ROW:
        return state
    moment = now + rng.randint(*ANSWER_MS)
    return replace(state, due=(*state.due, (moment, act)), answers={**state.answers, who: count + 1})


class Crowd:
    """Plays the customers from ``start()`` to ``stop()``, in a thread of its own."""

    def __init__(self, sandbox: Town, posts: Sequence[str] = (), seed: int = 7, at_most: int = 200) -> None:
        """``posts``: posts of the page to comment on. ``at_most``: messages in all."""
        self.unplayed: deque[ValueError] = deque(maxlen=100)
        """Acts that the sandbox would not play, newest last."""
        self._sandbox = sandbox
        self._posts = tuple(posts)
        self._rng = random.Random(seed)  # noqa: S311 - it chooses words, no secrets
        self._lock = threading.Lock()
        self._state = State(sandbox.now() + self._rng.randint(*PAUSE_MS), at_most)
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sandbox-crowd", daemon=True)

    def start(self) -> None:
        """Begin to write and to listen."""
        self._sandbox.journal.listen(self._hear)
        self._thread.start()

    def stop(self) -> None:
        """Write no more, and wait for the thread. Call it before the sandbox stops."""
        self._stopped.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def _hear(self, record: Mapping[str, object]) -> None:
        with self._lock:
            self._state = heard(self._state, record, self._sandbox.now(), self._rng)
        self._wake.set()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._wake.clear()
            with self._lock:
                self._state, acts = step(self._state, self._sandbox.now(), self._rng, self._posts)
                moment = min([self._state.next_at, *(at for at, _ in self._state.due)])
                finished = not self._state.left
            for act in acts:
                try:
                    self._sandbox.play(act)
                except ValueError as refusal:
                    # What it answers may be gone meanwhile: a customer could not answer it either.
                    self.unplayed.append(refusal)
            if finished:
                return
            self._wake.wait(max(0.05, (moment - self._sandbox.now()) / 1000))


def _answer(record: Mapping[str, object], rng: random.Random) -> Act | None:
    """The customer's next words, where a single customer was written to."""
    channel, to, said = record.get("channel"), record.get("to"), str(record.get("text", ""))
    if not isinstance(to, str) or not to or record.get("id") is None:
        return None
    follows = follow(record)
    if follows is not None:
        return follows
    words = rng.choice(_THANKS if rng.random() < 0.6 else _ASKS_ON)
    text = words[0 if _GERMAN.search(said) else 1]
    if record.get("kind") in ("dm", "message", "private_reply"):
        kind = "dm" if channel == "x" else "message"
        return {"channel": channel, "kind": kind, "from": to, "text": text}
    if channel == "x":
        return {"channel": "x", "kind": "mention", "from": to, "text": text, "in_reply_to": record["id"]}
    if channel == "facebook" and record.get("post") is not None:
        under = {"post": record["post"], "parent": record["id"]}
        return {"channel": "facebook", "kind": "comment", "from": to, "text": text, **under}
    if channel != "email" or "," in to or _MACHINE.match(to):
        return None
    subject = re.sub(r"(?i)^(re|aw):\s*", "", str(record.get("subject", "")))
    return {
        "channel": "email",
        "kind": "mail",
        "from": to,
        "name": _NAMES.get(to, to.partition("@")[0]),
        "subject": f"Re: {subject}",
        "text": f"{text}\n",
        "in_reply_to": record["id"],
    }


def _fresh(rng: random.Random, posts: Sequence[str]) -> Act:
    """Somebody writes who was not asked."""
    name, handle = rng.choice(_PEOPLE)
    text = rng.choice(_MATTERS).replace("{n}", str(rng.randint(5600, 5999)))
    channel = rng.choice(("x", "facebook", "email"))
    if channel == "x":
        return {
            "channel": "x",
            "kind": "mention",
            "from": f"@{handle}",
            "name": name,
            "text": f"@shop {text}",
        }
    if channel == "email":
        act: Act = {"channel": "email", "kind": "mail", "from": f"{handle}@post.example", "name": name}
        return {**act, "subject": _subject(text), "text": f"{text}\n\n{name}\n"}
    said = {"channel": "facebook", "from": name, "text": text}
    if posts and rng.random() < 0.7:
        return {**said, "kind": "comment", "post": rng.choice(posts), "parent": None}
    return {**said, "kind": "post"}


def _subject(text: str) -> str:
    """The first sentence: what a person in a hurry puts over a mail."""
    return re.split(r"(?<=[?.])\s", text)[0].rstrip(".")


def _writer(act: Mapping[str, object]) -> tuple[str, str]:
    return str(act["channel"]), str(act["from"])


_GERMAN = re.compile(r"(?i)\b(sie|ihre?|wir|und|ist|nicht|bitte|danke|guten|hallo)\b|[äöüß]")
"""A customer answers in the language he was answered in."""

_MACHINE = re.compile(r"(?i)(no-?reply|mailer-daemon|postmaster)\b")

_NAMES = {one.mail.sender.addr_spec: one.mail.sender.display_name for one in SCENES if one.mail is not None}
"""What the people of the story call themselves in their mails."""

_THANKS = (
    ("Danke, das hilft!", "Thank you, that helps!"),
    ("Super, vielen Dank für die Mühe.", "Great, thanks for looking into it."),
    ("Ah, jetzt geht es. Danke 🙏", "Ah, it works now. Thanks 🙏"),
    ("Endlich eine Antwort. Danke.", "An answer at last. Thank you."),
)

_ASKS_ON = (
    ("Und wie lange dauert das?", "And how long will that take?"),
    ("Brauchen Sie dafür noch etwas von mir?", "Do you need anything else from me for that?"),
    ("Kostet das etwas?", "Does that cost anything?"),
    ("Gilt das auch für meine zweite Karte?", "Is that so for my second card, too?"),
)

_MATTERS = (
    "Wann kommt meine Bestellung A-{n}? Die Sendung steht seit Tagen still.",
    "Is order A-{n} on its way yet?",
    "Der Gutschein wird an der Kasse nicht angenommen. Was mache ich falsch?",
    "The app logs me out every time I open my bill. Known problem?",
    "Kann ich die Hülle im Laden umtauschen, auch ohne Kassenzettel?",
    "Do you still have the small one in red? 🙂",
    "Rechnung {n} ist an den falschen Namen gegangen, bitte korrigieren.",
    "My number was to move over yesterday. Nothing has happened.",
    "Wie lange habt ihr heute offen?",
    "Got the wrong charger in parcel A-{n}. How do I send it back?",
)

_PEOPLE = (
    ("Marta Klein", "marta_klein"),
    ("Oskar Dahl", "oskar_d"),
    ("Emre Aydin", "emre_ay"),
    ("Lucy Hart", "lucyhart_"),
    ("Bruno Keller", "brunok"),
    ("Aoife Byrne", "aoife_b"),
    ("Jonna Vik", "jonna_vik"),
    ("Timo Busch", "timobusch"),
    ("Grace Mensah", "grace_m"),
    ("Wanda Zielke", "wandaz"),
    ("Pavel Horak", "pavel_h"),
    ("Linh Tran", "linh_t"),
)
