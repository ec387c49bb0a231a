"""The line at the top: who waits, how long, what is in trouble, and up to when each account is complete."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from inbox_tui.desk.views import WAITING
from inbox_tui.model import MANY, Health, Overview
from inbox_tui.tui import keys, words
from inbox_tui.tui.ink import Drawn, Line, Span, cells

WIDE = 120
"""Columns from which on there is room for both."""


class Header(Drawn):
    """Shows an Overview. Red, with a sign and words, is only what is wrong."""

    def __init__(
        self, now: Callable[[], int], poll_seconds: Mapping[str, int], *, expects_worker: bool
    ) -> None:
        super().__init__()
        self._now = now
        self._poll_seconds = poll_seconds
        self._overview: Overview | None = None
        self._began = now()
        self._expects_worker = expects_worker

    def show(self, overview: Overview) -> None:
        """Take what is to be shown."""
        self._overview = overview
        self.set_class(bool(self._alarms(overview)), "-alarm")
        self.changed()

    def lines(self, width: int) -> Sequence[Line]:
        overview = self._overview
        if overview is None:
            return [((" inbox-tui", "strong"), ("   reading the store …", "dim"))]
        lefts, rights = self._lefts(overview, width), self._rights(overview)
        if overview.posts:
            # Only where nothing else has to give way for it.
            full: Line = (*lefts[0], (f"   {_published(overview)}", "note"))
            room = width - cells(full) - cells(rights[0]) - 1
            if room >= 2:
                return [(*full, (" " * room, "plain"), *rights[0])]
        for left in lefts:
            for right in rights:
                room = width - cells(left) - cells(right) - 1
                if room >= 2:
                    return [(*left, (" " * room, "plain"), *right)]
        return [tuple(lefts[-1])]

    def _lefts(self, overview: Overview, width: int) -> list[list[Span]]:
        """From the fullest to the shortest. In little room an account in trouble goes before the overdue."""
        waiting: list[Span] = [(f" {overview.waiting} waiting", "strong")]
        longest: list[Span] = []
        if overview.longest is not None:
            wait = words.duration(self._now() - overview.longest)
            longest = [("   longest ", "dim"), (wait, "strong")]
        if overview.overdue and (width >= WIDE or not self._alarms(overview)):
            many = f"{MANY}+" if overview.overdue >= MANY else str(overview.overdue)
            longest.append((f"   {many} overdue", "late"))
        stuck: list[Span] = []
        short: list[Span] = []
        if overview.trouble:
            count = f"   ! {words.counted(overview.trouble, 'reply', 'replies')}"
            stuck, short = [(f"{count} to look at", "trouble")], [(count, "trouble")]
        told = [[*waiting, *longest, *stuck], [*waiting, *stuck], [*waiting, *short], waiting]
        # The view that waits counts fewer: what is put off is hidden there, and owed an answer all the same.
        if hidden := overview.waiting - sum(view.count for view in overview.views if view.key == WAITING):
            told.insert(0, [*waiting, (f" ({hidden} snoozed)", "dim"), *longest, *stuck])
        return told

    def _alarms(self, overview: Overview) -> list[Span]:
        """Those first that wait for a person."""
        now = self._now()
        spans: list[Span] = []
        for health in sorted(overview.health, key=words.urgency):
            wrong = words.health_trouble(health, now, self._poll_seconds.get(health.account, 60))
            if wrong:
                spans.append((f"{health.account} ! {wrong}", "trouble"))
        spans += [
            (f"{hook.name} ! fails since {words.moment(hook.error_since or now, now)}", "trouble")
            for hook in overview.hooks
            if hook.error
        ]
        # A worker that was just asked for has not yet said that it lives.
        fresh = self._expects_worker and now - self._began < 10_000
        if not overview.worker.running and overview.health and not fresh:
            spans.insert(0, ("! no worker: nothing is fetched or sent", "trouble"))
        return spans

    def _rights(self, overview: Overview) -> list[list[Span]]:
        """From the fullest to the shortest."""
        now = self._now()
        alarms = self._alarms(overview)
        good = [
            health
            for health in overview.health
            if not words.health_trouble(health, now, self._poll_seconds.get(health.account, 60))
        ]
        calm: list[Span] = [(_complete(health, now), "dim") for health in good]
        known = [health.complete_until for health in good if health.complete_until is not None]
        brief: list[Span] = []
        if known and len(known) == len(good):
            brief = [(f"all complete up to {words.moment(min(known), now)}", "dim")]
        if not alarms:
            return [_joined(calm), brief, []]
        count = len(alarms)
        some = [
            _joined(
                [
                    *alarms[:shown],
                    (f"+{count - shown} in trouble · see {keys.told('inbox.troubles')}", "trouble"),
                ]
            )
            for shown in range(count - 1, 0, -1)
        ]
        others: list[Span] = (
            [(f"+{count - 1} in trouble · see {keys.told('inbox.troubles')}", "trouble")] if count > 1 else []
        )
        told: list[list[Span]] = [
            _joined([(alarms[0][0].partition(" since ")[0], "trouble"), *others]),
            [(f"! {count} in trouble · see {keys.told('inbox.troubles')}", "trouble")],
            [(f"! {count} · see {keys.told('inbox.troubles')}", "trouble")],
        ]
        return [_joined([*alarms, *calm]), _joined(alarms), *some, *told]


def _published(overview: Overview) -> str:
    posts = words.counted(overview.posts, "post")
    return f"{posts} published while {words.counted(overview.waiting, 'person waits', 'people wait')}"


def _complete(health: Health, now: int) -> str:
    until = health.complete_until
    return f"{health.account} {words.moment(until, now) if until is not None else 'not fetched yet'}"


def _joined(spans: Sequence[Span]) -> list[Span]:
    out: list[Span] = []
    for span in spans:
        out += [("   ", "plain"), span] if out else [span]
    return out
