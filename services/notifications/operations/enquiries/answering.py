"""Answering an enquiry, here or elsewhere; and telling the owners of what nobody answered."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete as delete_from
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from ...models import Enquiry, EnquiryAnswer, Group, KeptMail, Notice
from ...rules import enquiries as rules
from ...rules.hours import UK, wait_for_morning
from ..belonging import find
from ..notices import make_notice
from ..organisers import list_owners
from .asking import tell_contact

AT_A_TIME = 100


def answer(session: Session, enquiry_id: int, words: str, *, by: str, now: datetime) -> None:
    """Mail an answer to whoever asked; it stands in the thread with who wrote it.

    What looked like a machine's is none when somebody answers it. Raises AnsweredOften and
    NotThere.
    """
    enquiry = _locked(session, enquiry_id)
    lately = select(func.count()).where(
        EnquiryAnswer.enquiry_id == enquiry_id, EnquiryAnswer.at > now - timedelta(days=1)
    )
    if session.scalars(lately).one() >= rules.MOST_ANSWERS:
        raise rules.AnsweredOften
    given = EnquiryAnswer(enquiry_id=enquiry_id, words=words, answered_by=by, at=now)
    session.add(given)
    session.flush()
    make_notice(
        session,
        "enquiry_answer",
        f"enquiry/{enquiry_id}/answer/{given.id}",
        0,
        now=now,
        group_id=enquiry.group_id,
        recipient=enquiry.email,
        details={"answer_id": given.id},
    )
    _done(enquiry, "answered", by=by, now=now)


def mark_elsewhere(session: Session, enquiry_id: int, *, by: str, now: datetime) -> None:
    """Note that somebody answered by other ways. Raises IsDoneAlready and NotThere."""
    enquiry = _locked(session, enquiry_id)
    if enquiry.state in rules.DONE:
        raise rules.IsDoneAlready
    _done(enquiry, "elsewhere", by=by, now=now)


def reopen(session: Session, enquiry_id: int) -> None:
    """Take back that it was answered elsewhere. Raises IsNotDone and NotThere."""
    enquiry = _locked(session, enquiry_id)
    if enquiry.state != "elsewhere":
        raise rules.IsNotDone
    enquiry.state, enquiry.done_at, enquiry.done_by = "open", None, ""


def let_through(session: Session, enquiry_id: int, *, now: datetime) -> None:
    """Say that what looked like a machine's is somebody's; the contact gets it. Raises NotThere."""
    enquiry = _locked(session, enquiry_id)
    if enquiry.state == "suspect":
        enquiry.state = "open"
        tell_contact(session, enquiry_id, enquiry.group_id, now=now)


def drop_suspects(session: Session, group_id: int) -> int:
    """Forget all that looks like a machine's; return how many that was."""
    those = select(Enquiry.id).where(Enquiry.group_id == group_id, Enquiry.state == "suspect")
    found = session.scalars(those).all()
    for enquiry_id in found:
        delete(session, enquiry_id)
    return len(found)


def delete(session: Session, enquiry_id: int) -> None:
    """Forget an enquiry with its answers, and the mails about it."""
    subject = f"enquiry/{enquiry_id}"
    about = or_(Notice.subject == subject, Notice.subject.startswith(f"{subject}/"))
    kinds = Notice.kind.in_(("enquiry", "enquiry_answer", "enquiry_late"))
    notices = select(Notice.id).where(kinds, about)
    session.execute(delete_from(KeptMail).where(KeptMail.notice_id.in_(notices)))
    session.execute(delete_from(Notice).where(kinds, about))
    session.execute(delete_from(EnquiryAnswer).where(EnquiryAnswer.enquiry_id == enquiry_id))
    session.execute(delete_from(Enquiry).where(Enquiry.id == enquiry_id))


def tell_late(session: Session, now: datetime) -> None:
    """Tell the owners, once, of what has waited for 48 hours without an answer."""
    late = (
        select(Enquiry)
        .where(
            Enquiry.state == "open",
            Enquiry.late_told_at.is_(None),
            Enquiry.asked_at <= now - rules.CLOCK,
        )
        .order_by(Enquiry.id)
        .limit(AT_A_TIME)
        .with_for_update()
    )
    for enquiry in session.scalars(late).all():
        enquiry.late_told_at = now
        _tell_owners(session, enquiry, now=now)


def _tell_owners(session: Session, enquiry: Enquiry, *, now: datetime) -> None:
    group = session.get_one(Group, enquiry.group_id)
    base = session.info["settings"].public_url.rstrip("/")
    for number, owner in enumerate(list_owners(session, group)):
        make_notice(
            session,
            "enquiry_late",
            f"enquiry/{enquiry.id}/late/{number}",
            0,
            now=now,
            due_at=wait_for_morning(now, UK),
            recipient=owner.email,
            group_id=group.id,
            details={
                "enquiry_id": enquiry.id,
                "name": owner.name,
                "group": group.name,
                "link": f"{base}/organise/notices/enquiries/{enquiry.id}",
            },
        )


def _done(enquiry: Enquiry, state: str, *, by: str, now: datetime) -> None:
    enquiry.state, enquiry.done_at, enquiry.done_by = state, now, by


def _locked(session: Session, enquiry_id: int) -> Enquiry:
    enquiry: Enquiry = find(session, Enquiry, enquiry_id, lock=True)
    return enquiry
