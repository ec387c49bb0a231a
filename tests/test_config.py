"""Each mistake in the configuration says file, key, what is wrong and how to mend it."""

from __future__ import annotations

import datetime
import json
import re
import tomllib
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inbox_tui.config import (
    CHOICES,
    KINDS,
    RANGES,
    AccountConfig,
    AcknowledgementConfig,
    Config,
    DeskConfig,
    EffortConfig,
    EmailAccount,
    FacebookAccount,
    HooksConfig,
    MatchingConfig,
    OAuthConfig,
    OfficeConfig,
    OtherAccount,
    TemplateConfig,
    UiConfig,
    XAccount,
    load,
)
from inbox_tui.errors import ConfigError

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"
MAIL = '[accounts.m]\nchannel = "email"\naddress = "a@shop.example"\nimap_host = "i"\nsmtp_host = "s"\n'
X = '[accounts.x]\nchannel = "x"\nhandle = "@shop"\n'
PAGE = '[accounts.p]\nchannel = "facebook"\npage_id = "1"\n'


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("INBOX_TUI_CONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("LOGNAME", "petra")


def read(tmp_path: Path, text: str) -> Config:
    file = tmp_path / "c.toml"
    file.write_text(text, "utf-8")
    return load(str(file))


# What is read


def test_without_a_file_all_is_default() -> None:
    config = load()
    assert config.path is None
    assert config.accounts == {}
    assert config.desk == DeskConfig()
    assert config.agent == "petra"
    assert config.store.name == "inbox.db"


def test_a_whole_account_of_each_channel(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        MAIL + 'name = "Shop"\npassword_command = ["pass", "mail"]\nfolders = ["INBOX", "Web"]\n'
        'smtp_security = "starttls"\nsignature = "Kind regards\\nShop"\nca_file = "ca.pem"\n'
        + X
        + 'token_env = "T"\nbudget_per_day = 3\n'
        + PAGE
        + 'token_file = "~/page"\noverlap_minutes = 0\n',
    )
    mail, x, page = config.accounts.values()
    assert isinstance(mail, EmailAccount)
    assert (mail.name, mail.display_name, mail.secret_command) == ("m", "Shop", ("pass", "mail"))
    assert (mail.folders, mail.smtp_security) == (("INBOX", "Web"), "starttls")
    assert mail.ca_file == str(tmp_path / "ca.pem")
    assert isinstance(x, XAccount)
    assert (x.secret_env, x.budget_per_day, type(x.budget_per_day)) == ("T", 3.0, float)
    assert isinstance(page, FacebookAccount)
    assert (page.secret_file, page.overlap_minutes) == (str(tmp_path / "page"), 0)


def test_options_go_before_the_file_and_the_file_before_defaults(tmp_path: Path) -> None:
    config = read(tmp_path, 'store = "s/own.db"\nagent = "lena"\n')
    assert (config.store, config.agent) == (tmp_path / "s" / "own.db", "lena")
    config = load(str(tmp_path / "c.toml"), store=str(tmp_path / "other.db"), agent="ali")
    assert (config.store, config.agent) == (tmp_path / "other.db", "ali")


def test_the_environment_names_the_file_and_the_option_goes_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "env.toml").write_text('agent = "env"')
    (tmp_path / "option.toml").write_text('agent = "option"')
    monkeypatch.setenv("INBOX_TUI_CONFIG", str(tmp_path / "env.toml"))
    assert load().agent == "env"
    assert load(str(tmp_path / "option.toml")).agent == "option"


def test_plain_text_is_allowed_on_loopback(tmp_path: Path) -> None:
    mail = MAIL.replace('"i"', '"127.0.0.1"').replace('"s"', '"localhost"')
    account = read(tmp_path, mail + 'imap_security = "plain"\nsmtp_security = "plain"\n').accounts["m"]
    assert isinstance(account, EmailAccount)
    assert account.imap_security == "plain"
    assert "x" in read(tmp_path, X + 'api_url = "http://127.0.0.1:8080"\n').accounts


def test_a_channel_of_another_package_checks_its_own_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Point:
        name = "pigeon"

    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [Point()])
    config = read(tmp_path, '[accounts.a]\nchannel = "pigeon"\nloft = 3\ntoken_env = "P"\npoll_seconds = 5\n')
    assert config.accounts["a"] == OtherAccount(
        name="a", channel="pigeon", secret_env="P", poll_seconds=5, options={"loft": 3}
    )


