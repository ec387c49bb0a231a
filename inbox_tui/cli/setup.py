"""``init``: an account from nothing to its first messages. Asks on stderr, writes by `config.writing`."""

from __future__ import annotations

import shlex
import shutil
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from inbox_tui.errors import ChannelError, CredentialError, InboxError, UsageError

if TYPE_CHECKING:
    from inbox_tui.cli.call import Call
    from inbox_tui.config import AccountConfig
    from inbox_tui.config.writing import Value

Options = dict[str, "str | int | bool | None"]

_CHANNELS = {"email": "a mailbox (IMAP and SMTP)", "x": "an X account", "facebook": "a Facebook page"}
_NAMES = {"email": "mail", "x": "x", "facebook": "page"}
_NEEDED = {
    "email": (
        ("address", "The firm's mail address", ""),
        ("imap_host", "IMAP server", "imap."),
        ("smtp_host", "SMTP server", "smtp."),
    ),
    "x": (("handle", "Handle, as @shop", ""),),
    "facebook": (("page_id", "Number of the page", ""),),
}
"""Key, question, and what stands before the address's domain in a guess at the answer."""
_OPTIONAL = ("imap_port", "smtp_port", "smtp_security", "username", "api_url")
_LOGIN_FAILED = 3
_WORDS = {
    "email": (
        "Many providers want an app password here, made on their page for security. Gmail and Microsoft 365 "
        "always do; accounts of theirs that allow nothing but OAuth cannot be used yet."
    ),
    "x": (
        "It must be a user token of your app (OAuth 2.0) with tweet.read, tweet.write, users.read and "
        "offline.access; docs/channels.md goes through it."
    ),
    "facebook": (
        "It must be a page token with pages_read_engagement, pages_read_user_content and "
        "pages_manage_engagement; docs/channels.md goes through it."
    ),
}
"""What is most often missing where a login is refused."""


def init(call: Call, channel: str | None, **given: str | int | bool | None) -> int:
    """Set up one account."""
    asks = sys.stdin.isatty() and sys.stderr.isatty() and not call.out.json
    kind = channel or _ask_channel(asks)
    name = given["name"] or (_ask("Name on screen", _NAMES[kind]) if asks else _NAMES[kind])
    given["name"] = str(name)
    file = _config_file(call)
    values, secret = _values(kind, given, asks, file)
    text, account = _planned(file, str(name), values)
    with ExitStack() as undo:
        if secret is not None:
            from inbox_tui.config.writing import write_secret

            write_secret(Path(account.secret_file), secret)
            undo.callback(Path(account.secret_file).unlink)
        failure = _tried(call, account)
        if failure is not None:
            call.out.error(failure)
            if not given["force"] and not (asks and _confirm("Write the account nevertheless?")):
                return _LOGIN_FAILED
        from inbox_tui.config.writing import replace

        replace(file, text)
        undo.pop_all()
    _say_written(call, file, account)
    return 0 if given["no_fetch"] or failure is not None else _first_fetch(call, file, str(name))


def _ask_channel(asks: bool) -> str:
    if not asks:
        raise UsageError("the channel is missing", "inbox-tui init email, x or facebook")
    _tell("\b\n" + "\n".join(f"  {key:<10}{meaning}" for key, meaning in _CHANNELS.items()))
    while (answer := _ask("Which channel", "email").strip().lower()) not in _CHANNELS:
        _tell("email, x or facebook, please.")
    return answer


def _config_file(call: Call) -> Path:
    import os

    from inbox_tui.config import ENV_CONFIG, default_config_path

    file = Path(call.option("config") or os.environ.get(ENV_CONFIG) or default_config_path()).absolute()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{file.parent}: {error.strerror}", "name another file with --config") from None
    return file


