"""``init``: an account from nothing to its first messages. Asks on stderr, writes by `config.writing`."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from inbox_tui.cli.answers import CHANNELS, NAMES, Answers, missing_words
from inbox_tui.cli.asking import ask, can_ask, choose, confirm, tell
from inbox_tui.errors import (
    ChannelError,
    ConfigError,
    CredentialError,
    InboxError,
    Untrusted,
    UsageError,
)

if TYPE_CHECKING:
    from inbox_tui.cli.call import Call
    from inbox_tui.config import AccountConfig
    from inbox_tui.config.writing import Table

_LOGIN_FAILED = 3


def init(call: Call, channel: str | None, **given: str | int | bool | None) -> int:
    """Set up one account."""
    file = _config_file(call)
    asks = can_ask(call)
    kind = channel or _ask_channel(asks)
    name = given["name"] or (_ask_name(file, NAMES[kind]) if asks else NAMES[kind])
    answers = Answers(kind, str(name), given, asks, file.parent)
    while True:
        values = answers.table()
        text, account = _planned(file, str(name), values)
        with ExitStack() as undo:
            _keep_typed(answers, account, undo)
            failure = _tried(call, account, answers, bool(given["device"]), undo)
            if failure is not None:
                call.out.error(failure)
                if asks and confirm("Try again with other answers?", default=True):
                    given["again"] = True
                    continue
                if not given["force"] and not (asks and confirm("Write the account nevertheless?")):
                    return _LOGIN_FAILED
            from inbox_tui.config.writing import replace

            replace(file, text)
            undo.pop_all()
        break
    _say_written(call, file, account)
    return 0 if given["no_fetch"] or failure is not None else _first_fetch(call, file, str(name))


def _ask_channel(asks: bool) -> str:
    if not asks:
        raise UsageError("the channel is missing", "inbox-tui init email, x or facebook")
    tell("\n".join(f"  {key:<10}{meaning}" for key, meaning in CHANNELS.items()))
    return choose("Which channel", tuple(CHANNELS), "email")


def _ask_name(file: Path, usual: str) -> str:
    """A name that no account has."""
    from inbox_tui.config import load

    taken = load(str(file)).accounts if file.exists() else {}
    free = next(
        name for name in (usual, *(f"{usual}{number}" for number in range(2, 1000))) if name not in taken
    )
    while (name := ask("A name for it on screen", free)) in taken:
        tell(f"There is an account {name} already, which stays as it is: another name, please.")
    return name


def _config_file(call: Call) -> Path:
    import os

    from inbox_tui.config import ENV_CONFIG, default_config_path

    file = Path(call.option("config") or os.environ.get(ENV_CONFIG) or default_config_path()).absolute()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{file.parent}: {error.strerror}", "name another file with --config") from None
    if not os.access(file.parent, os.W_OK):
        raise UsageError(f"{file.parent} may not be written", "name another file with --config")
    return file


def _planned(file: Path, name: str, values: Table) -> tuple[str, AccountConfig]:
    from inbox_tui.config.writing import with_account

    text, config = with_account(file, name, values)
    return text, config.accounts[name]


def _keep_typed(answers: Answers, account: AccountConfig, undo: ExitStack) -> None:
    """Put what was typed in into files of its own."""
    from inbox_tui.config.writing import write_secret

    for key, secret in answers.typed.items():
        of_app = key == "client_secret_file" and account.oauth is not None
        path = Path(account.oauth.secret_file if of_app and account.oauth else account.secret_file)
        write_secret(path, secret)
        undo.callback(path.unlink)


def _tried(
    call: Call, account: AccountConfig, answers: Answers, device: bool, undo: ExitStack
) -> InboxError | None:
    """Log in and read; what is wrong, with what is most often missing."""
    from inbox_tui.bootstrap import try_account
    from inbox_tui.cli.authorizing import authorize

    try:
        if account.oauth is not None:
            tokens = Path(account.oauth.tokens_file)
            if not tokens.exists():
                undo.callback(tokens.unlink, missing_ok=True)
            authorize(call, account, device=device)
        call.out.progress(f"Trying the login of {account.name} …")
        try_account(account)
    except (ChannelError, CredentialError, ConfigError) as error:
        answers.asks_certificates |= isinstance(error, Untrusted)
        words = missing_words(account)
        hint = f"{error.hint}. {words}" if error.code == "login" else error.hint
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
    status = call.open_inbox(create=True).worker()
    if status.running:
        # It sees by itself that there is another account, and a second fetch beside it would be one too many.
        call.out.say(f"The worker (process {status.pid}) fetches it; inbox-tui accounts shows how it goes.")
        return 0
    code = fetch(call, name, follow=False, quiet=call.out.json, tied=False)
    if code == 0:
        call.out.say("inbox-tui opens the inbox; inbox-tui init sets up another account.")
    return code