# Mistakes


@pytest.mark.parametrize(
    ("text", "key", "wrong", "hint"),
    [
        ('[ui]\ncolumns = ["tag"]', "ui.columns", '"tag" is not known', '"tags"'),
        ('stroe = "x"', "stroe", "no such key", '"store"'),
        ("[desk]\njoin_hour = 1", "desk.join_hour", "no such key", '"join_hours"'),
        (MAIL + "imap_prot = 993", "accounts.m.imap_prot", "no such key", '"imap_port"'),
        (MAIL + "quite_else = 1", "accounts.m.quite_else", "no such key", "known are: "),
        (MAIL + 'display_name = "S"', "accounts.m.display_name", "no such key", '"name"'),
        (X + 'name = "S"', "accounts.x.name", "no such key", "known are: "),
        (X + 'password_env = "S"', "accounts.x.password_env", "no such key", ""),
        ("store = 1", "store", "text in quotes is expected, not a whole number", 'store = "…"'),
        (MAIL + 'imap_port = "993"', "accounts.m.imap_port", "a whole number is expected, not text", "993"),
        (MAIL + "imap_port = true", "accounts.m.imap_port", "not true or false", "993"),
        (MAIL + "sent_copy = 1", "accounts.m.sent_copy", "true or false is expected", "true"),
        (MAIL + 'folders = "INBOX"', "accounts.m.folders", "a list of texts", "["),
        (MAIL + "folders = [1]", "accounts.m.folders", "a list of texts", "["),
        (MAIL + 'password_command = "pass mail"', "accounts.m.password_command", "a list of texts", "["),
        (MAIL + "signature = 2026-11-22", "accounts.m.signature", "not a table or time", '"…"'),
        (X + "budget_per_day = nan", "accounts.x.budget_per_day", "out of range", "from 0 to"),
        (X + "budget_per_day = -1", "accounts.x.budget_per_day", "out of range", "from 0 to"),
        (X + f"budget_per_day = 1{'0' * 400}", "accounts.x.budget_per_day", "out of range", "from 0 to"),
        (MAIL + "smtp_port = 65536", "accounts.m.smtp_port", "65536 is out of range", "from 1 to 65535"),
        (MAIL + "poll_seconds = 0", "accounts.m.poll_seconds", "out of range", "from 1 to"),
        (MAIL + 'imap_security = "tsl"', "accounts.m.imap_security", '"tsl" is not known', '"tls"'),
        (X + 'auth = "basic"', "accounts.x.auth", "is not known", "oauth2, oauth1"),
        (MAIL + 'imap_security = "plain"', "accounts.m.imap_security", "plain text to i", '"tls"'),
        (MAIL + 'smtp_security = "plain"', "accounts.m.smtp_security", "plain text to s", '"tls"'),
        (X + 'api_url = "http://api.example"', "accounts.x.api_url", "plain text to api.example", "https"),
        (PAGE + 'api_url = "graph.example"', "accounts.p.api_url", "not an address", "https://HOST"),
        (PAGE + 'api_url = "https://[::1"', "accounts.p.api_url", "not an address", "https://HOST"),
        (MAIL + 'username = "a\\r\\nb"', "accounts.m.username", "control character", "take it out"),
        (MAIL + 'folders = ["A\\nB"]', "accounts.m.folders", "control character", "take it out"),
        (MAIL + 'signature = "\\u001b[2J"', "accounts.m.signature", "control character", "take it out"),
        (MAIL + 'password = "hunter2"', "accounts.m.password", "does not belong", "password_command"),
        (X + 'token = "hunter2"', "accounts.x.token", "does not belong", "token_command"),
        (X + 'secret_env = "T"', "accounts.x.secret_env", "no such key", "token_env"),
        (
            MAIL + 'password_env = "A"\npassword_file = "b"',
            "accounts.m",
            "password_env and password_file",
            "keep one",
        ),
        ('[accounts.a]\nhandle = "@a"', "accounts.a.channel", "missing", "add channel"),
        ('[accounts.a]\nchannel = "emial"', "accounts.a.channel", "not a channel", '"email"'),
        (
            '[accounts.a]\naddress = "a@b"',
            "accounts.a.channel",
            "missing",
            'channel = "email", or x, facebook',
        ),
        (MAIL.replace("a@shop.example", "a"), "accounts.m.address", "no mail address", "NAME@DOMAIN"),
        (MAIL + 'aliases = ["a@b", "@c"]', "accounts.m.aliases", '"@c" is no mail address', "NAME@DOMAIN"),
        ("[accounts.a]\nchannel = 3", "accounts.a.channel", "text in quotes is expected", "channel"),
        (MAIL.replace('address = "a@shop.example"\n', ""), "accounts.m.address", "missing", "add address"),
        (MAIL.replace('"i"', '" "'), "accounts.m.imap_host", "empty", "imap_host"),
        ('accounts = "mail"', "accounts", "a table is expected", "[accounts]"),
        ("[accounts]\nmail = 1", "accounts.mail", "a table is expected", "[accounts.mail]"),
        ("desk = 1", "desk", "a table is expected", "[desk]"),
        ('[[views]]\nquery = "a"', "views", "a table is expected", "[views.NAME]"),
        ("[[desk]]", "desk", "a table is expected", "[desk]"),
        ('[accounts."a\\u001b"]\nchannel = "x"', "accounts.'a\\x1b'", "not a name", "letters"),
        ('store = "~nobody-of-that-name/x.db"', "store", "no known home", "whole path"),
        (MAIL + 'ca_file = "~nobody-of-that-name/x"', "accounts.m.ca_file", "no known home", "whole path"),
        ('[hooks]\non_sent = "notify"', "hooks.on_sent", "a list of texts", '["…", "…"]'),
        ('[hooks]\non_sent = [""]', "hooks.on_sent", "first word is empty", "COMMAND"),
        ("[hooks]\ntimeout_seconds = 0", "hooks.timeout_seconds", "out of range", "600"),
        ('[hooks]\non_mail = ["a"]', "hooks.on_mail", "no such key", "on_"),
        (MAIL + 'acknowledge = "yes"', "accounts.m.acknowledge", "is not known", "no, private, all"),
        ('[acknowledgements.DE]\ntext = "a"', "acknowledgements.'DE'", "not a language", "de, en"),
        ('[acknowledgements.de]\ntxt = "a"', "acknowledgements.de.txt", "no such key", '"text"'),
        (
            "[desk]\nacknowledge_within_minutes = 0",
            "desk.acknowledge_within_minutes",
            "out of range",
            "from 1",
        ),
        ("store = \n", "line 1", "not TOML", "mend the file"),
        ("a = " + "[" * 5000, "", "not a configuration", "config.example.toml"),
        ("a = " + "1" * 5000, "", "not a configuration", "config.example.toml"),
    ],
)
def test_a_mistake_names_file_key_and_mend(
    tmp_path: Path, text: str, key: str, wrong: str, hint: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / 'c.toml'}: ")
    assert key in str(caught.value)
    assert wrong in str(caught.value)
    assert hint in caught.value.hint
    assert caught.value.hint
    assert "hunter2" not in str(caught.value) + caught.value.hint


