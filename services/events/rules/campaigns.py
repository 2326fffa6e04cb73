"""What may be done to a campaign, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from shared.refusals import Refusal

LARGEST_GOAL = 10_000_000


class CampaignIsAlreadyPublished(Refusal):
    """This campaign is already published."""


class CampaignIsArchived(Refusal):
    """This campaign is archived. Bring it back before you change it."""


class CampaignWasAlreadyArchived(Refusal):
    """This campaign was already archived."""


class CampaignIsNotArchived(Refusal):
    """This campaign is not archived."""


class CampaignEndsTooEarly(Refusal):
    """The last day must not come before the first."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a campaign has come: `reached` of `goal`, and the share in whole percents."""

    reached: int
    goal: int

    @property
    def percent(self) -> int:
        """Rounded down, so that 100 says that the goal is reached; 100 at most."""
        return min(100, self.reached * 100 // self.goal)

    @property
    def left(self) -> int:
        return max(0, self.goal - self.reached)


def check_days(starts_on: date, ends_on: date) -> None:
    """Refuse a campaign that ends before it begins."""
    if ends_on < starts_on:
        raise CampaignEndsTooEarly


def check_changeable(status: str) -> None:
    """Refuse to change what was put away."""
    if status == "archived":
        raise CampaignIsArchived


def check_publishable(status: str) -> None:
    """Refuse to publish twice."""
    if status == "published":
        raise CampaignIsAlreadyPublished
    check_changeable(status)


def check_archivable(status: str) -> None:
    """Refuse to archive twice."""
    if status == "archived":
        raise CampaignWasAlreadyArchived


def check_restorable(status: str) -> None:
    """Refuse to bring back what was not put away."""
    if status != "archived":
        raise CampaignIsNotArchived


def when_of(starts_on: date, ends_on: date, today: date) -> str:
    """Say in words where a campaign stands in time: `ahead`, `running` or `over`."""
    if today < starts_on:
        return "ahead"
    return "over" if today > ends_on else "running"
