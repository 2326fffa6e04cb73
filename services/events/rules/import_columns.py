"""The columns of a list of events and shifts, for reading it and for writing it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .words import ADDRESS_SHOWN, KINDS, MODES, WORK


@dataclass(frozen=True)
class Column:
    """A column of the list: the name that people see, whose it is, and what may stand in it."""

    name: str
    title: str
    of: str
    """`event`, `shift`, or neither: it says which event or shift is meant."""
    help: str
    example: str = ""
    aliases: tuple[str, ...] = ()


COLUMNS = (
    Column(
        "event",
        "Event",
        "",
        "Any word that rows of one event share. Without it rows of one title are one event.",
        "december",
        ("event_key", "key"),
    ),
    Column(
        "event_id", "Event id", "", "The number of an event that exists: the row belongs to it."
    ),
    Column("shift_id", "Shift id", "", "The number of a shift that exists: the row changes it."),
    Column("title", "Title", "event", "What stands above the event.", "Out in Lincoln", ("name",)),
    Column(
        "kind",
        "Kind",
        "event",
        f"One of: {', '.join(KINDS.values())}. Empty: {KINDS['action_day']}.",
        "Action day",
        ("type",),
    ),
    Column("description", "Description", "event", "What happens.", "We talk on doorsteps."),
    Column("bring", "What to bring", "event", "", "Warm shoes", ("what_to_bring",)),
    Column("accessibility", "Accessibility", "event", "Steps, toilets, seats, whom to ask."),
    Column("mode", "Mode", "event", f"{', '.join(MODES.values())}. Empty: In person."),
    Column("online_url", "Online link", "event", "Given only to those who sign up."),
    Column(
        "address_shown",
        "Address shown",
        "event",
        f"{', '.join(ADDRESS_SHOWN.values())}. Empty: Everybody.",
    ),
    Column("contact_name", "Contact name", "event", "Empty: the group’s.", "", ("contact",)),
    Column("contact_email", "Contact email", "event", "Empty: the group’s."),
    Column("campaign_id", "Campaign id", "event", "The number of one of the group’s campaigns."),
    Column("election_id", "Election", "event", "The id of an election in the list of elections."),
    Column("place", "Place", "shift", "The meeting point.", "Castle Square", ("meeting_point",)),
    Column("address", "Address", "shift", "Its street.", "By the castle gate", ("street",)),
    Column("postcode", "Postcode", "shift", "", "LN1 3AA"),
    Column("constituency", "Constituency", "shift", "Empty: found by the postcode.", "Lincoln"),
    Column("date", "Date", "", "2026-12-05 or 05/12/2026.", "2026-12-05", ("day",)),
    Column(
        "starts_at",
        "Starts",
        "shift",
        "10:00, as clocks there show it; or with the date, 2026-12-05 10:00.",
        "10:00",
        ("start", "start_time", "starts_at", "from", "begins"),
    ),
    Column(
        "ends_at",
        "Ends",
        "shift",
        "The same.",
        "12:00",
        ("end", "end_time", "ends_at", "until", "to"),
    ),
    Column(
        "closes_at", "Sign-up closes", "shift", "The same. Empty: at the start.", "", ("closes",)
    ),
    Column("zone", "Time zone", "shift", "Empty: Europe/London.", "", ("timezone", "zone")),
    Column(
        "capacity",
        "Places",
        "shift",
        "How many can come. Empty or “no limit”: no limit.",
        "10",
        ("capacity", "spaces"),
    ),
    Column("work", "Work", "shift", "Training or Campaigning. Empty: as the event says."),
    Column("needs", "Training needed", "shift", "By its name.", "", ("needs",)),
    Column("lead_name", "Lead name", "shift", "Who leads the shift.", "", ("lead",)),
    Column("lead_email", "Lead email", "shift", "Their address. Both are erased after 90 days."),
)
BY_NAME = {column.name: column for column in COLUMNS}
CHOICES = {"kind": KINDS, "mode": MODES, "address_shown": ADDRESS_SHOWN, "work": WORK}
NO_LIMIT = frozenset({"", "no limit", "unlimited", "none", "any"})
TIMES = ("starts_at", "ends_at", "closes_at")


def template_rows() -> Iterator[list[str]]:
    """Yield the rows of the list that people may start from: the columns, and two examples."""
    yield [column.title for column in COLUMNS]
    yield [column.example for column in COLUMNS]
    later = {"place": "Market Cross", "starts_at": "14:00", "ends_at": "16:00", "address": ""}
    yield [later.get(column.name, column.example) for column in COLUMNS]
