"""The story of the demo: one man with one urgent question on three channels, and everybody beside him.

It owns who says what, and how long ago; it plays acts and touches no server. All people are made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from inbox_tui.sandbox import story_mail
from inbox_tui.sandbox.story_mail import Mail

HOUR_MS = 3_600_000


class Stage(Protocol):
    """What the story needs of a sandbox."""

    def play(self, act: Mapping[str, object]) -> str:
        """Play a line of incoming.jsonl; the id of what it made."""

    def now(self) -> int:
        """Milliseconds UTC."""


@dataclass(frozen=True)
class Scene:
    """One act of the story."""

    hours: float
    """How long ago it was when the story begins to be read."""
    act: Mapping[str, object]
    called: str = ""
    """A name by which later scenes speak of it; empty where none does."""
    under: str = ""
    """The scene it answers: a post on X, or a post or comment on the page."""
    mail: Mail | None = None
    """The mail to build, where it is one."""


def tell(sandbox: Stage) -> dict[str, str]:
    """Play the whole story, oldest first. Returns the ids of the scenes that have a name."""
    begun = sandbox.now()
    scenes = {scene.called: scene for scene in SCENES if scene.called}
    ids: dict[str, str] = {}
    for scene in sorted(SCENES, key=lambda one: -one.hours):
        at = begun - round(scene.hours * HOUR_MS)
        act = {**scene.act, "at": at}
        if scene.mail is not None:
            act["raw"] = story_mail.raw(scene.mail, at)
        elif scene.act["channel"] == "x" and scene.under:
            act["in_reply_to"] = ids[scene.under]
        elif scene.under:
            top = scene.under
            while scenes[top].under:
                top = scenes[top].under
            act["post"] = ids[top]
            act["parent"] = None if top == scene.under else ids[scene.under]
        made = sandbox.play(act)
        if scene.called:
            ids[scene.called] = made
    return ids


def _x(hours: float, handle: str, name: str, text: str, called: str = "", under: str = "") -> Scene:
    act = {"channel": "x", "kind": "mention", "from": handle, "name": name, "text": text}
    return Scene(hours, act, called, under)


def _ours(channel: str, hours: float, text: str, called: str = "", under: str = "") -> Scene:
    return Scene(hours, {"channel": channel, "kind": "our_post", "text": text}, called, under)


def _visitor(hours: float, name: str, text: str, called: str = "") -> Scene:
    return Scene(hours, {"channel": "facebook", "kind": "post", "from": name, "text": text}, called)


def _comment(
    hours: float, name: str, text: str, under: str, called: str = "", private: bool = False
) -> Scene:
    act = {"channel": "facebook", "kind": "comment", "from": name, "text": text, "private": private}
    return Scene(hours, act, called, under)


def _mail(hours: float, mail: Mail) -> Scene:
    return Scene(hours, {"channel": "email", "kind": "mail"}, mail=mail)


_HAJO = (
    _mail(100.2, story_mail.HAJO_FIRST),
    _x(
        95.0,
        "@hajo",
        "Hajo",
        "@shop is anybody there? No service on my iPhone since yesterday, mail sent. One question about "
        "the SIM lock, a yes or a no would do",
        called="hajo on x",
    ),
    _mail(76.5, story_mail.HAJO_SECOND),
    _x(71.3, "@hajo", "Hajo", "@shop second mail, second day, still unreachable. Anyone?"),
    _visitor(
        52.0,
        "Hajo B.",
        "Does anybody read this page? My phone has been dead for two days, I have written two mails and two "
        'tweets, and all I get is "shortly". Is the SIM lock of my iPhone off, yes or no?',
        called="hajo's post",
    ),
    _comment(50.4, "Tom W.", "Wait till you have to reach them by phone…", under="hajo's post"),
    _comment(
        49.0, "Hajo B.", "You post about new cases here but cannot answer one line?", under="hajo's post"
    ),
    _mail(28.1, story_mail.HAJO_THIRD),
    _x(
        4.6,
        "@hajo",
        "Hajo",
        "@shop four days. My mother is in hospital and cannot call me. You have my three mails from "
        "hajo@brandt.example. Please look.",
        called="hajo despairs",
    ),
    _x(
        3.2,
        "@mirja_k",
        "Mirja",
        "@shop could somebody please answer @hajo? He has been without a phone for days",
        under="hajo despairs",
    ),
    _x(
        1.6,
        "@tobi_zett",
        "Tobi Z.",
        "@shop we are all watching how you treat @hajo, you know",
        under="hajo despairs",
    ),
)

_OURS = (
    _ours("x", 90.0, "New phones are in! Come and hold one.", called="phones on x"),
    _ours("facebook", 89.9, "New phones are in! Come and hold one.", called="phones on page"),
    _ours("x", 44.0, "Our hoodies are back, in four colours. Soft as ever.", called="hoodies on x"),
    _ours("facebook", 43.9, "Our hoodies are back, in four colours. Soft as ever.", called="hoodies on page"),
    _ours("x", 5.5, "Only this week: every case at half the price!"),
    _ours("facebook", 5.4, "Only this week: every case at half the price!", called="cases on page"),
)

_ON_X = (
    _x(26.0, "@frieda_kiel", "Frieda", "@shop euer Chat lädt nicht, nur ein weißer Kasten. Absicht?"),
    _x(12.4, "@dan_p", "Dan Price", "@shop do you unlock phones that were bought somewhere else?"),
    _x(
        7.4,
        "@yuki_tnk",
        "田中ゆき🌸",
        "@shop 注文したスマホがまだ届きません📦😢 注文番号は A-5521 です。家族みんなで待っています👨‍👩‍👧",
    ),
    _x(6.1, "@omar_s", "Omar S.", "@shop is the store in the harbour open tomorrow?"),
    _x(1.0, "@lena_m", "Lena", "@shop does the L fit if I am between M and L?", under="hoodies on x"),
    _x(88.0, "@kari_n", "Kari", "@shop which colours?", called="kari asks", under="phones on x"),
    _ours("x", 87.2, "@kari_n Black, sand and a dark green.", under="kari asks"),
)

_ON_PAGE = (
    _comment(85.0, "Malte R.", "Schon wieder welche, die keiner braucht", under="phones on page"),
    _comment(41.5, "Rosa Lind", "Wash at 30 or 40?", under="hoodies on page", called="rosa asks"),
    _ours("facebook", 40.9, "30 is best, Rosa.", under="rosa asks"),
    _comment(
        20.2,
        "Kofi A.",
        "Three weeks and no refund for my old contract. Who do I have to talk to?",
        under="hoodies on page",
    ),
    _comment(11.0, "Profil nicht öffentlich", "Preis?", under="hoodies on page", private=True),
    _comment(
        10.1, "Nadine V.", "Gibt es den auch in Grün? 💚", under="hoodies on page", called="nadine asks"
    ),
    _comment(9.8, "Sven O.", "Das wüsste ich auch gern", under="nadine asks"),
    _comment(
        9.1,
        "Petra Kurz",
        "Schön für euch, aber mir wurde die Rechnung doppelt abgebucht, 2 × 49,90 €. Bitte um Antwort!",
        under="phones on page",
        called="petra asks",
    ),
    _comment(8.3, "Petra Kurz", "Rechnungsnummer R-20418, falls das hilft.", under="petra asks"),
    _comment(4.9, "Jonas F.", "Half of what, the price from before you raised it?", under="cases on page"),
    _comment(0.7, "Ali Demir", "Danke für die schnelle Hilfe gestern im Laden 👍", under="cases on page"),
    _visitor(33.0, "Helene Graf", "Ist das Ersatzteillager umgezogen? Am alten Ort hängt kein Schild."),
)

_BY_MAIL = (
    _mail(570.0, story_mail.HAJO_LONG_AGO),
    _mail(40.0, story_mail.BEN_ASKS),
    Scene(38.5, {"channel": "email", "kind": "our_mail"}, mail=story_mail.BEN_ANSWERED),
    _mail(30.4, story_mail.RETURN),
    _mail(22.0, story_mail.CANCEL),
    _mail(21.2, story_mail.BOUNCE),
    _mail(19.5, story_mail.NEWSLETTER),
    _mail(7.9, story_mail.BROKEN_GLASS),
    _mail(3.6, story_mail.ESIM),
    _mail(2.1, story_mail.SHOP_NORD),
    _mail(0.4, story_mail.ADDRESS),
)

SCENES = _HAJO + _OURS + _ON_X + _ON_PAGE + _BY_MAIL
