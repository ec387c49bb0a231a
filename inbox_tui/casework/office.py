"""The rules of the office in the store: written by whoever runs the worker, read by all.

When they change, the due time of every case that waits is counted anew, in small transactions.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from inbox_tui.config import Config, OfficeConfig
from inbox_tui.config.office import closing_days, hours_of
from inbox_tui.config.records import DAYS
from inbox_tui.desk import due, views
from inbox_tui.errors import ConfigError
from inbox_tui.records import asdict
from inbox_tui.store import cases, listing, office
from inbox_tui.store.engine import Store

_AT_ONCE = 200
"""Cases in one transaction: others get their turn between two."""
_YEARS = 3
"""So many years of holidays are kept, from the last one on."""


def rules_of(config: Config, zone: tzinfo, now: int) -> bytes:
    """The rules of a configuration, as the store keeps them. zone: of this machine. Raises ConfigError."""
    table = config.office
    return due.dump(
        zone=table.zone or _name(zone, now),
        week=[hours_of(getattr(table, day)) for day in DAYS],
        closed=_closed(config, table, now),
        targets={
            "urgent": table.urgent_minutes,
            "high": table.high_minutes,
            "normal": table.normal_minutes,
            "low": table.low_minutes,
        },
        weights=asdict(config.effort),
    )


def _name(zone: tzinfo, now: int) -> str:
    offset = datetime.fromtimestamp(now / 1000, zone).utcoffset()
    return str(getattr(zone, "key", "")) or f"{round(offset.total_seconds() / 60) if offset else 0:+}"


def _closed(config: Config, table: OfficeConfig, now: int) -> dict[str, str]:
    found: dict[str, str] = {}
    if table.country:
        from inbox_tui.desk.holidays import closing_days as holidays

        year = datetime.fromtimestamp(now / 1000, UTC).year
        try:
            found = holidays(table.country, table.region, range(year - 1, year - 1 + _YEARS))
        except ValueError as error:
            mend = 'write country = "DE" and region = "BY", or leave both out'
            raise ConfigError(f"{config.path}: office.country: {error}", mend) from None
    return found | {day.isoformat(): "closing day" for day in closing_days(table.closed)}


def keep(store: Store, rules: bytes) -> int:
    """Put these rules in force; returns how many cases were counted anew. Raises StoreError."""
    with store.reading() as db:
        if office.raw(db) == rules and not office.pending(db):
            return 0
        waiting = [*listing.ids(db, views.WAITING), *listing.ids(db, views.HIDDEN)]
    with store.write("rules of the office") as db:
        office.write(db, rules)
        office.set_pending(db, True)
    for at in range(0, len(waiting), _AT_ONCE):
        with store.write("due times") as db:
            records = list(cases.load(db, waiting[at : at + _AT_ONCE]).values())
            for record in records:
                record.timed = None
            cases.save(db, records)
    with store.write("rules of the office") as db:
        office.set_pending(db, False)
    return len(waiting)
