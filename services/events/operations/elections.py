"""The list of elections, to which campaigns and events refer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.refusals import NotThere

from ..models import Campaign, Election, Event
from ..rules import elections as rules
from . import audit


class ElectionDetails(TypedDict):
    """An election as it was typed; an empty title is made of the id."""

    id: str
    title: str


def add_election(session: Session, details: ElectionDetails, *, now: datetime) -> Election:
    """Put an election into the list; its day is that of its id."""
    if is_known(session, details["id"]):
        raise rules.ElectionWasAlreadyAdded
    election = Election(
        id=details["id"],
        title=details["title"] or rules.suggest_title(details["id"]),
        day=rules.day_of(details["id"]),
    )
    session.add(election)
    session.flush()
    audit.note(session, "election.added", election, now=now)
    return election


def rename_election(session: Session, election_id: str, *, title: str, now: datetime) -> Election:
    """Give an election another title."""
    election = find_election(session, election_id)
    if election.title != title:
        before, election.title = election.title, title
        session.flush()
        audit.note(session, "election.renamed", election, now=now, details=f"was {before}")
    return election


def remove_election(session: Session, election_id: str, *, now: datetime) -> None:
    """Take an election off the list, unless something refers to it."""
    election = find_election(session, election_id)
    for table in (Campaign, Event):
        if session.scalar(select(table.id).where(table.election_id == election.id).limit(1)):
            raise rules.ElectionIsReferredTo
    audit.note(session, "election.removed", election, now=now)
    session.delete(election)
    session.flush()


def find_election(session: Session, election_id: str) -> Election:
    """Return the election."""
    election = session.get(Election, election_id)
    if election is None:
        raise NotThere
    return election


def is_known(session: Session, election_id: str) -> bool:
    """Tell whether the election is in the list."""
    return session.get(Election, election_id) is not None


def list_elections(session: Session, *, since: date | None = None) -> Sequence[Election]:
    """Return elections by day, those from `since` on, or all."""
    asked = select(Election).order_by(Election.day, Election.title, Election.id)
    if since is not None:
        asked = asked.where(Election.day >= since)
    return session.scalars(asked).all()
