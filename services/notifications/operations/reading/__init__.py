"""Reading the facts of notices again, immediately before they are sent."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from ...mail.letters import Letter, NotSent, Style
from ...models import Event, Group, GroupLook, GroupWording, Notice, Shift, Signup
from ...rules import kinds
from ..suppressing import find_suppressed, why_suppressed
from ..wordings import IS_CURRENT, as_style, style_of
from . import enquiries, lists, mailings, newcomers, organisers, reminders, schedule, sign_ups
from .nights import wait_for_morning

OWN_WORDING = and_(GroupWording.group_id == Group.id, GroupWording.kind == Notice.kind, IS_CURRENT)
FACTS = (
    select(
        Notice,
        Signup,
        Shift,
        Event,
        Group,
        GroupLook.colour,
        GroupWording.subject.label("own_subject"),
        GroupWording.words.label("own_words"),
        sign_ups.IS_ELSEWHERE.label("is_elsewhere"),
    )
    .select_from(Notice)
    .outerjoin(Signup, Signup.id == Notice.signup_id)
    .outerjoin(Shift, Shift.id == Signup.shift_id)
    .outerjoin(Event, Event.id == Shift.event_id)
    .outerjoin(Group, Group.id == func.coalesce(Event.group_id, Notice.group_id))
    .outerjoin(GroupLook, GroupLook.group_id == Group.id)
    .outerjoin(GroupWording, OWN_WORDING)
    .where(
        Notice.id.in_(bindparam("these", expanding=True)),
        Notice.claim == bindparam("this_claim", type_=Uuid),
        Notice.state == "sending",
    )
    .execution_options(populate_existing=True)
)
Reader = Callable[[Session, Any, datetime], Letter | NotSent]
READERS: dict[str, Reader] = {
    **dict.fromkeys(kinds.PERSON_KINDS, sign_ups.read_about_signup),
    "reminder": reminders.read_reminder,
    "new_signup": sign_ups.read_about_signup,
    "newcomer": newcomers.read_newcomer,
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

TOGETHER = {
    kind
    for kind, read in READERS.items()
    if read in (sign_ups.read_about_signup, newcomers.read_newcomer)
    and kind != "changed"
    and kind not in kinds.AT_MOST_ONCE
}
"""Kinds of which several may be begun at once: that locks nothing, what becomes of the others
changes nothing in them, and when in doubt they are sent once more."""

UNREADABLE = "What the mail is about could not be read; the log of the sender says why."
log = logging.getLogger(__name__)


def read_letter(
    session: Session, notice_id: int, claim: UUID, *, now: datetime
) -> Letter | NotSent | None:
    """Return what to write for a claimed notice, or why not; None when the claim has been lost."""
    return read_letters(session, [notice_id], claim, now=now).get(notice_id)


def read_letters(
    session: Session, notice_ids: Sequence[int], claim: UUID, *, now: datetime
) -> dict[int, Letter | NotSent]:
    """Return what to write for each of these claimed notices, in this order, or why not.

    Those whose claim has been lost are left out.
    """
    these = {"these": notice_ids, "this_claim": claim}
    rows: dict[int, Any] = {row.Notice.id: row for row in session.execute(FACTS, these)}
    found = {each: _read(session, rows[each], now) for each in notice_ids if each in rows}
    letters = [letter for letter in found.values() if isinstance(letter, Letter)]
    suppressed = find_suppressed(session, {letter.recipient for letter in letters})
    for letter in letters:
        held_back = suppressed.get(letter.recipient.lower(), ())
        if reason := why_suppressed(held_back, asks=letter.asks):
            is_unreachable = any(row.covers == "all" for row in held_back)
            found[letter.notice.id] = NotSent(
                "suppressed", reason, letter.recipient, is_unreachable=is_unreachable
            )
    return found


def _read(session: Session, row: Any, now: datetime) -> Letter | NotSent:
    """Read one letter; what cannot be read fails alone, since the others must not wait for it."""
    try:
        letter = wait_for_morning(row, now) or READERS[row.Notice.kind](session, row, now)
        if isinstance(letter, NotSent) or letter.group is None:
            return letter
        return replace(letter, style=_style(session, letter.group, row))
    except SQLAlchemyError:
        raise
    except Exception:
        log.exception("the facts of notice %s could not be read", row.Notice.id)
        return NotSent("failed", UNREADABLE)


def _style(session: Session, group: Group, row: Any) -> Style:
    if group is row.Group:
        return as_style(row.colour, row.own_subject, row.own_words)
    return style_of(session, group.id, row.Notice.kind)
