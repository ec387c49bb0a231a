"""Fetching from a real IMAP server: order, cursor, kills, resets, limits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from inbox_tui.channels.base import Channel, Cursor, Filer, Page
from inbox_tui.channels.email import imap, open_channel, reading
from inbox_tui.channels.email.channel import EmailChannel
from inbox_tui.config import OtherAccount
from inbox_tui.credentials import Secret
from inbox_tui.errors import ChannelError, ConfigError, LoginNeeded, Refused, Temporary
from inbox_tui.model import Direction
from tests.channels.email.world import (
    ADDRESS,
    DAY,
    HOUR,
    NOW,
    World,
    a_mail,
    facts,
    fetch_all,
    saved,
    subjects,
)


def ids(pages: list[Page]) -> list[str]:
    return [message.external_id for page in pages for message in page.messages]


def digests(pages: list[Page]) -> list[str]:
    return [facts(message).digest for page in pages for message in page.messages]


def test_it_is_a_channel_that_files_copies(world: World) -> None:
    with world.channel() as channel:
        assert isinstance(channel, Channel)
        assert isinstance(channel, Filer)
        assert channel.can.files_copy
        assert not channel.can.settles
    with world.channel(sent_copy=False) as channel:
        assert channel.can.settles


def test_another_kind_of_account_is_refused() -> None:
    with pytest.raises(ConfigError, match="not a mailbox"):
        open_channel(OtherAccount(name="x", channel="other"), Secret("s"))


def test_an_empty_mailbox_is_complete_until_now(world: World) -> None:
    with world.channel() as channel:
        pages = fetch_all(channel)
    assert [page.messages for page in pages] == [()]
    assert pages[-1].complete_until == NOW
    assert pages[-1].history_done


def test_a_mail_arrives_with_the_servers_time_and_leaves_no_trace(world: World) -> None:
    world.deliver([a_mail(1, "Date: Thu, 1 Jan 1970 00:00:00 +0000")], at=NOW - 2 * HOUR)
    with world.channel() as channel:
        pages = fetch_all(channel)
    [mail] = pages[0].messages
    assert mail.sent_at == NOW - 2 * HOUR
    assert mail.direction is Direction.IN
    assert mail.text == "Is the lock off?"
    assert facts(mail).raw == a_mail(1, "Date: Thu, 1 Jan 1970 00:00:00 +0000")
    folder, _, uid = mail.external_id.split("/")
    assert (folder, int(uid)) == ("INBOX", world.folder()[0][0])
    assert world.folder()[0][1] == ()


def test_a_seen_mail_is_fetched_like_any_other(world: World) -> None:
    world.deliver([a_mail(1)])
    with world.channel() as channel:
        channel._mailbox.connect()
        channel._mailbox.select("INBOX", write=True)
        channel._mailbox.mark_answered(world.folder()[0][0])
        assert subjects(fetch_all(channel)) == ["question 1"]


def test_news_first_then_history_downwards(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "FIRST_BATCH", 3)
    world.deliver(a_mail(n) for n in range(10))
    with world.channel(batch=4) as channel:
        pages = fetch_all(channel)
    assert [[m.subject for m in page.messages] for page in pages] == [
        ["question 9", "question 8", "question 7"],
        ["question 6", "question 5", "question 4", "question 3"],
        ["question 2", "question 1", "question 0"],
        [],
    ]
    assert [page.history_done for page in pages] == [False, False, False, True]
    assert [page.complete_until for page in pages] == [None, None, None, NOW]


def test_each_page_says_how_many_are_still_to_come(world: World) -> None:
    world.deliver([a_mail(number) for number in range(60)])
    with world.channel(batch=4) as channel:
        pages = fetch_all(channel)
    read = 0
    for page in pages:
        read += len(page.messages)
        assert page.ahead == 60 - read


def test_history_ends_at_since(world: World) -> None:
    world.deliver([a_mail("old")], at=NOW - 30 * DAY)
    world.deliver([a_mail("new")], at=NOW - DAY)
    with world.channel(since_days=14) as channel:
        pages = fetch_all(channel)
        assert subjects(pages) == ["question new"]
        # The limit is fixed when the folder is first met: nothing older comes in later.
        assert subjects(fetch_all(channel, pages[-1].cursor, NOW + DAY)) == []


def test_the_second_fetch_brings_only_what_is_new(world: World) -> None:
    world.deliver([a_mail(1), a_mail(2)])
    with world.channel() as channel:
        pages = fetch_all(channel)
        world.deliver([a_mail(3)])
        more = fetch_all(channel, pages[-1].cursor, NOW + HOUR)
    assert subjects(more) == ["question 3"]
    assert more[-1].complete_until == NOW + HOUR


def test_an_old_mail_moved_into_the_folder_is_news(world: World) -> None:
    world.deliver([a_mail(1)])
    with world.channel() as channel:
        pages = fetch_all(channel)
        world.deliver([a_mail("old")], at=NOW - 300 * DAY)
        assert subjects(fetch_all(channel, pages[-1].cursor)) == ["question old"]


def test_what_arrives_while_history_is_read_comes_before_the_rest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "FIRST_BATCH", 2)
    world.deliver(a_mail(n) for n in range(6))
    with world.channel(batch=2) as channel:
        pages = channel.fetch({}, NOW)
        first = next(pages)
        world.deliver([a_mail("late")])
        rest = list(pages)
    assert subjects([first]) == ["question 5", "question 4"]
    assert subjects(rest) == ["question late", "question 3", "question 2", "question 1", "question 0"]


def test_the_sent_folder_follows_the_customers_mail_in_each_round(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "FIRST_BATCH", 1)
    world.deliver([a_mail(1), a_mail(2)])
    ours = a_mail("ours", sender=ADDRESS).replace(b"To: help@shop.example", b"To: hajo@brandt.example")
    world.deliver([ours, ours.replace(b"ours", b"ours2")], "Sent")
    with world.channel(batch=1) as channel:
        pages = fetch_all(channel)
    assert subjects(pages) == ["question 2", "question ours2", "question 1", "question ours"]
    answer = pages[1].messages[0]
    assert answer.direction is Direction.OUT
    assert answer.customer is not None
    assert answer.customer.value == "hajo@brandt.example"


def test_without_a_sent_folder_the_rest_is_fetched(world: World) -> None:
    world.deliver([a_mail(1)])
    with world.channel(sent_folder="") as channel:
        assert subjects(fetch_all(channel)) == ["question 1"]


def test_a_sent_folder_of_another_name_is_found_by_its_mark(world: World) -> None:
    world.deliver([a_mail("ours", sender=ADDRESS)], "Sent")
    with world.channel(sent_folder="Gesendet") as channel:
        [mail] = fetch_all(channel)[0].messages
    assert mail.external_id.startswith("Sent/")


def test_a_missing_folder_is_named_after_the_others_are_read(world: World) -> None:
    world.deliver([a_mail(1)])
    pages = []
    with world.channel(folders=("INBOX", "Shop")) as channel, pytest.raises(Refused, match="no folder Shop"):
        for page in channel.fetch({}, NOW):
            pages.append(page)
    assert subjects(pages) == ["question 1"]
    assert pages[-1].complete_until is None


def killed_after(world: World, kills: int, batch: int) -> tuple[list[Page], Cursor]:
    """Fetch with a kill after each of the first pages, each time from the last stored cursor."""
    stored: list[Page] = []
    cursor: Cursor = {}
    for _ in range(kills):
        with world.channel(batch=batch) as channel:
            page = next(iter(channel.fetch(saved(cursor), NOW)))
        stored.append(page)
        cursor = page.cursor
    with world.channel(batch=batch) as channel:
        stored += fetch_all(channel, cursor)
    return stored, stored[-1].cursor


@pytest.mark.parametrize("kills", range(0, 9, 2))
def test_killed_after_any_page_nothing_is_lost_or_doubled(
    world: World, kills: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "FIRST_BATCH", 2)
    inbox = [a_mail(n) for n in range(11)]
    sent = [a_mail(f"ours{n}", sender=ADDRESS) for n in range(5)]
    world.deliver(inbox)
    world.deliver(sent, "Sent")
    pages, cursor = killed_after(world, kills, batch=3)
    assert sorted(facts(m).raw for p in pages for m in p.messages) == sorted([*inbox, *sent])
    assert len(set(digests(pages))) == len(digests(pages))
    world.deliver([a_mail("new")])
    with world.channel() as channel:
        assert subjects(fetch_all(channel, cursor)) == ["question new"]


def test_mails_expunged_meanwhile_do_no_harm(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "FIRST_BATCH", 2)
    uids = world.deliver(a_mail(n) for n in range(6))
    with world.channel(batch=2) as channel, world.channel() as other:
        pages = channel.fetch({}, NOW)
        got = [next(pages)]
        other._mailbox.connect()
        other._mailbox.select("INBOX", write=True)
        other._mailbox._live().delete_messages(uids[1:3])
        other._mailbox._live().expunge()
        got += list(pages)
    assert subjects(got) == ["question 5", "question 4", "question 3", "question 0"]
    assert got[-1].history_done


def test_mails_asked_for_ahead_come_whatever_is_asked_between_and_from_their_folder_alone(
    world: World,
) -> None:
    uids = world.deliver(a_mail(n) for n in range(4))
    with world.channel() as channel, world.channel() as other:
        mailbox = channel._mailbox
        mailbox.connect()
        mailbox.select("INBOX")
        plain = mailbox.bodies(uids)
        mailbox.ask(uids[:2])
        assert mailbox.search(["ALL"]) == set(uids)
        other._mailbox.connect()
        other._mailbox.select("INBOX", write=True)
        other._mailbox._live().delete_messages(uids[:2])
        other._mailbox._live().expunge()
        assert mailbox.bodies(uids[2:]) == {uid: plain[uid] for uid in uids[2:]}
        assert mailbox.bodies(uids[:2]) == {uid: plain[uid] for uid in uids[:2]}, "they were here before"
        mailbox.ask(uids[2:])
        mailbox.select("Sent")
        assert mailbox.bodies(uids[2:]) == {}


def test_the_next_page_is_asked_for_while_one_is_stored(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "FIRST_BATCH", 2)
    uids = world.deliver(a_mail(n) for n in range(8))
    with world.channel(batch=2) as channel:
        pages = channel.fetch({}, NOW)
        got = [next(pages)]
        assert channel._mailbox._ahead is None, "nothing holds the newest back"
        got.append(next(pages))
        assert channel._mailbox._ahead is not None
        assert channel._mailbox._ahead.what[1] == (uids[1], uids[0])
        world.fault("imap_bye", times=1)
        with pytest.raises(Temporary):
            got.extend(pages)
        got += fetch_all(channel, got[-1].cursor)
    assert subjects(got) == [f"question {n}" for n in reversed(range(8))], "a line that broke loses nothing"


def test_after_a_new_uidvalidity_all_is_read_anew_and_recognisable(world: World) -> None:
    world.deliver([a_mail(1), a_mail(2)], at=NOW - DAY)
    with world.channel() as channel:
        before = fetch_all(channel)
        world.server.reset_uidvalidity("mail")
        world.deliver([a_mail(3)])
        after = fetch_all(channel, before[-1].cursor, NOW + 30 * DAY)
    assert sorted(subjects(after)) == ["question 1", "question 2", "question 3"]
    assert set(digests(before)) < set(digests(after))
    assert not set(ids(before)) & set(ids(after))
    assert after[-1].history_done


def test_a_uidvalidity_that_changes_in_the_middle_loses_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "FIRST_BATCH", 2)
    world.deliver(a_mail(n) for n in range(6))
    stored: list[Page] = []
    with world.channel(batch=2) as channel:
        pages = channel.fetch({}, NOW)
        stored.append(next(pages))
        world.server.reset_uidvalidity("mail")
        with pytest.raises(Temporary):
            stored.extend(pages)
        stored += fetch_all(channel, stored[-1].cursor)
    assert set(subjects(stored)) == {f"question {n}" for n in range(6)}


def test_a_mail_over_the_limit_is_kept_by_its_header(world: World) -> None:
    big = a_mail("big", body="x" * 20_000)
    world.deliver([big, a_mail("small")])
    with world.channel(max_mail_bytes=10_000) as channel:
        small, large = fetch_all(channel)[0].messages
    assert small.text == "Is the lock off?"
    assert (large.subject, large.text) == ("question big", "")
    assert "larger than max_mail_bytes" in facts(large).unparsed
    assert facts(large).raw == big[: big.index(b"\r\n\r\n") + 4]
    assert large.author.value == "hajobig@brandt.example"


def test_a_page_holds_no_more_bytes_than_it_may(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE_BYTES", 25_000)
    world.deliver(a_mail(n, body="x" * 10_000) for n in range(5))
    with world.channel() as channel:
        pages = fetch_all(channel)
        assert [len(page.messages) for page in pages] == [2, 2, 1, 0]
        world.deliver(a_mail(n, body="x" * 10_000) for n in range(5, 8))
        more = fetch_all(channel, pages[0].cursor)
    # Killed after the first page: news upwards, then what was left of the history.
    assert subjects(more) == [
        "question 5",
        "question 6",
        "question 7",
        "question 2",
        "question 1",
        "question 0",
    ]


def test_a_long_search_goes_window_by_window(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "_SEARCH_WINDOW", 4)
    world.deliver(a_mail(n) for n in range(11))
    with world.channel() as channel:
        pages = fetch_all(channel)
        world.deliver(a_mail(n) for n in range(11, 20))
        more = fetch_all(channel, pages[-1].cursor)
    assert len(set(subjects(pages))) == 11
    assert subjects(more) == [f"question {n}" for n in range(11, 20)]


def test_a_dead_connection_is_renewed(world: World) -> None:
    world.deliver([a_mail(1)])
    with world.channel() as channel:
        pages = fetch_all(channel)
        world.fault("imap_bye", times=1)
        world.deliver([a_mail(2)])
        assert subjects(fetch_all(channel, pages[-1].cursor)) == ["question 2"]


def test_a_bye_in_the_middle_is_temporary(world: World) -> None:
    world.deliver([a_mail(1)])
    with world.channel() as channel:
        channel._mailbox.connect()
        channel._mailbox.select("INBOX")
        world.fault("imap_bye", times=1)
        with pytest.raises(Temporary, match="IMAP 127.0.0.1"):
            channel._mailbox.sizes([1])
        assert subjects(fetch_all(channel)) == ["question 1"]


def test_what_was_fetched_before_an_error_is_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "FIRST_BATCH", 1)
    world.deliver(a_mail(n) for n in range(4))
    pages: list[Page] = []
    with world.channel(batch=1) as channel:
        bodies = channel._mailbox.bodies

        def breaks(uids: Sequence[int], *, header_only: bool = False) -> dict[int, bytes | None]:
            if 2 in uids:
                raise Temporary("the line is dead", "wait")
            return bodies(uids, header_only=header_only)

        monkeypatch.setattr(channel._mailbox, "bodies", breaks)
        with pytest.raises(Temporary, match="the line is dead"):
            pages.extend(channel.fetch({}, NOW))
    assert subjects(pages) == ["question 3", "question 2"]
    with world.channel(batch=1) as channel:
        assert subjects(fetch_all(channel, pages[-1].cursor)) == ["question 1", "question 0"]


def test_the_last_folder_with_history_is_read_in_several_pages_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "FIRST_BATCH", 1)
    world.deliver(a_mail(n) for n in range(12))
    opened: list[str] = []
    with world.channel(batch=1) as channel:
        select = channel._mailbox.select

        def noted(name: str) -> imap.Selected:
            opened.append(name)
            return select(name)

        monkeypatch.setattr(channel._mailbox, "select", noted)
        assert len(subjects(fetch_all(channel))) == 12
    assert opened.count("INBOX") == 4, "one for the first page, then for five pages each"


def test_a_wrong_password_needs_a_login(world: World) -> None:
    with world.channel(password="wrong") as channel, pytest.raises(LoginNeeded) as error:
        fetch_all(channel)
    assert "wrong" not in str(error.value) + error.value.hint


def test_a_password_with_letters_beyond_ascii_can_be_tried(world: World) -> None:
    with world.channel(password="größer") as channel, pytest.raises(LoginNeeded):
        fetch_all(channel)


@pytest.mark.parametrize("password", ["a\r\nA1 NOOP", "a\x00b"])
def test_a_password_that_would_be_a_command_is_not_sent(world: World, password: str) -> None:
    with world.channel(password=password) as channel, pytest.raises(Refused, match="the password"):
        fetch_all(channel)


def test_a_folder_name_that_would_be_a_command_is_not_sent(world: World) -> None:
    with world.channel(folders=("INBOX\r\nA1 NOOP",)) as channel, pytest.raises(Refused, match="folder"):
        fetch_all(channel)


def test_a_server_with_an_unknown_certificate_is_not_talked_to(world: World) -> None:
    with world.channel(ca_file="") as channel, pytest.raises(Temporary, match="cannot be trusted") as error:
        fetch_all(channel)
    assert "ca_file" in error.value.hint
    assert channel._mailbox._client is None


def test_a_ca_file_that_is_not_there_is_named(world: World) -> None:
    with world.channel(ca_file="/nowhere/ca.pem") as channel, pytest.raises(Temporary, match="nowhere"):
        fetch_all(channel)


def test_a_server_that_is_not_there_is_temporary(world: World) -> None:
    with world.channel(imap_port=1) as channel, pytest.raises(Temporary, match="IMAP 127.0.0.1:1"):
        fetch_all(channel)


def test_a_server_of_another_kind_is_temporary(world: World) -> None:
    # The SMTP server speaks TLS too, but greets in its own way.
    with world.channel(imap_port=world.server.smtp_port) as channel, pytest.raises(ChannelError):
        fetch_all(channel)


def test_closing_twice_is_harmless(world: World) -> None:
    with world.channel() as channel:
        fetch_all(channel)
        channel.close()
        channel.close()
        assert fetch_all(channel)[-1].history_done


def test_times_do_not_follow_the_zone_of_this_machine(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    at = int(datetime(2026, 7, 1, 12, 0, tzinfo=UTC).timestamp() * 1000)
    world.deliver([a_mail(1)], at=at)
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        with world.channel() as channel:
            [mail] = fetch_all(channel, now=at + HOUR)[0].messages
    finally:
        monkeypatch.undo()
        time.tzset()
    assert mail.sent_at == at


def test_the_reader_is_closed_with_the_channel(world: World) -> None:
    world.deliver([a_mail(1)])
    with world.channel() as channel:
        fetch_all(channel)
        child = channel._reader._child
        assert child is not None
    assert child.returncode is not None
    assert isinstance(channel, EmailChannel)
