"""Logins by OAuth against a provider on loopback: both flows, their refusals, renewal by many at once."""

from __future__ import annotations

import multiprocessing
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from inbox_tui.bootstrap import begin_login, open_channel, try_account
from inbox_tui.channels.oauth.exchange import tokens_from
from inbox_tui.channels.oauth.flows import BrowserLogin, DeviceLogin
from inbox_tui.channels.oauth.live import LiveSecret
from inbox_tui.channels.oauth.providers import provider_of
from inbox_tui.channels.oauth.redirect import parameters
from inbox_tui.config import AccountConfig, EmailAccount, FacebookAccount, OAuthConfig, XAccount
from inbox_tui.credentials.tokens import Tokens, load_tokens, save_tokens
from inbox_tui.errors import BadAnswer, ConfigError, CredentialError, LoginNeeded, Refused, Temporary
from inbox_tui.records import replace
from inbox_tui.sandbox.oauth_api import App
from inbox_tui.sandbox.runner import ADDRESS, Sandbox


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(tmp_path_factory.mktemp("world"), scenario="empty") as world:
        yield world


@pytest.fixture
def world(shared: Sandbox) -> Iterator[Sandbox]:
    shared.oauth.life, shared.oauth.renewals = 3600, 0
    yield shared
    for fault in shared.faults.active():
        shared.faults.switch({"channel": fault.channel, "fault": fault.name, "on": False})


def oauth(world: Sandbox, tmp_path: Path, provider: str, app: str) -> OAuthConfig:
    url = world.oauth.url
    return OAuthConfig(
        provider=provider,
        client_id=app,
        tokens_file=str(tmp_path / f"{app}.tokens"),
        authorize_url=f"{url}/authorize",
        token_url=f"{url}/token",
        device_url=f"{url}/device",
    )


def mail(
    world: Sandbox, tmp_path: Path, provider: str = "microsoft", app: str = "sandbox-mail"
) -> EmailAccount:
    return EmailAccount(
        name="mail",
        channel="email",
        address=ADDRESS,
        imap_host="127.0.0.1",
        imap_port=world.mail.imap_port,
        smtp_host="127.0.0.1",
        smtp_port=world.mail.smtp_port,
        ca_file=str(world.directory / "ca.pem"),
        oauth=oauth(world, tmp_path, provider, app),
    )


def on_x(world: Sandbox, tmp_path: Path) -> XAccount:
    known = oauth(world, tmp_path, "x", "sandbox-x")
    ports = world._ports()
    return XAccount(
        name="shop",
        channel="x",
        handle="@shop",
        api_url=f"https://127.0.0.1:{ports['x']}",
        ca_file=str(world.directory / "ca.pem"),
        oauth=on_a_free_port(known),
    )


def page(world: Sandbox, tmp_path: Path) -> FacebookAccount:
    return FacebookAccount(
        name="page",
        channel="facebook",
        page_id=world.graph.page.id,
        api_url=f"https://127.0.0.1:{world._ports()['facebook']}/v26.0",
        ca_file=str(world.directory / "ca.pem"),
        oauth=on_a_free_port(oauth(world, tmp_path, "facebook", "sandbox-page")),
    )


