"""The campaigns of a group, as its organisers see them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from marshmallow import Schema
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from shared import access, editing, times
from shared.access.who import reaches
from shared.asking import asked_again, with_options
from shared.web import read_form

from .. import rules
from ..models import Campaign
from ..operations import campaigns, elections
from ..operations.belonging import groups_of_campaign, groups_of_group
from ..operations.stored import find_group
from ..schemas.campaigns import CampaignForm

CAMPAIGNS = Blueprint("console_campaigns", __name__)


@CAMPAIGNS.get("/organise/groups/<int:group_id>/campaigns")
@access.needs("viewer", group=groups_of_group)
def list_campaigns(group_id: int) -> str:
    """The group's campaigns and how far each has come."""
    found = campaigns.list_campaigns(g.session, group_id=group_id)
    return render_template(
        "events/console/campaigns.html",
        group=find_group(g.session, group_id),
        campaigns=found,
        progress=campaigns.measure_progress(g.session, found),
        goals=rules.GOAL_KINDS,
    )


@CAMPAIGNS.get("/organise/groups/<int:group_id>/campaigns/new")
@access.needs("organiser", group=groups_of_group)
def show_new(group_id: int) -> str:
    """The form for a new campaign."""
    return new_page(group_id, {})


@CAMPAIGNS.post("/organise/groups/<int:group_id>/campaigns/new")
@access.needs("organiser", group=groups_of_group)
def create_campaign(group_id: int) -> Response:
    """Draft a campaign."""
    form = read_form(CampaignForm(), lambda errors: new_page(group_id, errors))
    with asked_again(lambda errors: new_page(group_id, errors)):
        campaign = campaigns.create_campaign(g.session, group_id, form, now=g.now)
    return back(campaign.id)


@CAMPAIGNS.get("/organise/campaigns/<int:campaign_id>")
@access.needs("viewer", group=groups_of_campaign)
def show_campaign(campaign_id: int) -> str:
    """One campaign, to be changed, published or put away."""
    campaign = campaigns.find_campaign(g.session, campaign_id)
    return campaign_page(campaign, editing.show(CampaignForm(), campaign))


@CAMPAIGNS.post("/organise/campaigns/<int:campaign_id>")
@access.needs("organiser", group=groups_of_campaign)
def change_campaign(campaign_id: int) -> Response:
    """Save a campaign, together with what somebody else saved meanwhile."""
    campaign = campaigns.find_campaign(g.session, campaign_id, lock=True)
    edit = editing.read_edit(CampaignForm(), campaign, lambda shown: campaign_page(campaign, shown))
    seen = request.form.get("seen", "")

    def again(errors: dict[str, list[str]]) -> str:
        return campaign_page(campaign, editing.Shown(values=request.form, seen=seen, errors=errors))

    with asked_again(again):
        campaigns.change_campaign(g.session, campaign_id, edit.details, now=g.now)
    return back(campaign_id)


@CAMPAIGNS.post("/organise/campaigns/<int:campaign_id>/publish")
@access.needs("organiser", group=groups_of_campaign)
def publish_campaign(campaign_id: int) -> Response:
    """Bring a campaign before the public."""
    campaigns.publish_campaign(g.session, campaign_id, now=g.now)
    return back(campaign_id)


@CAMPAIGNS.post("/organise/campaigns/<int:campaign_id>/archive")
@access.needs("organiser", group=groups_of_campaign)
def archive_campaign(campaign_id: int) -> Response:
    """Put a campaign away."""
    campaigns.archive_campaign(g.session, campaign_id, now=g.now)
    return back(campaign_id)


@CAMPAIGNS.post("/organise/campaigns/<int:campaign_id>/restore")
@access.needs("organiser", group=groups_of_campaign)
def restore_campaign(campaign_id: int) -> Response:
    """Bring a campaign back."""
    campaigns.restore_campaign(g.session, campaign_id, now=g.now)
    return back(campaign_id)


def back(campaign_id: int) -> Response:
    """Return to the campaign."""
    return redirect(url_for("console_campaigns.show_campaign", campaign_id=campaign_id), 303)


def new_page(group_id: int, errors: dict[str, Any]) -> str:
    """Show the empty form, or the one that was sent."""
    shown = editing.Shown(values=request.form or {"goal_kind": "signups"}, seen="", errors=errors)
    return render_template(
        "events/console/campaign_new.html",
        group=find_group(g.session, group_id),
        form=form_with_elections(None),
        shown=shown,
        errors=errors,
    )


def campaign_page(campaign: Campaign, shown: editing.Shown) -> str:
    """Show a campaign as a form, with what can be done to it."""
    return render_template(
        "events/console/campaign.html",
        campaign=campaign,
        group=campaign.group,
        form=form_with_elections(campaign.election_id),
        shown=shown,
        errors=shown.errors,
        progress=campaigns.measure_progress(g.session, [campaign])[campaign.id],
        goals=rules.GOAL_KINDS,
        events=campaigns.list_events(g.session, campaign),
        may_change=reaches(g.who.role_in(campaign.group_id), "organiser"),
    )


def form_with_elections(chosen: str | None) -> Schema:
    """Return the form with the elections to come, and the one that is chosen already."""
    today = times.local(g.now, "Europe/London").date()
    found = elections.list_elections(g.session, since=today)
    if chosen and chosen not in {one.id for one in found}:
        found = [elections.find_election(g.session, chosen), *found]
    options = [("", "None"), *((one.id, f"{one.title} ({one.day:%-d %B %Y})") for one in found)]
    return with_options(CampaignForm(), "election_id", options)
