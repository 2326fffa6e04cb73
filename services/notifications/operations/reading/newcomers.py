"""Letters of welcome, and to owners when nobody greeted who is new."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy.orm import Session

from ...mail.letters import Entry, Letter, NotSent
from ...models import Group
from ...rules.newcomers import BEGUN, LIVE, NO_PLACE_YET, USUAL_DAY
from ..newcomers import find_live, find_welcome, list_late
from .organisers import read_to_organiser
from .sign_ups import read_about_signup

GREETED = "All of them were greeted before this was sent."


def read_welcome(session: Session, row: Any, now: datetime) -> Letter | NotSent:
    """Return the letter that tells a newcomer what to expect, and who is there for them."""
    soonest = find_live(session, row.Signup, row.Group.id, states=("placed",), now=now)
    letter = read_about_signup(session, _about(row, soonest), now)
    if isinstance(letter, NotSent):
        waits = row.Signup.state in ("waiting", "offered")
        return NotSent("superseded", NO_PLACE_YET) if waits else letter
    if letter.about and letter.about.shift.starts_at <= now:
        return NotSent("missed", BEGUN)
    group: Group = row.Group
    welcome = find_welcome(session, group.id)
    said = {
        "group": group.name,
        "words": welcome.the_day or USUAL_DAY,
        "buddy_name": welcome.buddy_name,
        "buddy_how": welcome.buddy_how,
        "representative": _representative(group),
    }
    return replace(letter, said=said)


def read_newcomer(session: Session, row: Any, now: datetime) -> Letter | NotSent:
    """Return the letter that asks the group's contact to get in touch with who is new.

    It is about the sign-up of the notice or, if that is over, another of theirs.
    """
    letter = read_about_signup(session, row, now)
    if not isinstance(letter, NotSent):
        return letter
    live = find_live(session, row.Signup, row.Group.id, states=LIVE, now=now)
    return read_about_signup(session, _about(row, live), now) if live else letter


def _about(row: Any, live: Any) -> Any:
    """Return the facts of a notice about another sign-up of the same person, if there is one."""
    if live is None:
        return row
    return SimpleNamespace(
        Notice=row.Notice,
        Group=row.Group,
        is_elsewhere=row.is_elsewhere,
        Signup=live.Signup,
        Shift=live.Shift,
        Event=live.Event,
    )


def read_late(session: Session, row: Any, now: datetime) -> Letter | NotSent:
    """Return the letter to an owner about newcomers whom nobody greeted, as far as they wait."""
    waiting = list_late(session, row.Notice.group_id, row.Notice.revision)
    if not waiting:
        return NotSent("superseded", GREETED)
    letter = read_to_organiser(session, row, now)
    if isinstance(letter, NotSent):
        return letter
    newcomers = [
        Entry(
            event=each.Event,
            shift=each.Shift,
            state=each.Signup.state,
            first_name=each.Signup.first_name,
        )
        for each in waiting
    ]
    return replace(letter, said={"newcomers": newcomers})


def _representative(group: Group) -> str:
    return ", ".join(
        part for part in (group.representative_name, group.representative_role) if part
    )
