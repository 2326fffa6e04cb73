"""Campaigns, as the public sees them: their goals, how far they have come, and their events."""

from __future__ import annotations

from flask import Blueprint, Response, g, render_template, request

from shared import times

from .. import rules
from ..operations import campaigns
from ..operations.finding import Wanted
from ..rules.campaigns import when_of
from .caching import keep
from .listing import UK, listing

CAMPAIGNS = Blueprint("campaigns", __name__)


@CAMPAIGNS.get("/campaigns")
def list_campaigns() -> Response:
    """What groups want to reach: what runs, what is ahead, and what is over."""
    found = campaigns.list_campaigns(g.session, status="published")
    today = times.local(g.now, UK).date()
    by_when = {
        when: [one for one in found if when_of(one.starts_on, one.ends_on, today) == when]
        for when in ("running", "ahead", "over")
    }
    return keep(
        render_template(
            "events/campaigns.html",
            by_when=by_when,
            progress=campaigns.measure_progress(g.session, found),
            goals=rules.GOAL_KINDS,
        )
    )


@CAMPAIGNS.get("/campaigns/<int:campaign_id>")
def show_campaign(campaign_id: int) -> Response:
    """One campaign, with its events of all groups."""
    campaign = campaigns.find_public_campaign(g.session, campaign_id)
    page = request.args.get("page", default=1, type=int)
    wanted = Wanted(campaign_id=campaign.id, page=min(max(page, 1), 1000))
    today = times.local(g.now, UK).date()
    return keep(
        render_template(
            "events/campaign.html",
            campaign=campaign,
            progress=campaigns.measure_progress(g.session, [campaign])[campaign.id],
            goals=rules.GOAL_KINDS,
            when=when_of(campaign.starts_on, campaign.ends_on, today),
            wanted=wanted,
            **listing(wanted),
        )
    )