def on_a_free_port(known: OAuthConfig) -> OAuthConfig:
    """A port of this test's own: the usual one may be in use on this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return replace(known, redirect_port=free.getsockname()[1])


def given(account: AccountConfig) -> OAuthConfig:
    assert account.oauth is not None
    return account.oauth


def nothing() -> None:
    """Nobody pastes an address."""


def click(account: AccountConfig, url: str, said: str, **changed: str) -> requests.Response:
    """What the browser does once somebody has said yes or no."""
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | changed
    address = f"{parts.scheme}://{parts.netloc}{parts.path}?{urlencode({**query, 'answer': said})}"
    return requests.get(address, verify=account.ca_file, timeout=10, allow_redirects=True)


def logged_in(account: AccountConfig, said: str = "allow", **changed: str) -> None:
    """A whole login in a browser."""
    login = begin_login(account, device=False)
    browser = threading.Thread(target=click, args=(account, login.url, said), kwargs=changed)
    browser.start()
    try:
        login.wait(nothing)
    finally:
        browser.join()


# In a browser


@pytest.mark.parametrize("provider", ["google", "microsoft"])
def test_a_login_in_the_browser_opens_the_mailbox(world: Sandbox, tmp_path: Path, provider: str) -> None:
    account = mail(world, tmp_path, provider)
    logged_in(account)
    kept = load_tokens(account)
    assert kept.refresh_token and kept.expires_at is not None
    assert kept.expires_at > time.time() * 1000 + 3_000_000
    assert kept.scopes == provider_of(account).scopes
    try_account(account)


def test_what_the_browser_opens_asks_for_all_that_is_needed_and_holds_no_secret(
    world: Sandbox, tmp_path: Path
) -> None:
    login = begin_login(mail(world, tmp_path, "google"), device=False)
    login.close()
    query = {name: values[0] for name, values in parse_qs(urlsplit(login.url).query).items()}
    assert query["code_challenge_method"] == "S256"
    assert len(query["state"]) > 20 and len(query["code_challenge"]) == 43
    assert query["redirect_uri"].startswith("http://127.0.0.1:")
    assert (query["scope"], query["access_type"]) == ("https://mail.google.com/", "offline")
    again = begin_login(mail(world, tmp_path, "google"), device=False)
    again.close()
    assert parse_qs(urlsplit(again.url).query)["state"] != [query["state"]]
    assert "verifier" not in login.url


def test_microsoft_comes_back_to_localhost(world: Sandbox, tmp_path: Path) -> None:
    login = begin_login(mail(world, tmp_path), device=False)
    login.close()
    assert parse_qs(urlsplit(login.url).query)["redirect_uri"][0].startswith("http://localhost:")


def test_a_refusal_in_the_browser_is_told(world: Sandbox, tmp_path: Path) -> None:
    account = mail(world, tmp_path)
    with pytest.raises(LoginNeeded, match="The owner said no") as caught:
        logged_in(account, "refuse")
    assert "allow what is asked for" in caught.value.hint
    with pytest.raises(CredentialError, match="nobody has logged in"):
        load_tokens(account)


def test_the_answer_to_another_login_is_not_taken(world: Sandbox, tmp_path: Path) -> None:
    account = mail(world, tmp_path)
    world.faults.switch({"channel": "oauth", "fault": "wrong_state", "times": 1})
    with pytest.raises(LoginNeeded, match="the answer to another login"):
        logged_in(account)
    with pytest.raises(CredentialError):
        load_tokens(account)


def test_a_code_that_somebody_else_asked_for_brings_nothing(world: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(LoginNeeded, match="asked for by somebody else"):
        logged_in(mail(world, tmp_path), code_challenge="A" * 43)


def test_where_the_browser_runs_elsewhere_its_last_address_is_pasted(world: Sandbox, tmp_path: Path) -> None:
    account = mail(world, tmp_path)
    login = begin_login(account, device=False)
    assert isinstance(login, BrowserLogin)
    answer = requests.get(
        login.url + "&answer=allow", verify=account.ca_file, timeout=10, allow_redirects=False
    )
    pasted = iter(("nonsense\n", answer.headers["Location"] + "\n"))
    login.wait(lambda: next(pasted, None))
    assert load_tokens(account).access_token


def test_other_requests_to_the_port_change_nothing(world: Sandbox, tmp_path: Path) -> None:
    account = mail(world, tmp_path)
    login = begin_login(account, device=False)
    back = parse_qs(urlsplit(login.url).query)["redirect_uri"][0].replace("localhost", "127.0.0.1")

    def browse() -> None:
        assert requests.get(f"{back}/favicon.ico", timeout=10).status_code == 404
        page = click(account, login.url, "allow")
        assert "Go back to the terminal" in page.text and page.headers["Cache-Control"] == "no-store"

    browser = threading.Thread(target=browse)
    browser.start()
    login.wait(nothing)
    browser.join()
    assert load_tokens(account).access_token


def test_nobody_is_waited_for_for_ever(world: Sandbox, tmp_path: Path) -> None:
    account = mail(world, tmp_path)
    ticks = iter(range(0, 100_000, 400))
    login = BrowserLogin(account, provider_of(account), lambda: float(next(ticks)))
    with pytest.raises(LoginNeeded, match="nobody logged in within 10 minutes"):
        login.wait(nothing)


def test_a_port_that_is_taken_is_named(world: Sandbox, tmp_path: Path) -> None:
    account = on_x(world, tmp_path)
    first = begin_login(account, device=False)
    try:
        with pytest.raises(ConfigError, match="cannot be listened on") as caught:
            begin_login(account, device=False)
        assert "redirect_port" in caught.value.hint
    finally:
        first.close()


def test_an_app_that_the_provider_does_not_know_is_told(world: Sandbox, tmp_path: Path) -> None:
    account = mail(world, tmp_path, app="nobody")
    with pytest.raises(LoginNeeded, match="does not know this app") as caught:
        begin_login(account, device=True)
    assert "client_id" in caught.value.hint


@pytest.mark.parametrize("provider", ["x", "microsoft"])
def test_the_secret_of_an_app_goes_where_the_provider_wants_it(
    world: Sandbox, tmp_path: Path, provider: str
) -> None:
    world.oauth.add_app(App("confidential", ADDRESS, "app secret+1"))
    file = tmp_path / "app"
    file.touch(0o600)
    file.write_text("app secret+1\n")
    known = mail(world, tmp_path, provider, "confidential")
    account = replace(known, oauth=replace(given(known), secret_file=str(file)))
    logged_in(account)
    assert load_tokens(account).access_token
    file.write_text("wrong\n")
    with pytest.raises(LoginNeeded, match="does not know this app"):
        begin_login(account, device=True)


# By a code


def device(account: AccountConfig, paused: Callable[[float], None]) -> DeviceLogin:
    return DeviceLogin(account, provider_of(account), sleep=paused)


def test_a_login_by_a_code_opens_the_mailbox(world: Sandbox, tmp_path: Path) -> None:
    account = mail(world, tmp_path)
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            assert click(account, f"{login.url}?user_code={login.code}", "allow").ok

    login = device(account, pause)
    assert login.url.endswith("/verify") and len(login.code) == 8
    login.wait(nothing)
    assert pauses == [1, 1, 1]
    try_account(account)


def test_a_login_by_a_code_slows_down_when_it_is_told(world: Sandbox, tmp_path: Path) -> None:
    account = mail(world, tmp_path)
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            click(account, f"{login.url}?user_code={login.code}", "allow")

    login = device(account, pause)
    world.faults.switch({"channel": "oauth", "fault": "slow_down", "times": 2})
    login.wait(nothing)
    assert pauses == [1, 6, 11]


def test_a_login_by_a_code_outlives_a_provider_that_is_out_of_order(world: Sandbox, tmp_path: Path) -> None:
    account = mail(world, tmp_path)
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 1:
            click(account, f"{login.url}?user_code={login.code}", "allow")
            world.faults.switch({"channel": "oauth", "fault": "html_503", "times": 2, "path": "/token"})

    login = device(account, pause)
    login.wait(nothing)
    assert pauses == [1, 2, 4]
    assert load_tokens(account).access_token


def test_a_refusal_of_a_code_is_told(world: Sandbox, tmp_path: Path) -> None:
    account = mail(world, tmp_path)

    def pause(_seconds: float) -> None:
        click(account, f"{login.url}?user_code={login.code}", "refuse")

    login = device(account, pause)
    with pytest.raises(LoginNeeded, match="The owner said no"):
        login.wait(nothing)


def test_a_code_that_has_run_out_is_told(world: Sandbox, tmp_path: Path) -> None:
    account = mail(world, tmp_path)
    login = device(account, lambda _: None)
    world.faults.switch({"channel": "oauth", "fault": "expired_token", "times": 1})
    with pytest.raises(LoginNeeded, match="the code has run out"):
        login.wait(nothing)
    late = iter((0, 1, 10**15))
    gone = DeviceLogin(account, provider_of(account), sleep=lambda _: None, now=lambda: next(late))
    with pytest.raises(LoginNeeded, match="the code has run out"):
        gone.wait(nothing)


@pytest.mark.parametrize("provider", ["google", "x"])
def test_a_provider_without_a_login_by_code_says_what_else_there_is(
    world: Sandbox, tmp_path: Path, provider: str
) -> None:
    known = mail(world, tmp_path, provider)
    account = replace(known, oauth=replace(given(known), device_url=""))
    with pytest.raises(ConfigError, match="no login by code") as caught:
        begin_login(account, device=True)
    assert "without --device" in caught.value.hint


# X and Facebook


def test_a_login_on_x_reads_and_renews_by_itself(world: Sandbox, tmp_path: Path) -> None:
    account = on_x(world, tmp_path)
    logged_in(account)
    channel = open_channel(account)
    list(channel.fetch({}, world.now()))
    kept = load_tokens(account)
    world.oauth.withdraw("nobody")
    # Its time is over while the channel is open: the next call takes a new token.
    expired = Tokens(kept.access_token, kept.refresh_token, world.now())
    save_tokens(account, expired)
    fresh = open_channel(account)
    list(fresh.fetch({}, world.now()))
    assert load_tokens(account).access_token != kept.access_token
    assert world.oauth.renewals == 1
    channel.close()
    fresh.close()


def test_a_token_that_x_refuses_is_changed_for_another_once(world: Sandbox, tmp_path: Path) -> None:
    account = on_x(world, tmp_path)
    logged_in(account)
    world.faults.switch({"channel": "x", "fault": "unauthorized", "times": 1})
    channel = open_channel(account)
    list(channel.fetch({}, world.now()))
    assert world.oauth.renewals == 1
    world.faults.switch({"channel": "x", "fault": "unauthorized"})
    with pytest.raises(LoginNeeded) as caught:
        list(channel.fetch({}, world.now()))
    assert caught.value.hint == "log in again: inbox-tui auth shop"
    channel.close()


def test_a_login_on_facebook_brings_the_page_s_own_token(world: Sandbox, tmp_path: Path) -> None:
    account = page(world, tmp_path)
    logged_in(account)
    assert load_tokens(account) == Tokens(world.graph.token, scopes=provider_of(account).scopes)
    channel = open_channel(account)
    list(channel.fetch({}, world.now()))
    channel.close()


def test_somebody_who_does_not_run_the_page_is_told_so(world: Sandbox, tmp_path: Path) -> None:
    world.oauth.add_app(App("stranger", "stranger"))
    account = replace(
        page(world, tmp_path), oauth=on_a_free_port(oauth(world, tmp_path, "facebook", "stranger"))
    )
    with pytest.raises(Refused, match="Facebook") as caught:
        logged_in(account)
    assert "runs page" in caught.value.hint


# Renewal


def test_a_token_is_renewed_before_it_runs_out_and_mail_goes_on(world: Sandbox, tmp_path: Path) -> None:
    account = mail(world, tmp_path)
    world.oauth.life = 60
    logged_in(account)
    before = load_tokens(account)
    world.oauth.life = 3600
    secret = LiveSecret(account)
    assert secret.reveal() != before.access_token
    assert secret.reveal() == load_tokens(account).access_token
    assert world.oauth.renewals == 1
    assert before.access_token not in repr(secret)


def test_a_mailbox_that_refuses_a_token_gets_another(world: Sandbox, tmp_path: Path) -> None:
    account = mail(world, tmp_path)
    logged_in(account)
    kept = load_tokens(account)
    save_tokens(account, Tokens("not-a-token", kept.refresh_token, kept.expires_at))
    try_account(account)
    assert world.oauth.renewals == 1
    save_tokens(account, Tokens("not-a-token", load_tokens(account).refresh_token, kept.expires_at))
    channel = open_channel(account)
    assert hasattr(channel, "try_sending")
    channel.try_sending()
    assert world.oauth.renewals == 2


def test_a_login_that_was_withdrawn_says_what_to_do(world: Sandbox, tmp_path: Path) -> None:
    account = mail(world, tmp_path)
    logged_in(account)
    world.oauth.withdraw(ADDRESS)
    with pytest.raises(LoginNeeded, match="run out or was withdrawn") as caught:
        try_account(account)
    assert caught.value.hint == "log in again: inbox-tui auth mail"
    save_tokens(account, Tokens("gone", "", 1))
    with pytest.raises(LoginNeeded, match="has run out"):
        LiveSecret(account).reveal()


def test_a_mailbox_that_refuses_every_token_says_what_to_do(world: Sandbox, tmp_path: Path) -> None:
    account = mail(world, tmp_path)
    logged_in(account)
    world.faults.switch({"channel": "email", "fault": "login_refused"})
    with pytest.raises(LoginNeeded) as caught:
        try_account(account)
    assert caught.value.hint == "log in again: inbox-tui auth mail"


def test_while_the_provider_is_out_of_order_the_tokens_stay(world: Sandbox, tmp_path: Path) -> None:
    account = mail(world, tmp_path)
    world.oauth.life = 60
    logged_in(account)
    kept = load_tokens(account)
    secret = LiveSecret(account)
    for fault in ("html_503", "cut"):
        world.faults.switch({"channel": "oauth", "fault": fault, "times": 1})
        with pytest.raises((Temporary, BadAnswer)):
            secret.reveal()
        if fault == "html_503":
            assert load_tokens(account) == kept


def _renew(account: EmailAccount, start: object, out: object) -> None:
    start.wait()  # type: ignore[attr-defined]
    out.put(LiveSecret(account).reveal())  # type: ignore[attr-defined]


def test_of_many_processes_that_renew_at_once_one_does(world: Sandbox, tmp_path: Path) -> None:
    account = mail(world, tmp_path)
    world.oauth.life = 60
    logged_in(account)
    world.oauth.life = 3600
    # A refresh token is good once: the second use would end the login.
    context = multiprocessing.get_context("spawn")
    start, out = context.Event(), context.Queue()
    children = [context.Process(target=_renew, args=(account, start, out)) for _ in range(3)]
    for child in children:
        child.start()
    start.set()
    got = {out.get(timeout=60) for _ in children}
    for child in children:
        child.join()
    assert got == {load_tokens(account).access_token}
    assert world.oauth.renewals == 1


def test_of_many_threads_that_share_a_secret_one_renews(world: Sandbox, tmp_path: Path) -> None:
    account = mail(world, tmp_path)
    world.oauth.life = 60
    logged_in(account)
    world.oauth.life = 3600
    secrets, got = [LiveSecret(account) for _ in range(4)], []
    threads = [threading.Thread(target=lambda one=one: got.append(one.reveal())) for one in secrets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(got) == {load_tokens(account).access_token}
    assert world.oauth.renewals == 1


# Answers


@pytest.mark.parametrize(
    ("answer", "expires"),
    [
        ({"access_token": "a", "expires_in": 10}, 10_005),
        ({"access_token": "a", "expires_in": "10"}, 10_005),
        ({"access_token": "a"}, None),
        ({"access_token": "a", "expires_in": 0}, None),
        ({"access_token": "a", "expires_in": True}, None),
        ({"access_token": "a", "expires_in": [1]}, None),
        ({"access_token": "a", "expires_in": 10**30}, 5 + 10 * 365 * 86_400_000),
    ],
)
def test_when_a_token_runs_out(answer: dict[str, object], expires: int | None) -> None:
    assert tokens_from(answer, 5) == Tokens("a", "", expires)


@pytest.mark.parametrize("token", [None, "", 7, "a\r\nb", "ü"])
def test_an_answer_without_a_fit_token_is_refused(token: object) -> None:
    with pytest.raises(BadAnswer):
        tokens_from({"access_token": token}, 0)


def test_a_renewed_token_keeps_what_the_answer_leaves_out() -> None:
    before = Tokens("a", "r", 1, ("mail",))
    assert tokens_from({"access_token": "b"}, 0, before) == Tokens("b", "r", None, ("mail",))


@pytest.mark.parametrize("text", ["", "http://[", "http://127.0.0.1/?x=1", "code"])
def test_what_is_no_answer_to_a_login_is_not_taken_for_one(text: str) -> None:
    assert parameters(text) is None


def test_no_message_of_a_provider_shows_a_token(world: Sandbox, tmp_path: Path) -> None:
    account = mail(world, tmp_path)
    logged_in(account)
    kept = load_tokens(account)
    world.oauth.withdraw(ADDRESS)
    with pytest.raises(LoginNeeded) as caught:
        LiveSecret(account).renew()
    shown = f"{caught.value.message} {caught.value.hint}"
    assert kept.refresh_token not in shown and kept.access_token not in shown
