"""Letters to subscribers of the schedule mail: whether they want it, and what is on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from ...mail.letters import Letter, NotSent
from ...models import Group, Notice, Subscriber
from ...rules import states
from ...rules.tastes import PAGE, Taste, hears_of, say_where, search_path
from ...rules.weekly import A_WEEK, WEEKDAYS
from ..schedule.content import read_content
from ..schedule.kept import read_details
from ..schedule.programme import read_programme
from ..subscribers.finding import links_of, taste_of
from ..subscribers.preferring import name_of_group

FORM = "/mail/schedule"
LINKS_OF_NOBODY = {"preferences": FORM, "unsubscribe": FORM}
"""Where a mail leads that only shows what subscribers get."""

HEARS_OF_IT = "They hear of this group meanwhile, or ended the weekly mail."
NOTHING_LEFT = "Nothing of what was new is left to tell."
RESTS = "They chose to have a rest before this was sent."


def read_confirmation(session: Session, row: Any, now: datetime) -> Letter | NotSent:
    """Return the letter that asks whether somebody wants the mail, or says that they have it.

    Who ticked the box of another group than they hear of is told how to hear of that one, too.
    """
    subscriber = _find(session, row.Notice)
    if subscriber is None or subscriber.ended_at is not None:
        return NotSent("superseded", states.UNSUBSCRIBED)
    known = subscriber.confirmed_at is not None
    ticked = row.Notice.details.get("ticked_group_id")
    if ticked is not None and (not known or hears_of(subscriber.group_id, ticked)):
        return NotSent("superseded", HEARS_OF_IT)
    what = "preferences" if known else "schedule/confirm"
    return Letter(
        notice=row.Notice,
        written_at=now,
        recipient=subscriber.email,
        # Whoever typed the name need not be who reads the mail.
        first_name=subscriber.first_name if known else "",
        group=row.Group,
        links={"preferences" if known else "confirm": f"/mail/{what}/{subscriber.token}"},
        said={
            "by_tick": subscriber.origin != PAGE,
            "opening": "You get it already" if known else "Please confirm",
            "where": say_where(taste_of(subscriber)),
            "weekday": WEEKDAYS[subscriber.weekday],
            "hour": subscriber.hour,
            "has": name_of_group(session, subscriber.group_id),
            "ticked": name_of_group(session, ticked),
        },
    )


def read_schedule(session: Session, row: Any, now: datetime) -> Letter | NotSent:
    """Return the letter with what was chosen for somebody, as it stands now."""
    notice, subscriber = row.Notice, _find(session, row.Notice)
    if subscriber is None or subscriber.next_due_at is None:
        return NotSent("superseded", states.UNSUBSCRIBED)
    if subscriber.paused_until is not None and subscriber.paused_until > now:
        return NotSent("superseded", RESTS)
    taste = taste_of(subscriber)
    content = read_content(session, read_details(notice.details), taste, now=now)
    if content is None:
        return NotSent("superseded", NOTHING_LEFT)
    return Letter(
        notice=notice,
        written_at=now,
        recipient=subscriber.email,
        first_name=subscriber.first_name,
        group=row.Group,
        schedule=content,
        links={"search": search_path(taste), **links_of(subscriber.token)},
    )


def read_test(session: Session, row: Any, now: datetime) -> Letter | NotSent:
    """Return what somebody with the wishes of the notice would get now."""
    letter = write_sample(session, row.Notice, now=now)
    return letter or NotSent("superseded", "There is nothing to tell who wishes that.")


def write_sample(session: Session, notice: Notice, *, now: datetime) -> Letter | None:
    """Return the letter with the news of a week for the wishes of a notice; None without any.

    Its links lead to the form, as it is nobody's.
    """
    kept = notice.details["taste"]
    taste = Taste(**{**kept, "kinds": tuple(kept["kinds"])})
    # Who tries it out has perhaps just published something, and looks for it.
    programme = read_programme(session, settles=timedelta(), now=now)
    chosen = programme.choose(taste, since=now - A_WEEK)
    content = read_content(session, chosen, taste, now=now)
    if content is None:
        return None
    return Letter(
        notice=notice,
        written_at=now,
        recipient=notice.recipient,
        first_name=notice.details["name"],
        group=session.get(Group, taste.group_id) if taste.group_id else None,
        schedule=content,
        links={"search": search_path(taste), **LINKS_OF_NOBODY},
    )


def _find(session: Session, notice: Notice) -> Subscriber | None:
    number = int(notice.subject.rpartition("/")[2])
    return session.get(Subscriber, number, populate_existing=True)