def test_not_utf_8(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_bytes(b'agent = "J\xfcrgen"')
    with pytest.raises(ConfigError, match=r"c\.toml: not UTF-8 at byte 10"):
        load(str(tmp_path / "c.toml"))


def test_a_named_file_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"c\.toml: there is no such file"):
        load(str(tmp_path / "c.toml"))
    monkeypatch.setenv("INBOX_TUI_CONFIG", str(tmp_path / "e.toml"))
    with pytest.raises(ConfigError, match=r"e\.toml: there is no such file"):
        load()


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Is a directory"):
        load(str(tmp_path))


def test_a_folder_that_cannot_be_read_is_no_missing_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "exists", refuse)
    with pytest.raises(ConfigError, match="Permission denied"):
        load()


# Any value for any key


def file_key(kind: type[Any], name: str) -> str:
    """The key as the file spells it."""
    if kind is EmailAccount:
        return {"display_name": "name"}.get(name, name.replace("secret_", "password_"))
    if kind is OAuthConfig:
        return name.replace("secret_", "client_secret_")
    return name.replace("secret_", "token_")


plain = st.text(st.characters(codec="utf-8"), max_size=12)
known = sorted({file_key(kind, f.name) for kind in KINDS.values() for f in fields(kind)})
# Those that hold a number or a choice twice as often.
keys = st.sampled_from([*known, *CHOICES, *RANGES]) | plain
scalars = st.one_of(
    plain,
    st.sampled_from(["tls", "plain", "~", "~x/y", "http://a", "https://[", "oauth1", "email", "127.0.0.1"]),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.booleans(),
    st.datetimes(),
    st.dates(),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(plain, inner, max_size=3),
    max_leaves=5,
)


