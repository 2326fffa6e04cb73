"""How a group lets its mails speak and look: its own words for a kind, and its colour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Text, and_, bindparam, delete, select
from sqlalchemy.orm import Session

from shared.access import Who
from shared.database import insert
from shared.refusals import NotThere

from ..mail.letters import AS_ALL, Style
from ..models import Group, GroupLook, GroupWording
from ..rules import colours
from ..rules.standard_words import STANDARD
from ..rules.wordings import Wording

KEPT = 20
"""Earlier wordings of a kind that can be had again."""

IS_CURRENT = GroupWording.replaced_at.is_(None)

# Made once, because every mail needs it and making a statement takes longer than running it.
STYLE = (
    select(GroupLook.colour, GroupWording.subject, GroupWording.words)
    .select_from(Group)
    .outerjoin(GroupLook, GroupLook.group_id == Group.id)
    .outerjoin(
        GroupWording,
        and_(
            GroupWording.group_id == Group.id,
            GroupWording.kind == bindparam("kind", type_=Text),
            IS_CURRENT,
        ),
    )
    .where(Group.id == bindparam("group_id"))
)


def style_of(session: Session, group_id: int, kind: str) -> Style:
    """Return how a group lets a kind of mail speak and look."""
    wanted = {"group_id": group_id, "kind": kind}
    row = session.connection().execute(STYLE, wanted).one_or_none()
    return as_style(row.colour, row.subject, row.words) if row else AS_ALL


def as_style(colour: str | None, subject: str | None, words: str | None) -> Style:
    """Return the style of a group that chose these; what it did not choose is None."""
    if colour is None and words is None:
        return AS_ALL
    return Style(subject=subject or "", words=words or "", colour=colour or "")


def lock_group(session: Session, group_id: int) -> Group:
    """Return a group, locked so that two people cannot change its mails at once. Raises NotThere.

    The lock is of the kind that leaves senders alone.
    """
    group = session.get(Group, group_id, with_for_update={"key_share": True})
    if group is None:
        raise NotThere
    return group


def wording_of(session: Session, group_id: int, kind: str) -> Wording:
    """Return what a kind of mail of a group says: its own words, or the standard ones."""
    own = _current(session, group_id, kind)
    return Wording(subject=own.subject, words=own.words) if own else STANDARD[kind]


def list_wordings(session: Session, group_id: int) -> dict[str, GroupWording]:
    """Return the wordings that a group wrote itself and that count, by kind."""
    own = select(GroupWording).where(GroupWording.group_id == group_id, IS_CURRENT)
    return {wording.kind: wording for wording in session.scalars(own)}


def list_earlier(session: Session, group_id: int, kind: str) -> Sequence[GroupWording]:
    """Return what a kind of mail of a group said before, latest first."""
    earlier = _earlier(group_id, kind).order_by(GroupWording.id.desc()).limit(KEPT)
    return session.scalars(earlier).all()


def reword(session: Session, group_id: int, kind: str, wording: Wording, *, now: datetime) -> None:
    """Let a kind of mail of a group say this from now on; the standard words need no row.

    Who wrote it stands in the session's `info`, put there by the edge.
    """
    if wording == wording_of(session, group_id, kind):
        return
    return_to_standard(session, group_id, kind, now=now)
    if wording == STANDARD[kind]:
        return
    row = {"group_id": group_id, "kind": kind, "by": _author(session), "at": now}
    session.add(GroupWording(subject=wording.subject, words=wording.words, **row))
    session.flush()


def return_to_standard(session: Session, group_id: int, kind: str, *, now: datetime) -> None:
    """Let a kind of mail of a group say what it says everywhere; what it said is kept."""
    own = _current(session, group_id, kind)
    if own is None:
        return
    own.replaced_at = now
    session.flush()
    too_old = _earlier(group_id, kind).order_by(GroupWording.id.desc()).offset(KEPT)
    for wording in session.scalars(too_old):
        session.delete(wording)


def use_again(
    session: Session, group_id: int, kind: str, wording_id: int, *, now: datetime
) -> None:
    """Let a kind of mail say again what it said before. Raises NotThere."""
    chosen = session.scalar(_earlier(group_id, kind).where(GroupWording.id == wording_id))
    if chosen is None:
        raise NotThere
    again = Wording(subject=chosen.subject, words=chosen.words)
    reword(session, group_id, kind, again, now=now)


def colour_of(session: Session, group_id: int) -> str:
    """Return the colour of a group's buttons and links."""
    look = session.get(GroupLook, group_id)
    return look.colour if look else colours.STANDARD


def choose_colour(session: Session, group_id: int, colour: str, *, now: datetime) -> None:
    """Give a group's buttons and links this colour; the standard one needs no row."""
    if colour == colours.STANDARD:
        session.execute(delete(GroupLook).where(GroupLook.group_id == group_id))
        return
    table: Any = GroupLook.__table__
    chosen = {"colour": colour, "by": _author(session), "at": now}
    session.execute(
        insert(session, table)
        .values(group_id=group_id, **chosen)
        .on_conflict_do_update(index_elements=[table.c.group_id], set_=chosen)
    )


def _author(session: Session) -> str:
    who: Who = session.info["by"]
    return who.name


def _current(session: Session, group_id: int, kind: str) -> GroupWording | None:
    own = select(GroupWording).where(GroupWording.group_id == group_id, GroupWording.kind == kind)
    return session.scalars(own.where(IS_CURRENT)).one_or_none()


def _earlier(group_id: int, kind: str) -> Any:
    return select(GroupWording).where(
        GroupWording.group_id == group_id,
        GroupWording.kind == kind,
        GroupWording.replaced_at.is_not(None),
    )
