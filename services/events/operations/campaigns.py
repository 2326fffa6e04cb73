"""The life of a campaign: drafted, changed, published, archived; and how far it has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from shared.database import next_revision
from shared.refusals import NotThere

from ..models import Campaign, Event, Shift
from ..rules import campaigns as rules
from . import audit
from .elections import find_election
from .stored import find_group, fits


class CampaignDetails(TypedDict, total=False):
    """A campaign as it was typed; a change names only what is to change."""

    name: str
    about: str
    goal_kind: str
    goal: int
    starts_on: date
    ends_on: date
    election_id: str | None


def create_campaign(
    session: Session, group_id: int, details: CampaignDetails, *, now: datetime
) -> Campaign:
    """Draft a campaign of a group."""
    group = find_group(session, group_id)
    check_election(session, details)
    campaign = Campaign(
        revision=next_revision(None, now), group=group, status="draft", **as_stored(details)
    )
    session.add(campaign)
    session.flush()
    audit.note(session, "campaign.created", campaign, now=now)
    return campaign


def change_campaign(
    session: Session, campaign_id: int, details: CampaignDetails, *, now: datetime
) -> Campaign:
    """Change what is named in `details`."""
    campaign = find_campaign(session, campaign_id, lock=True)
    rules.check_changeable(campaign.status)
    check_election(session, details)
    facts = as_stored(details)
    rules.check_days(
        facts.get("starts_on", campaign.starts_on), facts.get("ends_on", campaign.ends_on)
    )
    changed = {name: fact for name, fact in facts.items() if getattr(campaign, name) != fact}
    if changed:
        for name, fact in changed.items():
            setattr(campaign, name, fact)
        renew(session, campaign, now=now)
        audit.note(session, "campaign.changed", campaign, now=now, details=", ".join(changed))
    return campaign


def publish_campaign(session: Session, campaign_id: int, *, now: datetime) -> Campaign:
    """Bring a draft before the public; from then on events may refer to it."""
    campaign = find_campaign(session, campaign_id, lock=True)
    rules.check_publishable(campaign.status)
    campaign.published_at = campaign.published_at or now
    return give_status(session, campaign, "published", "campaign.published", now=now)


def archive_campaign(session: Session, campaign_id: int, *, now: datetime) -> Campaign:
    """Put a campaign away: it is no longer listed, and its page stays."""
    campaign = find_campaign(session, campaign_id, lock=True)
    rules.check_archivable(campaign.status)
    return give_status(session, campaign, "archived", "campaign.archived", now=now)


def restore_campaign(session: Session, campaign_id: int, *, now: datetime) -> Campaign:
    """Bring a campaign back to where it was before it was put away."""
    campaign = find_campaign(session, campaign_id, lock=True)
    rules.check_restorable(campaign.status)
    status = "published" if campaign.published_at else "draft"
    return give_status(session, campaign, status, "campaign.restored", now=now)


def give_status(
    session: Session, campaign: Campaign, status: str, action: str, *, now: datetime
) -> Campaign:
    """Write the new status and note it."""
    campaign.status = status
    renew(session, campaign, now=now)
    audit.note(session, action, campaign, now=now)
    return campaign


def renew(session: Session, campaign: Campaign, *, now: datetime) -> None:
    """Give the campaign a new revision and write it."""
    campaign.revision = next_revision(campaign.revision, now)
    session.flush()


def find_campaign(session: Session, campaign_id: int, *, lock: bool = False) -> Campaign:
    """Return the campaign, locked against other changes if it is to change."""
    of = {"of": Campaign} if lock else False
    campaign = session.get(Campaign, campaign_id, with_for_update=of) if fits(campaign_id) else None
    if campaign is None:
        raise NotThere
    return campaign


def find_public_campaign(session: Session, campaign_id: int) -> Campaign:
    """Return a campaign that the public may see: one that was published, archived since or not."""
    campaign = find_campaign(session, campaign_id)
    if campaign.published_at is None:
        raise NotThere
    return campaign


def list_campaigns(session: Session, **only: Any) -> Sequence[Campaign]:
    """Return campaigns, those that end first before others.

    `only` may name `status`, `group_id` and `election_id`.
    """
    return session.scalars(
        select(Campaign).filter_by(**only).order_by(Campaign.ends_on, Campaign.id)
    ).all()


def list_events(session: Session, campaign: Campaign) -> Sequence[Event]:
    """Return a campaign's events: the public ones of all groups, and its own group's drafts."""
    shown = Event.published_at.is_not(None) | (Event.group_id == campaign.group_id)
    return session.scalars(
        select(Event).where(Event.campaign_id == campaign.id, shown).order_by(Event.id)
    ).all()


def measure_progress(
    session: Session, campaigns: Sequence[Campaign]
) -> Mapping[int, rules.Progress]:
    """Return how far each campaign has come, by its id.

    Sign-ups are the places taken in shifts that stand, conversations what teams reported, events
    those that are before the public.
    """
    sums = {kind: count_by_campaign(session, kind, campaigns) for kind in COUNTED}
    return {
        campaign.id: rules.Progress(
            reached=sums[campaign.goal_kind].get(campaign.id, 0), goal=campaign.goal
        )
        for campaign in campaigns
    }


SHIFT: Any = Shift.__table__.c
COUNTED: Mapping[str, tuple[ColumnElement[int], ColumnElement[bool]]] = {
    "signups": (
        func.sum(SHIFT.taken),
        (Event.status == "published") & Shift.cancelled.is_(False),
    ),
    "conversations": (func.sum(SHIFT.conversations), Event.published_at.is_not(None)),
    "events": (func.count(Event.id.distinct()), Event.status == "published"),
}
"""What is summed for each kind of goal, and over which shifts."""


def count_by_campaign(session: Session, kind: str, campaigns: Sequence[Campaign]) -> dict[int, int]:
    """Return one kind of sum for those campaigns whose goal it is."""
    ids = [campaign.id for campaign in campaigns if campaign.goal_kind == kind]
    if not ids:
        return {}
    counted, condition = COUNTED[kind]
    rows = session.execute(
        select(Event.campaign_id, counted.label("reached"))
        .join(Shift, Shift.event_id == Event.id)
        .where(Event.campaign_id.in_(ids), condition)
        .group_by(Event.campaign_id)
    )
    return {row.campaign_id: int(row.reached or 0) for row in rows}


def check_election(session: Session, details: CampaignDetails) -> None:
    """Refuse an election that is not in the list."""
    if details.get("election_id"):
        find_election(session, str(details["election_id"]))


def as_stored(details: CampaignDetails) -> dict[str, Any]:
    """Return the details as columns: no election is none, not an empty one."""
    facts: dict[str, Any] = dict(details)
    if "election_id" in facts:
        facts["election_id"] = facts["election_id"] or None
    return facts