def _values(kind: str, given: Options, asks: bool, file: Path) -> tuple[dict[str, Value], str | None]:
    """The keys of the account, and the secret where it was typed in."""
    values: dict[str, Value] = {"channel": kind}
    for key, question, guess in _NEEDED[kind]:
        value = given[key]
        if value is None and not asks:
            option = "--" + key.replace("_", "-")
            raise UsageError(f"{option} is missing", f"inbox-tui init --help shows what {kind} needs")
        if value is None:
            domain = str(values.get("address", "")).rpartition("@")[2]
            value = _ask(question, f"{guess}{domain}" if guess else None)
        values[key] = str(value).strip()
    for key in _OPTIONAL:
        value = given[key]
        if isinstance(value, str | int) and not isinstance(value, bool):
            values[key] = value
    if given["ca_file"]:
        values["ca_file"] = str(Path(str(given["ca_file"])).absolute())
    return _with_secret(kind, values, given, asks, file)


def _with_secret(
    kind: str, values: dict[str, Value], given: Options, asks: bool, file: Path
) -> tuple[dict[str, Value], str | None]:
    word = "password" if kind == "email" else "token"
    if given["secret_command"]:
        values[f"{word}_command"] = tuple(shlex.split(str(given["secret_command"])))
    elif given["secret_env"]:
        values[f"{word}_env"] = str(given["secret_env"])
    elif given["secret_file"]:
        values[f"{word}_file"] = str(Path(str(given["secret_file"])).absolute())
    elif asks:
        _tell(_WORDS[kind])
        _tell("It is kept in a file that only you can read; --secret-command takes it from elsewhere.")
        secret = _ask(word.capitalize(), None, hidden=True)
        values[f"{word}_file"] = str(_unused(file.parent / "secrets" / str(given["name"] or _NAMES[kind])))
        return values, secret
    else:
        hint = f"--secret-command, --secret-env or --secret-file says where the {word} is"
        raise UsageError(f"the {word} is missing", hint)
    return values, None


def _unused(path: Path) -> Path:
    """The path, or the first like it that is not there."""
    numbered = (path.with_name(f"{path.name}-{number}") for number in range(2, 1000))
    return next(each for each in (path, *numbered) if not each.exists())


def _planned(file: Path, name: str, values: dict[str, Value]) -> tuple[str, AccountConfig]:
    from inbox_tui.config.writing import with_account

    text, config = with_account(file, name, values)
    return text, config.accounts[name]


def _tried(call: Call, account: AccountConfig) -> InboxError | None:
    """Log in and read; what is wrong, with what is most often missing."""
    from inbox_tui.bootstrap import try_account

    call.out.progress(f"Trying the login of {account.name} …")
    try:
        try_account(account)
    except (ChannelError, CredentialError) as error:
        hint = f"{error.hint}. {_WORDS.get(account.channel, '')}" if error.code == "login" else error.hint
        failed = InboxError(f"{account.name} is not set up: {error.message}", hint)
        failed.code, failed.exit_code = error.code, _LOGIN_FAILED
        return failed
    finally:
        call.out.progress("")
    return None


def _say_written(call: Call, file: Path, account: AccountConfig) -> None:
    if call.out.json:
        facts = {"account": account.name, "channel": account.channel, "config": str(file)}
        call.out.record({"type": "account", **facts})
        return
    call.out.line(f"Account {account.name} stands in {file}.")
    call.out.flush()


def _first_fetch(call: Call, file: Path, name: str) -> int:
    from inbox_tui.cli.fetching import fetch

    call.reload(file)
    code = fetch(call, name, follow=False, quiet=call.out.json, tied=False)
    if code == 0:
        call.out.say("inbox-tui opens the inbox; inbox-tui init sets up another account.")
    return code


def _ask(question: str, default: str | None, *, hidden: bool = False) -> str:
    import click

    try:
        return str(click.prompt(question, default=default, hide_input=hidden, err=True))
    except click.Abort:
        raise KeyboardInterrupt from None


def _confirm(question: str) -> bool:
    import click

    try:
        return click.confirm(question, err=True)
    except click.Abort:
        raise KeyboardInterrupt from None


def _tell(text: str) -> None:
    import click

    click.echo(
        click.wrap_text(text, min(100, shutil.get_terminal_size().columns), preserve_paragraphs=True),
        err=True,
    )
