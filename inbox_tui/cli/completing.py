"""What a shell proposes for a word that is being typed. Asked by a shell alone; an error proposes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from click import Argument, Choice, Context
from click.shell_completion import CompletionItem

from inbox_tui.cli.call import Call
from inbox_tui.cli.output import Output
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
    source = _SOURCES.get(f"{param.name} {param.metavar}")
    if source is None:
        return []
    given = ctx.find_root().params
    call = Call(Output(json=False), dict(given))
    try:
        found = list(source(call, begun))
    except (InboxError, OSError):
        return []
    finally:
        call.close()
    if param.many:
        found += [(choice, "") for choice in _choices_after(param, ctx)]
    return [CompletionItem(word, help=about) for word, about in found if word.startswith(begun)]


def _choices_after(param: Param, ctx: Context) -> Iterable[str]:
    """Of arguments behind one that may be given several times: nobody knows which of them it is."""
    arguments = [each for each in ctx.command.params if isinstance(each, Argument)]
    behind = [each.name for each in arguments].index(param.name) + 1
    for each in arguments[behind:]:
        if isinstance(each.type, Choice):
            yield from each.type.choices


def _cases(call: Call, _begun: str) -> Proposed:
    """Those that wait longest first."""
    from inbox_tui.text import snippet

    rows = [*call.inbox.page("waiting", limit=_CASES), *call.inbox.page("all", limit=_CASES)]
    named = {str(row.id): snippet(f"{row.person.name}: {row.subject or row.snippet}", 50) for row in rows}
    return named.items()


def _views(call: Call, _begun: str) -> Proposed:
    yield from ((view.key, str(view.count)) for view in call.inbox.overview().views)
    yield from ((view.name, view.query) for view in call.config.views)


def _channels(call: Call, _begun: str) -> Proposed:
    return {account.channel: "" for account in call.config.accounts.values()}.items()


def _accounts(call: Call, _begun: str) -> Proposed:
    return ((account.name, account.channel) for account in call.config.accounts.values())


def _agents(call: Call, _begun: str) -> Proposed:
    return ((agent, "") for agent in call.inbox.triage.agents())


def _tags(call: Call, begun: str) -> Proposed:
    """Several are separated by commas: it is the last that is being typed."""
    head = begun[: begun.rfind(",") + 1]
    return ((head + tag, "") for tag in call.inbox.triage.tags())


def _words(call: Call, begun: str) -> Proposed:
    return ((word, "") for word in call.inbox.search.complete(begun))


_SOURCES: dict[str, Callable[[Call, str], Proposed]] = {
    "case CASE": _cases,
    "view NAME": _views,
    "channel CHANNEL": _channels,
    "account NAME": _accounts,
    "agent NAME": _agents,
    "to NAME": _agents,
    "add TAGS": _tags,
    "remove TAGS": _tags,
    "query QUERY": _words,
    "search QUERY": _words,
}
