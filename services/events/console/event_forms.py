"""What the console's forms for events need to know: choices and first shifts."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ..models import Campaign, Election, Event, Group
from ..operations.details import EventDetails, ShiftDetails
from ..rules import kinds, sheet
from ..schemas.console import DetailsForm

ZONE = "Europe/London"
NONE = ("", "None")


def details_form(session: Session, event: Event) -> DetailsForm:
    """Return the form for an event's words, with the campaigns and elections to choose from."""
    form = DetailsForm()
    campaigns = session.execute(
        select(Campaign.id, Campaign.name)
        .where(
            or_(
                Campaign.status == "published",
                (Campaign.group_id == event.group_id) & (Campaign.status == "draft"),
                Campaign.id == event.campaign_id,
            ),
        )
        .order_by(Campaign.name)
    )
    elections = session.execute(select(Election.id, Election.title).order_by(Election.day))
    for name, rows in (("campaign_id", campaigns), ("election_id", elections)):
        field = form.fields[name]
        options = [NONE, *((str(key), words) for key, words in rows)]
        field.metadata = {**field.metadata, "options": options}
    return form


def begun(form: dict[str, Any], group: Group) -> EventDetails:
    """Return a new event of a kind, with the kind's hours at each of the places typed."""
    defaults = kinds.DEFAULTS[form["kind"]]
    typed = [line.strip()[:200] for line in form["places"].splitlines() if line.strip()]
    usual = ["Online"] if form["mode"] == "online" else [""]
    places = list(dict.fromkeys(typed))[: sheet.MOST_COLUMNS] or usual
    shifts = [
        first_shift(form, place, hours, places=defaults.places)
        for place in places
        for hours in defaults.hours
    ]
    return {
        "group_id": group.id,
        "kind": form["kind"],
        "title": form["title"],
        "mode": form["mode"],
        "description": defaults.description,
        "bring": defaults.bring if form["mode"] != "online" else "",
        "contact_name": "",
        "contact_email": "",
        "shifts": shifts,
    }


def first_shift(
    form: dict[str, Any], place: str, hours: tuple[str, str, str], *, places: int | None
) -> ShiftDetails:
    """Return one shift of a new event."""
    starts, ends, work = hours
    return {
        "place": place,
        "address": "",
        "postcode": "",
        "constituency": "",
        "starts_at": datetime.combine(form["day"], time.fromisoformat(starts)),
        "ends_at": datetime.combine(form["day"], time.fromisoformat(ends)),
        "zone": ZONE,
        "capacity": places,
        "work": work,
    }