def toml(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, str):
        # JSON leaves DEL as it is; TOML does not.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml(key)} = {toml(item)}" for key, item in value.items()) + "}"
    return repr(value)


tables = st.dictionaries(keys, values, max_size=4)
accounts = st.builds(
    lambda base, extra: {**base, **extra},
    st.sampled_from([tomllib.loads(text)["accounts"] for text in (MAIL, X, PAGE)]).map(
        lambda account: dict(next(iter(account.values())))
    ),
    tables,
)
whole = st.fixed_dictionaries(
    {},
    optional={
        "store": values,
        "agent": values,
        "desk": values | tables,
        "accounts": values | st.dictionaries(plain, accounts | values, max_size=2),
        "other": values,
    },
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(whole)
def test_any_file_is_read_or_refused(tmp_path: Path, data: dict[str, Any]) -> None:
    text = "\n".join(f"{key} = {toml(value)}" for key, value in data.items())
    tomllib.loads(text)
    try:
        config = read(tmp_path, text)
    except ConfigError as error:
        assert str(error).startswith(str(tmp_path / "c.toml"))
        assert error.hint
    else:
        assert all(isinstance(account, AccountConfig) for account in config.accounts.values())


# config.example.toml


def uncommented() -> str:
    return re.sub(r'^#(?=[\w."]+ = )', "", EXAMPLE.read_text("utf-8"), flags=re.MULTILINE)


def test_the_example_loads_and_what_it_comments_out_are_the_defaults(tmp_path: Path) -> None:
    as_it_is = load(str(EXAMPLE))
    (tmp_path / EXAMPLE.name).write_text(uncommented(), "utf-8")
    all_given = load(str(tmp_path / EXAMPLE.name))
    assert len(uncommented()) < len(EXAMPLE.read_text("utf-8")) - 30
    assert (all_given.desk, all_given.store, all_given.agent) == (
        as_it_is.desk,
        as_it_is.store,
        as_it_is.agent,
    )
    for name, account in as_it_is.accounts.items():
        for f in fields(account):
            if f.name not in ("secret_file", "oauth"):  # relative to the file
                assert getattr(all_given.accounts[name], f.name) == getattr(account, f.name), f.name
    assert {account.channel for account in as_it_is.accounts.values()} == set(KINDS)


def test_the_example_shows_every_key_with_its_default_and_no_other() -> None:
    data = tomllib.loads(uncommented())
    active = tomllib.loads(EXAMPLE.read_text("utf-8"))
    assert set(data) == {f.name for f in fields(Config)} - {"path", "kiosk"}
    listed = {name: tuple(value) if isinstance(value, list) else value for name, value in data["ui"].items()}
    assert listed == {f.name: f.default for f in fields(UiConfig)}
    assert data["views"] == {"refunds": {"query": "refund is:waiting", "key": ""}}
    shown = data["templates"]["thanks"]
    assert {**shown, "text": ""} == {f.name: f.default for f in fields(TemplateConfig) if f.name != "name"}
    assert active["templates"] == {"thanks": {"text": shown["text"]}}
    assert data["keys"] == {"inbox.done": "e"}
    spoken = {f.name: f.default for f in fields(AcknowledgementConfig) if f.name != "language"}
    assert data["acknowledgements"] == {"de": {**spoken, "words": []}}
    assert active["acknowledgements"] == {"de": {}}
    hooks = {f.name: f.default for f in fields(HooksConfig)}
    assert data["hooks"] == {key: list(v) if isinstance(v, tuple) else v for key, v in hooks.items()}
    assert active["hooks"] == {}
    desk = {f.name: f.default for f in fields(DeskConfig)}
    assert data["desk"] == {key: list(v) if isinstance(v, tuple) else v for key, v in desk.items()}
    assert active["desk"] == {}
    for name, table in (("office", OfficeConfig), ("effort", EffortConfig), ("matching", MatchingConfig)):
        usual = {
            f.name: list(f.default) if isinstance(f.default, tuple) else f.default for f in fields(table)
        }
        assert (data[name], active[name]) == (usual, {}), name
    for name, given_table in data["accounts"].items():
        kind = KINDS[given_table["channel"]]
        own = {file_key(kind, f.name): f for f in fields(kind) if f.name not in ("name", "channel", "oauth")}
        assert set(given_table) - {"oauth"} == {*own, "channel"}
        for key, f in own.items():
            if key not in active["accounts"][name]:
                default = list(f.default) if isinstance(f.default, tuple) else f.default
                assert (given_table[key], type(given_table[key])) == (default, type(default)), key
            else:
                assert f.default is MISSING or f.name.startswith("secret_"), key


def test_the_example_shows_every_key_of_a_login_by_oauth() -> None:
    data = tomllib.loads(uncommented())["accounts"]["shop_x"]["oauth"]
    own = {file_key(OAuthConfig, f.name): f.default for f in fields(OAuthConfig)}
    assert set(data) == set(own)
    for key, default in own.items():
        if default is not MISSING:
            assert data[key] == (list(default) if isinstance(default, tuple) else default), key


# A login by OAuth

OAUTH = '[accounts.m.oauth]\nprovider = "google"\nclient_id = "c"\n'


def test_tokens_are_kept_beside_the_file_unless_it_says_otherwise(tmp_path: Path) -> None:
    oauth = read(tmp_path, MAIL + OAUTH).accounts["m"].oauth
    assert oauth is not None
    assert (oauth.provider, oauth.client_id) == ("google", "c")
    assert oauth.tokens_file == str(tmp_path / "secrets" / "m.tokens")
    oauth = read(tmp_path, MAIL + OAUTH + 'tokens_file = "t"\nclient_secret_file = "s"').accounts["m"].oauth
    assert oauth is not None
    assert (oauth.tokens_file, oauth.secret_file) == (str(tmp_path / "t"), str(tmp_path / "s"))


def test_names_of_accounts_never_lead_out_of_the_folder_of_secrets(tmp_path: Path) -> None:
    text = (MAIL + OAUTH).replace("accounts.m", 'accounts."../a b"')
    oauth = read(tmp_path, text).accounts["../a b"].oauth
    assert oauth is not None
    assert Path(oauth.tokens_file).parent == tmp_path / "secrets"


def test_a_channel_with_one_provider_need_not_name_it(tmp_path: Path) -> None:
    oauth = read(tmp_path, X + '[accounts.x.oauth]\nclient_id = "c"').accounts["x"].oauth
    assert oauth is not None and oauth.provider == "x"


@pytest.mark.parametrize(
    ("text", "key", "wrong"),
    [
        (MAIL + '[accounts.m.oauth]\nclient_id = "c"', "accounts.m.oauth.provider", "missing"),
        (MAIL + '[accounts.m.oauth]\nprovider = "google"', "accounts.m.oauth.client_id", "missing"),
        (MAIL + 'password_env = "P"\n' + OAUTH, "accounts.m", "both given"),
        (X + 'auth = "oauth1"\n[accounts.x.oauth]\nclient_id = "c"', "accounts.x.auth", "does not go with"),
        (MAIL + OAUTH + 'token_url = "http://a.example/t"', "oauth.token_url", "plain text to a.example"),
        (MAIL + OAUTH + 'client_secret = "s"', "oauth.client_secret", "does not belong into this file"),
        (MAIL + OAUTH + 'tokens_file = "t"\ntokens_keyring = "a/b"', "accounts.m.oauth", "both given"),
        (MAIL + OAUTH + 'secret_env = "S"', "oauth.secret_env", "there is no such key"),
        (MAIL + OAUTH.replace("google", "gugel"), "oauth.provider", "not known"),
        (MAIL + OAUTH.replace("google", "x"), "oauth.provider", '"x" does not log in an account'),
        (MAIL + "oauth = 1", "accounts.m.oauth", "a table is expected"),
    ],
)
def test_a_mistake_in_a_login_by_oauth_is_named(tmp_path: Path, text: str, key: str, wrong: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    assert key in str(caught.value) and wrong in str(caught.value)
    assert caught.value.hint
