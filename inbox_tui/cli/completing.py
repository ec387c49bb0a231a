"""What a shell proposes for a word that is being typed. Asked by a shell alone; an error proposes nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from click import Context
from click.shell_completion import CompletionItem

from inbox_tui.cli.call import Call
from inbox_tui.cli.output import Output
from inbox_tui.cli.table.whole import COMMANDS
from inbox_tui.errors import InboxError

if TYPE_CHECKING:
    from inbox_tui.cli.table import Param

Proposed = Iterable[tuple[str, str]]
"""Words, and what is said about each where the shell shows it."""
_CASES = 50


def propose(param: Param, ctx: Context, begun: str) -> list[CompletionItem]:
    """Values of an option or an argument that begin so."""
    if param.metavar in ("FILE", "DIR"):
        return [CompletionItem(begun, type=param.metavar.lower())]
    call = Call(Output(json=False), dict(ctx.find_root().params))
    try:
        found = [*_values(param, call, ctx, begun)]
    except (InboxError, OSError):
        return []
    finally:
        call.close()
    return [CompletionItem(word, help=about) for word, about in found if word.startswith(begun)]


def _values(param: Param, call: Call, ctx: Context, begun: str) -> Proposed:
    source = _SOURCES.get((ctx.info_name or "", param.name)) or _SOURCES.get(("", param.name))
    if source is not None:
        yield from source(call, ctx, begun)
    if param.many and not param.is_option:
        # Of what comes behind an argument that may be given several times, nobody knows which it is.
        arguments = [each for each in COMMANDS[ctx.info_name or ""].params if not each.is_option]
        for each in arguments[arguments.index(param) + 1 :]:
            yield from ((choice, "") for choice in each.choices)
            yield from _values(each, call, ctx, begun)


def _cases(call: Call, _ctx: Context, _begun: str) -> Proposed:
    """Those that wait longest first."""
    from inbox_tui.text import snippet
    from inbox_tui.tui.words import person_name

    rows = [*call.inbox.page("waiting", limit=_CASES), *call.inbox.page("all", limit=_CASES)]
    about = {row.id: f"{person_name(row.person.name)}: {row.subject or row.snippet}" for row in rows}
    named = {str(case): snippet(said, 50) for case, said in about.items()}
    return named.items()


def _views(call: Call, _ctx: Context, _begun: str) -> Proposed:
    yield from ((view.key, str(view.count)) for view in call.inbox.overview().views)
    yield from ((view.name, view.query) for view in call.config.views)


def _channels(call: Call, _ctx: Context, _begun: str) -> Proposed:
    return {account.channel: "" for account in call.config.accounts.values()}.items()


def _accounts(call: Call, _ctx: Context, _begun: str) -> Proposed:
    return ((account.name, account.channel) for account in call.config.accounts.values())


def _agents(call: Call, _ctx: Context, _begun: str) -> Proposed:
    return ((agent, "") for agent in call.inbox.triage.agents())


def _tags(call: Call, _ctx: Context, begun: str) -> Proposed:
    """Several are separated by commas: it is the last that is being typed."""
    head = begun[: begun.rfind(",") + 1]
    return ((head + tag, "") for tag in call.inbox.triage.tags())


def _words(call: Call, _ctx: Context, begun: str) -> Proposed:
    return ((word, "") for word in call.inbox.search.complete(begun))


def _threads(call: Call, ctx: Context, _begun: str) -> Proposed:
    """Those of the case that was named before."""
    # Behind an option that has no value yet click leaves arguments as words.
    case = str(ctx.params.get("case") or next(iter(ctx.args), ""))
    for thread in call.inbox.case(int(case)).threads if case.isdecimal() else ():
        yield str(thread.id), f"{thread.channel} {thread.customer.handle or thread.customer.name}".strip()


def _replies(call: Call, _ctx: Context, _begun: str) -> Proposed:
    from inbox_tui.text import snippet

    return ((str(each.id), f"{each.state}: {snippet(each.text, 40)}") for each in call.inbox.outbox())


def _templates(call: Call, _ctx: Context, _begun: str) -> Proposed:
    return ((each.name, each.channel or each.language) for each in call.config.templates)


def _times(_call: Call, _ctx: Context, _begun: str) -> Proposed:
    """Of the times that one may say those that are one word: a shell would take a blank for an end."""
    return ((time, "") for time in ("2h", "tomorrow", "monday", "reply"))


def _variables(_call: Call, _ctx: Context, _begun: str) -> Proposed:
    return ((name, "") for name in os.environ)


_SOURCES: dict[tuple[str, str], Callable[[Call, Context, str], Proposed]] = {
    ("", "case"): _cases,
    ("", "view"): _views,
    ("", "channel"): _channels,
    ("", "account"): _accounts,
    ("accounts", "gap_seen"): _accounts,
    ("inbox-tui", "agent"): _agents,
    ("assign", "to"): _agents,
    ("tag", "add"): _tags,
    ("tag", "remove"): _tags,
    ("", "query"): _words,
    ("list", "search"): _words,
    ("", "via"): _threads,
    ("", "template"): _templates,
    ("templates", "name"): _templates,
    ("outbox", "id"): _replies,
    ("snooze", "when"): _times,
    ("init", "secret_env"): _variables,
    ("init", "client_secret_env"): _variables,
}
"""Subcommand (empty: any) and value -> what there is. Whatever has choices proposes them by itself."""
