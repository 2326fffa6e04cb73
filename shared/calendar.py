"""Hours as calendar programs read them: the zone's rules, and times told in it (RFC 5545)."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

LONDON = "Europe/London"
# Written by hand: what the library works out has dates that two common calendar programs
# misread by an hour in winter.
LONDON_RULES = "\r\n".join(
    (
        "BEGIN:VTIMEZONE",
        f"TZID:{LONDON}",
        "BEGIN:DAYLIGHT",
        "DTSTART:19810329T010000",
        "TZOFFSETFROM:+0000",
        "TZOFFSETTO:+0100",
        "TZNAME:BST",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "DTSTART:19961027T020000",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0000",
        "TZNAME:GMT",
        "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
        "END:STANDARD",
        "END:VTIMEZONE",
        "",
    )
)


def calendar_time(instant: datetime, zone: str) -> datetime:
    """Return the instant as a calendar tells it: by the clocks of London, or else in UTC.

    A calendar that tells anything by London's clocks carries LONDON_RULES. For other zones nobody
    wrote rules that every program reads, and an instant in UTC is shown right everywhere.
    """
    told: tzinfo = ZoneInfo(LONDON) if zone == LONDON else UTC
    return instant.astimezone(told)
