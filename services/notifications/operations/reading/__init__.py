"""Reading the facts of a notice again, immediately before it is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, select
from sqlalchemy.orm import Session

from ...mail.letters import Letter, NotSent
from ...models import Event, Group, Notice, Shift, Signup
from ...rules import kinds
from ..erasing import is_suppressed
from ..wordings import style_of
from . import enquiries, lists, mailings, newcomers, organisers, reminders, schedule, sign_ups

FACTS = (
    select(Notice, Signup, Shift, Event, Group)
    .outerjoin(Signup, Signup.id == Notice.signup_id)
    .outerjoin(Shift, Shift.id == Signup.shift_id)
    .outerjoin(Event, Event.id == Shift.event_id)
    .outerjoin(Group, Group.id == func.coalesce(Event.group_id, Notice.group_id))
    .where(
        Notice.id == bindparam("this_id"),
        Notice.claim == bindparam("this_claim", type_=Uuid),
        Notice.state == "sending",
    )
    .execution_options(populate_existing=True)
)
Reader = Callable[[Session, Any, datetime], Letter | NotSent]
READERS: dict[str, Reader] = {
    **dict.fromkeys(kinds.PERSON_KINDS, sign_ups.read_about_signup),
    "reminder": reminders.read_reminder,
    **dict.fromkeys(("new_signup", "newcomer"), sign_ups.read_about_signup),
    "mailing": mailings.read_mailing,
    "mailing_test": mailings.read_trial,
    "links": lists.read_links,
    "daily_signups": lists.read_daily_list,
    **dict.fromkeys((*kinds.ORGANISER_KINDS, *kinds.PRIVACY_KINDS), organisers.read_to_organiser),
    "welcome": newcomers.read_welcome,
    "newcomer_late": newcomers.read_late,
    "enquiry": enquiries.read_enquiry,
    "enquiry_answer": enquiries.read_answer,
    "enquiry_late": enquiries.read_late,
    "schedule_confirm": schedule.read_confirmation,
    "schedule": schedule.read_schedule,
    "schedule_test": schedule.read_test,
}
"""How the letter of each kind is read: from a row of `FACTS`, at a time."""


def read_letter(
    session: Session, notice_id: int, claim: UUID, *, now: datetime
) -> Letter | NotSent | None:
    """Return what to write for a claimed notice, or why not; None when the claim has been lost."""
    this = {"this_id": notice_id, "this_claim": claim}
    row: Any = session.execute(FACTS, this).one_or_none()
    if row is None:
        return None
    letter = READERS[row.Notice.kind](session, row, now)
    if isinstance(letter, NotSent):
        return letter
    if reason := is_suppressed(session, letter.recipient, kind=row.Notice.kind):
        return NotSent("suppressed", reason, letter.recipient)
    if letter.group is None:
        return letter
    return replace(letter, style=style_of(session, letter.group.id, row.Notice.kind))
