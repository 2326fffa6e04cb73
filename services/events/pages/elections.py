"""Elections, as the public sees them: by date, with what is on for each."""

from __future__ import annotations

from flask import Blueprint, Response, g, render_template, request

from shared import times

from .. import rules
from ..operations import campaigns, elections
from ..operations.finding import Wanted
from .caching import keep
from .listing import UK, listing, say_day

ELECTIONS = Blueprint("elections", __name__)


@ELECTIONS.get("/elections")
def list_elections() -> Response:
    """Elections by polling day, those to come first."""
    today = times.local(g.now, UK).date()
    found = elections.list_elections(g.session)
    return keep(
        render_template(
            "events/elections.html",
            ahead=[one for one in found if one.day >= today],
            past=[one for one in reversed(found) if one.day < today],
            say_day=say_day,
        )
    )


@ELECTIONS.get("/elections/<election_id>")
def show_election(election_id: str) -> Response:
    """One election, with its campaigns and events."""
    election = elections.find_election(g.session, election_id)
    page = request.args.get("page", default=1, type=int)
    wanted = Wanted(election_id=election.id, page=min(max(page, 1), 1000))
    found = campaigns.list_campaigns(g.session, election_id=election.id, status="published")
    today = times.local(g.now, UK).date()
    return keep(
        render_template(
            "events/election.html",
            election=election,
            days_left=(election.day - today).days,
            campaigns=found,
            progress=campaigns.measure_progress(g.session, found),
            goals=rules.GOAL_KINDS,
            wanted=wanted,
            **listing(wanted),
        )
    )
