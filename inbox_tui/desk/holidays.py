"""Public holidays of a country and region, by name. Imported only where the rules are written."""

from __future__ import annotations

from collections.abc import Iterable


def closing_days(country: str, region: str, years: Iterable[int]) -> dict[str, str]:
    """By day as 2026-12-25 the name of its holiday, in the country's own language.

    country: two letters (ISO 3166-1); region: as ISO 3166-2 has it without the country, or empty.
    Raises ValueError where there is no such country or region.
    """
    import holidays

    try:
        found = holidays.country_holidays(country.upper(), subdiv=region.upper() or None, years=list(years))
    except NotImplementedError:
        raise ValueError(
            f"{country} {region}".strip() + " is no country and region whose holidays are known"
        ) from None
    return {day.isoformat(): name for day, name in sorted(found.items())}
