"""What stands under a group's tab "Mail": its parts, and how much waits in each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..models import Group
from ..operations import enquiries, newcomers

MOST_GROUPS = 20
"""Of whoever organises in more, the first of them are shown together."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """One part, with how many things in it wait for somebody."""

    words: str
    about: str
    address: str
    waiting: int | None = None
    """Of a part in which nothing ever waits it is empty."""
    late: int = 0


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What waits in one group."""

    name: str
    sections: Sequence[Section]


def find_waiting(session: Session, group_ids: Collection[int], *, now: datetime) -> list[Waiting]:
    """Return what waits in these groups, by their names; those in which nothing waits left out."""
    groups = select(Group).where(Group.id.in_(group_ids)).order_by(Group.name).limit(MOST_GROUPS)
    found = [
        Waiting(
            name=group.name,
            sections=[
                section
                for section in find_sections(session, group.id, now=now)
                if section.waiting or section.late
            ],
        )
        for group in session.scalars(groups)
    ]
    return [each for each in found if each.sections]


def find_sections(session: Session, group_id: int, *, now: datetime) -> list[Section]:
    """Return the parts of a group's mail."""
    asked, late = enquiries.count_open(session, group_id, now=now)
    new, unseen = newcomers.count_open(session, group_id, now=now)
    return [
        Section(
            words="Newcomers",
            about="Who signed up for the first time, and wants to hear from you.",
            address=url_for("console_newcomers.list_newcomers", group_id=group_id),
            waiting=new - unseen,
            late=unseen,
        ),
        Section(
            words="Enquiries",
            about="What people ask by your contact form.",
            address=url_for("console_enquiries.list_enquiries", group_id=group_id),
            waiting=asked - late,
            late=late,
        ),
        Section(
            words="Mailings",
            about="Write to those of an event, a shift or a waiting list.",
            address=url_for("console_mailings.list_mailings", group_id=group_id),
        ),
        Section(
            words="Words",
            about="What confirmations, reminders and all other mails say, and their colour.",
            address=url_for("console_mails.list_mails", group_id=group_id),
        ),
    ]
