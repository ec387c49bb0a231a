"""Which messages are acknowledged, in which language, with which times."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inbox_tui.channels.email.parse import parse
from inbox_tui.channels.email.records import Envelope, Ours
from inbox_tui.desk.acknowledge import BUILT_IN, Acknowledge, Asked, Texts, language, why_not, words, wrong
from inbox_tui.desk.due import Rules
from inbox_tui.model import Automatic, Direction, Incoming, Kind
from tests.desk.automatic_mail import PEOPLE, SAMPLES
from tests.desk.test_due import HOUR, MINUTE, at, office

NOW = 1_790_000_000_000
OWN = frozenset({"help@shop.example", "@shop"})
PLAIN = Asked(
    direction=Direction.IN,
    kind=Kind.MESSAGE,
    automatic=Automatic.NO,
    public=False,
    history=False,
    sent_at=NOW - MINUTE,
    address="hajo@brandt.example",
    handle="hajo@brandt.example",
    subject="Where is my order?",
    media=(),
    forged=False,
    by_customer=True,
    treated=False,
    aside=False,
    spam=False,
    waiting=True,
    acknowledged=False,
    last=None,
)


def said(asked: Asked, wanted: Acknowledge = Acknowledge.PRIVATE) -> str:
    return why_not(asked, wanted, OWN, 120, NOW)


def test_a_customers_private_question_is_acknowledged_where_the_account_says_so() -> None:
    assert said(PLAIN) == ""
    assert "account" in said(PLAIN, Acknowledge.NO)


def test_in_public_only_where_the_account_says_all() -> None:
    public = replace(PLAIN, public=True, address="42", handle="@hajo", subject="")
    assert "public" in said(public)
    assert said(public, Acknowledge.ALL) == ""


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"direction": Direction.OUT}, "no message of a customer"),
        ({"kind": Kind.POST}, "no message of a customer"),
        ({"kind": Kind.CALL}, "no message of a customer"),
        *[({"automatic": one}, "a machine") for one in Automatic if one is not Automatic.NO],
        ({"media": ("image/png", "text/calendar")}, "a calendar"),
        ({"media": ("application/ics",)}, "a calendar"),
        ({"forged": True}, "not sure"),
        ({"treated": True}, "not sure"),
        ({"address": ""}, "nobody knows"),
        ({"address": "?INBOX/1/7"}, "nobody knows"),
        ({"address": "Help@Shop.example"}, "our own"),
        ({"address": "1", "handle": "@Shop"}, "our own"),
        ({"by_customer": False}, "somebody else"),
        ({"history": True}, "history"),
        ({"spam": True}, "spam"),
        ({"aside": True}, "no customer's thread"),
        ({"waiting": False}, "owed no answer"),
        ({"acknowledged": True}, "has an acknowledgement"),
        ({"sent_at": NOW - 121 * MINUTE}, "older than 2 h"),
        ({"last": NOW - 7 * 24 * HOUR + 1}, "got one"),
    ],
)
def test_what_speaks_against_it(change: dict[str, object], why: str) -> None:
    assert why in said(replace(PLAIN, **change), Acknowledge.ALL)  # type: ignore[arg-type]


def test_at_the_end_of_its_time_a_message_is_young_and_after_seven_days_a_sender_gets_another() -> None:
    assert said(replace(PLAIN, sent_at=NOW - 120 * MINUTE)) == ""
    assert said(replace(PLAIN, last=NOW - 7 * 24 * HOUR)) == ""


@pytest.mark.parametrize(
    "local",
    [
        *("no-reply", "noreply", "no_reply", "do-not-reply", "donotreply", "service.noreply", "noreply+7"),
        *("mailer-daemon", "postmaster", "bounce", "bounces+7", "dev-owner", "owner-dev", "dev-request"),
        *("majordomo", "listserv", "newsletter", "notification", "alerts", "root", "nicht-antworten"),
    ],
)
def test_nobody_reads_there(local: str) -> None:
    assert "nobody reads" in said(replace(PLAIN, address=f"{local}@far.example"))


@pytest.mark.parametrize("local", ["abbot", "alertson", "norep", "rebounce", "info", "a.b"])
def test_people_have_such_addresses(local: str) -> None:
    assert said(replace(PLAIN, address=f"{local}@far.example")) == ""


# Automatic mail, through the real parser


def asked_of(mail: Incoming) -> Asked:
    assert mail.mail is not None
    return replace(
        PLAIN,
        direction=mail.direction,
        kind=mail.kind,
        automatic=mail.automatic,
        address=mail.author.value or "",
        handle=mail.author.handle,
        subject=mail.subject,
        media=tuple(one.media_type for one in mail.attachments),
        forged=mail.mail.forged,
    )


def read(raw: bytes) -> Asked:
    ours = Ours(frozenset({"help@shop.example"}), frozenset(), "")
    return asked_of(parse(raw, Envelope("INBOX/1/1", NOW - MINUTE), ours))


def test_there_are_enough_samples() -> None:
    assert len(SAMPLES) >= 30
    assert len(set(SAMPLES.values())) == len(SAMPLES)


@pytest.mark.parametrize("name", SAMPLES)
def test_automatic_mail_is_never_acknowledged(name: str) -> None:
    assert said(read(SAMPLES[name]), Acknowledge.ALL) != ""


@pytest.mark.parametrize("name", PEOPLE)
def test_people_are(name: str) -> None:
    assert said(read(PEOPLE[name])) == ""


# In which language


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Guten Tag, wann kommt denn meine Bestellung? Ich warte seit Montag.", "de"),
        ("Hello, where is my order? I have been waiting for it since Monday.", "en"),
        ("Bonjour, je n'ai pas reçu ma commande et je voudrais une réponse.", "it"),
        ("4711 ???", "it"),
        ("order", "it"),
        ("", "it"),
    ],
)
def test_common_words_vote_and_the_default_holds_where_they_do_not_decide(text: str, found: str) -> None:
    assert language(text, ("de", "en", "it"), "it") == found


def test_a_language_with_a_text_of_ones_own_takes_part() -> None:
    french = "Bonjour, je n'ai pas reçu ma commande."
    assert language(french, ("de", "en", "fr"), "en") == "fr"
    assert language("Dzień dobry, nie mam jeszcze paczki", ("pl",), "en") == "en"
    assert language("Dzień dobry, nie mam jeszcze paczki", ("pl", "en"), "en", {"pl": ("nie", "mam")}) == "pl"


# In which words

RULES = Rules({}, office())
FRIDAY_NOON, FRIDAY_NIGHT = at("2026-11-27T12:00"), at("2026-11-27T20:00")
MONDAY_ELEVEN = at("2026-11-30T11:00")


def test_while_the_office_is_open_the_due_time_is_named() -> None:
    text = words(BUILT_IN["en"], RULES, MONDAY_ELEVEN, FRIDAY_NOON, "en")
    assert "an answer by Monday 30 November, 11:00 (CET)." in text
    assert "closed" not in text


def test_while_it_is_closed_when_it_opens_too() -> None:
    text = words(BUILT_IN["en"], RULES, MONDAY_ELEVEN, FRIDAY_NIGHT, "en")
    assert "We are closed until Monday 30 November, 09:00 (CET); you will have an answer by Monday 30" in text
    text = words(BUILT_IN["de"], RULES, MONDAY_ELEVEN, FRIDAY_NIGHT, "de")
    assert (
        "Wir haben bis Montag, 30. November, 09:00 Uhr (CET) geschlossen; Sie haben eine Antwort bis" in text
    )


def test_a_holiday_is_closed() -> None:
    rules = Rules({}, office(d2026_11_30="Saint Andrew"))
    text = words(BUILT_IN["en"], rules, at("2026-12-01T11:00"), FRIDAY_NIGHT, "en")
    assert "closed until Tuesday 1 December, 09:00" in text


@pytest.mark.parametrize("due", [None, FRIDAY_NIGHT, FRIDAY_NIGHT - HOUR])
def test_no_time_is_named_that_is_not_true(due: int | None) -> None:
    assert words(BUILT_IN["en"], RULES, due, FRIDAY_NIGHT, "en") == BUILT_IN["en"].untimed
    assert words(BUILT_IN["en"], None, MONDAY_ELEVEN, FRIDAY_NIGHT, "en") == BUILT_IN["en"].untimed


def test_what_is_due_before_the_office_opens_does_not_speak_of_its_hours() -> None:
    text = words(BUILT_IN["en"], RULES, at("2026-11-28T10:00"), FRIDAY_NIGHT, "en")
    assert "closed" not in text
    assert "by Saturday 28 November, 10:00" in text


def test_seconds_are_never_rounded_up() -> None:
    assert ", 11:00 (" in words(BUILT_IN["en"], RULES, MONDAY_ELEVEN + 59_000, FRIDAY_NOON, "en")


def test_in_another_language_times_are_numbers() -> None:
    texts = Texts("Réponse {due}", "Fermé {opens} {due}", "Merci")
    assert words(texts, RULES, MONDAY_ELEVEN, FRIDAY_NOON, "fr") == "Réponse 2026-11-30 11:00 CET"


def test_texts_that_are_built_in_are_right_and_mistakes_are_named() -> None:
    assert [wrong(texts) for texts in BUILT_IN.values()] == [None, None]
    assert wrong(Texts("no time", "{opens} {due}", "a")) == ("text", "the place {due} is missing")
    assert wrong(Texts("{due}", "{due}", "a")) == ("closed", "the place {opens} is missing")
    assert wrong(Texts("{due}", "{opens} {due}", " ")) == ("untimed", "empty")
    found = wrong(Texts("{due} {person.name}", "{opens} {due}", "a"))
    assert found == ("text", "{person.name} is no place that can be filled here")
