"""The worker acknowledges what came since its last look: once, without being taken for an answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inbox_tui.channels.base import Page
from inbox_tui.config import AccountConfig, AcknowledgementConfig, OfficeConfig
from inbox_tui.desk.clock import DAY, HOUR, MINUTE
from inbox_tui.errors import ConfigError, NothingToDo, OutcomeUnknown, RateLimited, Temporary
from inbox_tui.model import (
    Automatic,
    CaseState,
    Filing,
    Incoming,
    Kind,
    Message,
    Outgoing,
    Reply,
    ReplyKind,
    ReplyState,
)
from inbox_tui.service.worker import Worker
from inbox_tui.store import acknowledged, around
from tests.casework.world import CONFIGS, NOW, mail, post
from tests.service.conftest import Office

OPEN = ("00:00-24:00",)
ALWAYS = OfficeConfig(
    zone="Europe/Berlin",
    monday=OPEN,
    tuesday=OPEN,
    wednesday=OPEN,
    thursday=OPEN,
    friday=OPEN,
    saturday=OPEN,
    sunday=OPEN,
)


def asks(name: str, acknowledge: str = "private", language: str = "en") -> AccountConfig:
    return replace(CONFIGS[name], acknowledge=acknowledge, language=language)


def worker(office: Office, *wanted: AccountConfig) -> Worker:
    """A worker of accounts that acknowledge and that have had their first look."""
    office.config = replace(office.config, office=ALWAYS)
    one = office.worker(**{each.name: each for each in wanted or (asks("mail"),)})
    one.fetch_once()
    return one


def fetch(office: Office, one: Worker, *page: Incoming, account: str = "mail") -> list[Outgoing]:
    """A round that brings these; what was sent in it."""
    before = len(office.platforms[account].sent)
    office.platforms[account].pages.append(Page(page, {}))
    one.fetch_once()
    return office.platforms[account].sent[before:]


def acks(office: Office, case: int) -> list[Message]:
    return [one for one in office.inbox.case(case).timeline if one.kind is Kind.ACK]


def the_ack(office: Office) -> Reply:
    [found] = [one for one in office.inbox.outbox(all=True) if one.kind is ReplyKind.ACK]
    return found


def test_a_customer_hears_once_that_his_mail_is_here_and_goes_on_waiting(office: Office) -> None:
    one = worker(office)
    [sent] = fetch(office, one, mail(1, "a@x.example", text="Hello, where is my order?"))
    assert (sent.kind, sent.to.value) == (ReplyKind.ACK, "a@x.example")
    assert sent.mail_in_reply_to == "<1@x.example>"
    case = office.case_of("INBOX/1/1")
    shown = office.inbox.case(case)
    assert (shown.row.state, shown.row.waiting_since, shown.row.messages) == (CaseState.WAITING, NOW, 1)
    assert [one.text for one in acks(office, case)] == [sent.text]
    assert [one.owed for one in shown.timeline if one.kind is Kind.MESSAGE] == [True]
    assert the_ack(office).filing is Filing.DONE
    assert office.inbox.rebuild() == ()
    assert shown.row.due is not None
    assert "You will have an answer by " in sent.text
    assert fetch(office, one) == []


def test_it_speaks_the_customers_language(office: Office) -> None:
    one = worker(office)
    [german] = fetch(office, one, mail(1, "a@x.example", text="Guten Tag, wann kommt meine Bestellung?"))
    assert german.text.startswith("Guten Tag,\n\nIhre Nachricht ist bei uns.")
    [unclear] = fetch(office, one, mail(2, "b@x.example", text="4711", subject=""))
    assert unclear.text.startswith("Hello,")


def test_accounts_that_do_not_ask_for_it_acknowledge_nothing(office: Office) -> None:
    one = worker(office, asks("shop", "all"))
    assert fetch(office, one, mail(1, "a@x.example")) == []
    assert acknowledged.mark(office.db, office.accounts["mail"]) is None


def test_a_first_fetch_acknowledges_no_backlog(office: Office) -> None:
    one = office.worker(mail=asks("mail"))
    assert fetch(office, one, mail(1, "a@x.example")) == []
    assert len(fetch(office, one, mail(2, "b@x.example"))) == 1


def test_a_late_message_is_not_acknowledged(office: Office) -> None:
    one = worker(office)
    assert fetch(office, one, mail(1, "a@x.example", NOW - 2 * HOUR - 1)) == []
    assert len(fetch(office, one, mail(2, "b@x.example", NOW - 2 * HOUR))) == 1


def test_a_case_gets_one_and_a_person_one_in_seven_days(office: Office) -> None:
    one = worker(office)
    assert len(fetch(office, one, mail(1, "a@x.example"), mail(2, "a@x.example"))) == 1
    case = office.case_of("INBOX/1/1")
    office.now += 8 * DAY
    assert fetch(office, one, mail(3, "a@x.example", office.now, refs=["<1@x.example>"])) == []
    assert office.case_of("INBOX/1/3") == case
    office.now += 4 * DAY
    assert len(fetch(office, one, mail(4, "a@x.example", office.now))) == 1
    assert office.case_of("INBOX/1/4") != case
    office.now += 6 * DAY
    assert fetch(office, one, mail(5, "a@x.example", office.now)) == []
    assert office.case_of("INBOX/1/5") not in (case, office.case_of("INBOX/1/4"))


def test_one_on_a_channel_is_enough_for_all_channels_of_a_case(office: Office) -> None:
    one = worker(office, asks("mail"), asks("shop", "all"))
    assert len(fetch(office, one, mail(1, "a@x.example"))) == 1
    office.take("shop", post("1", "42", NOW - DAY))
    with office.store.write("the same person") as db:
        db.execute(
            "UPDATE identities SET person_id = (SELECT person_id FROM identities WHERE value = 'a@x.example')"
            " WHERE value = '42'"
        )
        db.execute("UPDATE acknowledged SET at = at - ?", (8 * DAY,))
    assert fetch(office, one, post("2", "42", thread="another"), account="shop") == []
    assert office.case_of("2") == office.case_of("INBOX/1/1")


def test_in_public_only_where_the_account_says_all(office: Office) -> None:
    one = worker(office, asks("shop"))
    assert fetch(office, one, post("1", "42"), account="shop") == []
    again = worker(office, asks("shop", "all"))
    assert len(fetch(office, again, post("2", "43"), account="shop")) == 1


def test_a_text_that_the_platform_would_refuse_is_not_sent(office: Office) -> None:
    one = worker(office, asks("shop", "all"))
    closed = post("1", "42", can_reply=False, why_not="only who mentioned us")
    assert fetch(office, one, closed, account="shop") == []


@pytest.mark.parametrize("kind", [one for one in Automatic if one is not Automatic.NO])
def test_no_machine_gets_one(office: Office, kind: Automatic) -> None:
    assert fetch(office, worker(office), mail(1, "a@x.example", automatic=kind)) == []


def test_neither_does_a_forged_mail_nor_one_of_our_own(office: Office) -> None:
    one = worker(office)
    assert fetch(office, one, mail(1, "a@x.example", forged=True), mail(2, "help@shop.example")) == []


def test_what_was_answered_before_the_look_needs_none(office: Office) -> None:
    one = worker(office)
    office.take("mail", mail(1, "a@x.example"))
    office.deliver(office.inbox.reply(office.case_of("INBOX/1/1"), "Here it is."))
    assert fetch(office, one) == []


def test_one_that_lay_too_long_is_dropped_and_so_is_one_whose_case_was_answered(office: Office) -> None:
    one = worker(office)
    office.platforms["mail"].faults.extend([Temporary("busy"), Temporary("busy")])
    assert fetch(office, one, mail(1, "a@x.example"), mail(2, "b@x.example")) == []
    office.deliver(office.inbox.reply(office.case_of("INBOX/1/1"), "Here it is."))
    office.now += 10 * MINUTE
    assert [sent.to.value for sent in fetch(office, one)] == ["b@x.example"]
    assert acks(office, office.case_of("INBOX/1/1")) == []
    assert around.writing(office.db, office.case_of("INBOX/1/1"), "lena", 0) == ()
    office.platforms["mail"].faults.append(RateLimited("slowly", office.now + HOUR))
    assert fetch(office, one, mail(3, "c@x.example", office.now)) == []
    office.now += HOUR
    assert fetch(office, one) == []
    assert acks(office, office.case_of("INBOX/1/3")) == []
    assert office.inbox.outbox() == ()


def test_after_an_unknown_outcome_it_is_not_sent_again_not_even_by_hand(office: Office) -> None:
    one = worker(office)
    office.platforms["mail"].faults.append(OutcomeUnknown("the connection broke"))
    fetch(office, one, mail(1, "a@x.example"))
    for _ in range(5):
        office.now += HOUR
        assert fetch(office, one) == []
    assert len(office.platforms["mail"].tries) == 1
    reply = the_ack(office)
    assert reply.state is ReplyState.UNKNOWN
    with pytest.raises(NothingToDo, match="not sent again"):
        office.inbox.retry(reply.id)
    office.inbox.cancel(reply.id)
    assert office.inbox.outbox() == ()
    assert office.inbox.case(office.case_of("INBOX/1/1")).row.trouble is False


def test_nobody_is_there_because_of_one(office: Office) -> None:
    fetch(office, worker(office), mail(1, "a@x.example"))
    assert office.db.execute("SELECT count(*) FROM agents WHERE name = 'worker'").fetchone()[0] == 0


def test_a_flood_is_looked_at_in_pieces(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inbox_tui.casework.acknowledging._AT_ONCE", 2)
    sent = fetch(office, worker(office), *(mail(n, f"a{n}@x.example") for n in range(5)))
    assert {one.to.value for one in sent} == {f"a{n}@x.example" for n in range(5)}


def test_texts_of_ones_own_and_mistakes_in_them(office: Office) -> None:
    own = AcknowledgementConfig(language="en", text="Soon: {due}")
    office.config = replace(office.config, acknowledgements=(own,))
    [sent] = fetch(office, worker(office), mail(1, "a@x.example"))
    assert sent.text.startswith("Soon: ")
    assert "{" not in sent.text
    office.config = replace(office.config, acknowledgements=(replace(own, text="Soon"),))
    with pytest.raises(ConfigError, match=r"acknowledgements\.en\.text: the place \{due\} is missing"):
        worker(office)


def test_a_language_without_a_text_is_told(office: Office) -> None:
    with pytest.raises(ConfigError, match='no acknowledgement in "fr"') as caught:
        worker(office, asks("mail", language="fr"))
    assert "[acknowledgements.fr]" in caught.value.hint
