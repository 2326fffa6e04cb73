"""Where the demo's people meet, at which hours, and for how many there is room."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

ZONE = "Europe/London"


@dataclass(frozen=True)
class Meet:
    """Where people meet, at which hours, and for how many there is room."""

    constituency: str
    place: str
    address: str
    postcode: str
    hours: tuple[tuple[str, ...], ...]
    """Start, end and, where it differs from the event's, what is done."""
    capacity: int | None


LEARN_AND_DO = (
    ("10:00", "11:00", "training"),
    ("11:15", "13:00", "campaigning"),
    ("14:00", "16:30", "campaigning"),
)
MORNING, AFTERNOON, LATE = ("10:00", "12:00"), ("13:00", "15:00"), ("15:30", "17:30")

MIDLANDS = (
    Meet("Lincoln", "Castle Square", "By the castle gate, Lincoln", "LN1 3AA",
         (MORNING, AFTERNOON, LATE), 12),
    Meet("Newark", "Market Place", "Outside the Buttermarket, Newark-on-Trent", "NG24 1DU",
         (MORNING, AFTERNOON), 8),
    Meet("Nottingham South", "Old Market Square", "By the left lion, Nottingham", "NG1 2BY",
         (MORNING, AFTERNOON, LATE), 20),
    Meet("Derby North", "Market Place", "In front of the Guildhall, Derby", "DE1 3AH",
         (MORNING, AFTERNOON), 12),
    Meet("Burton and Uttoxeter", "Station forecourt", "Borough Road, Burton upon Trent", "DE14 2AL",
         (MORNING, AFTERNOON), 4),
    Meet("Stoke-on-Trent Central", "Hanley Town Hall", "Albion Street, Hanley", "ST1 1QQ",
         (MORNING, AFTERNOON, LATE), 10),
)  # fmt: skip
LONDON = (
    Meet("Kensington and Bayswater", "High Street Kensington station",
         "Arcade entrance, Kensington", "W8 5SA", LEARN_AND_DO, 15),
    Meet("Battersea", "Clapham Junction station", "St John's Hill entrance, Wandsworth", "SW11 2QP",
         LEARN_AND_DO, 15),
    Meet("Romford", "Market Place", "By the church gate, Romford, Havering", "RM1 3AB",
         LEARN_AND_DO, 10),
    Meet("Richmond Park", "Richmond station", "The Quadrant, Richmond", "TW9 1EZ",
         LEARN_AND_DO, 6),
)  # fmt: skip
CLASSROOM = (
    Meet("Lincoln", "Fosse Community Hall", "Upstairs room, Monks Road, Lincoln", "LN2 5HX",
         (("18:30", "20:00"),), 14),
)  # fmt: skip
JOBS_TABLE = (
    Meet("Lincoln", "Fosse Community Hall", "Ground floor, Monks Road, Lincoln", "LN2 5HX",
         (("10:00", "12:30"),), None),
)  # fmt: skip

ONLINE = (Meet("", "Online", "", "", (("19:00", "20:15"),), None),)
GARDEN = (
    Meet("Kensington and Bayswater", "Example Square garden", "Side gate, Kensington", "W8 5SA",
         (("10:00", "13:00"),), 15),
)  # fmt: skip


def shifts(meets: tuple[Meet, ...], *days: date) -> Iterator[dict[str, Any]]:
    """Yield the shifts at these meeting points on each of the days."""
    for day in days:
        for meet in meets:
            for starts, ends, *work in meet.hours:
                yield {
                    "constituency": meet.constituency,
                    "place": meet.place,
                    "address": meet.address,
                    "postcode": meet.postcode,
                    "starts_at": f"{day}T{starts}",
                    "ends_at": f"{day}T{ends}",
                    "zone": ZONE,
                    "capacity": meet.capacity,
                    "work": work[0] if work else "",
                }


def weekly(first: date, weeks: int) -> list[date]:
    """Return the same weekday of so many weeks."""
    return [first + timedelta(weeks=week) for week in range(weeks)]
