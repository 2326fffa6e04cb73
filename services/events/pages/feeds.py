"""Calendars and feeds of what is on, for programs that people subscribe with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, current_app, g, request

from .. import operations
from ..feeds import atom, calendars
from ..feeds.telling import Site, by_start, instant_of
from ..models import Shift
from ..operations import campaigns, feeds, finding
from ..operations.finding import Wanted
from ..schemas import ScheduleQuery
from .caching import keep_for_all

FEEDS = Blueprint("feeds", __name__)
FORM = "<any(ics, atom):form>"
FRESH_SECONDS = 300
TYPES = {"ics": "text/calendar", "atom": "application/atom+xml"}


@FEEDS.get(f"/feeds/schedule.{FORM}")
def show_schedule(form: str) -> Response:
    """What a search of the schedule finds, or everything; the query is the schedule's own."""
    wanted = Wanted(**ScheduleQuery().load(request.args))
    query = query_of(ScheduleQuery().fields)
    name = "What’s on: a search" if query else "What’s on"
    return answer_feed(form, wanted, name=name, page=f"/{query}", query=query)


@FEEDS.get(f"/feeds/groups/<int:group_id>.{FORM}")
def show_group(group_id: int, form: str) -> Response:
    """What a group holds, alone or with others."""
    group = operations.find_group(g.session, group_id)
    wanted = Wanted(group_id=group.id)
    return answer_feed(
        form, wanted, name=f"What’s on with {group.name}", page=f"/groups/{group.id}"
    )


@FEEDS.get(f"/feeds/campaigns/<int:campaign_id>.{FORM}")
def show_campaign(campaign_id: int, form: str) -> Response:
    """What belongs to a campaign."""
    campaign = campaigns.find_public_campaign(g.session, campaign_id)
    wanted = Wanted(campaign_id=campaign.id)
    return answer_feed(form, wanted, name=campaign.name, page=f"/campaigns/{campaign.id}")


@FEEDS.get(f"/feeds/constituencies/<name>.{FORM}")
def show_constituency(name: str, form: str) -> Response:
    """What is on in a constituency; one where nothing was ever on is empty, not missing."""
    wanted = finding.settle(g.session, Wanted(constituency=name))
    page = f"/constituencies/{quote(wanted.constituency)}"
    return answer_feed(form, wanted, name=f"What’s on in {wanted.constituency}", page=page)


@FEEDS.get("/feeds/events/<int:event_id>.ics")
def show_event(event_id: int) -> Response:
    """All shifts of one event, to keep in a calendar."""
    event = operations.find_public_event(g.session, event_id)
    return answer_file(by_start(event.shifts), name=event.title)


@FEEDS.get("/feeds/shifts/<int:shift_id>.ics")
def show_shift(shift_id: int) -> Response:
    """One shift, to keep in a calendar."""
    shift = feeds.find_public_shift(g.session, shift_id)
    return answer_file([shift], name=shift.event.title)


def answer_feed(form: str, wanted: Wanted, *, name: str, page: str, query: str = "") -> Response:
    """Answer with what is to come of a search, as a calendar or as an Atom feed."""
    shifts = feeds.list_shifts_to_come(g.session, wanted, now=g.now)
    changed = feeds.last_change(g.session, now=g.now)
    if form == "ics":
        body = calendars.write_calendar(shifts, name=name, site=this_site())
    else:
        head = atom.Head(name=name, path=request.path + query, page=page, changed_at=changed)
        body = atom.write_atom(shifts, head, this_site())
    # Places come and go without a change of any event: then only the body tells.
    return keep_for_all(
        body, TYPES[form], seconds=FRESH_SECONDS, changed_at=None if wanted.places else changed
    )


def answer_file(shifts: Sequence[Shift], *, name: str) -> Response:
    """Answer with these shifts as a file to open or to keep."""
    body = calendars.write_calendar(shifts, name=name, site=this_site())
    event = shifts[0].event if shifts else None
    changed = (
        max((event.revision, event.group.revision, *(s.revision for s in shifts))) if event else 0
    )
    response = keep_for_all(
        body, TYPES["ics"], seconds=FRESH_SECONDS, changed_at=instant_of(changed)
    )
    # Digits of any script make a path, but only ASCII a header.
    number = next(iter((request.view_args or {}).values()))
    response.headers["Content-Disposition"] = f'inline; filename="{number}.ics"'
    return response


def query_of(known: Any) -> str:
    """Return the question of the request in one fixed order, from its mark on, or nothing."""
    names = {field.data_key or name for name, field in known.items()} - {"page"}
    asked = sorted((n, v.strip()) for n, v in request.args.items() if n in names and v.strip())
    return f"?{urlencode(asked)}" if asked else ""


def this_site() -> Site:
    """Return this installation as it is seen from outside."""
    return Site(url=current_app.config["SETTINGS"].public_url.rstrip("/"))
