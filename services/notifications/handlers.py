"""What each heard message leads to; every handler may run twice, late and out of order."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shared import messages
from shared.access import copies as access_copies
from shared.database import next_revision
from shared.handlers import Handlers

from .operations import copies, notices, organisers


def keep_event(session: Session, message: messages.EventMessage, now: datetime) -> None:
    """Keep the words and times that mails need."""
    copies.keep_event(session, message.event)


def keep_group(session: Session, message: messages.GroupChanged, now: datetime) -> None:
    """Keep who signs the mails and who is told of new sign-ups."""
    copies.keep_group(session, message.group)


def send_confirmation(session: Session, message: messages.SignupPlaced, now: datetime) -> None:
    """Tell the person that they have a place, and the contact that somebody new comes."""
    notices.tell_person(session, "confirmation", message, now=now)
    notices.tell_contact(session, message, now=now)


def send_waiting_notice(
    session: Session, message: messages.SignupWaitlisted, now: datetime
) -> None:
    """Tell the person that they are on the waiting list, and the contact too."""
    notices.tell_person(session, "waiting", message, now=now, details={"ahead": message.ahead})
    notices.tell_contact(session, message, now=now)


def send_promotion(session: Session, message: messages.SignupPromoted, now: datetime) -> None:
    """Tell the person that a place came free and is theirs."""
    notices.tell_person(session, "promoted", message, now=now)


def send_cancellation(session: Session, message: messages.SignupCancelled, now: datetime) -> None:
    """Confirm to the person that they are no longer signed up."""
    notices.tell_person(session, "cancelled", message, now=now)


def send_reminder_of_first_signup(
    session: Session, message: messages.SignupRepeated, now: datetime
) -> None:
    """Tell the person who signed up again that they already have a place, or wait."""
    notices.tell_person(session, "repeated", message, now=now)


def send_change(session: Session, message: messages.SignupMoved, now: datetime) -> None:
    """Tell the person what changed for them, once the edits have come to rest."""
    details = notices.moved_from(message.before)
    notices.tell_person(session, "changed", message, now=now, details=details)


def send_closing(session: Session, message: messages.SignupClosed, now: datetime) -> None:
    """Tell the person that the event or the shift will not take place, and why."""
    details = {"state_before": message.state_before, "reason": message.reason}
    notices.tell_person(session, "closed", message, now=now, details=details)


def send_links(session: Session, message: messages.LinkRequested, now: datetime) -> None:
    """Mail the links to their sign-ups to somebody who lost them."""
    notices.tell_links(session, message.subject, message.person, now=now)


def send_way_in(session: Session, message: messages.SignInRequested, now: datetime) -> None:
    """Mail an organiser the link and the code to sign in, while they are good."""
    organisers.tell_way_in(session, message, now=now)


def send_invitation(session: Session, message: messages.OrganiserInvited, now: datetime) -> None:
    """Tell somebody which group they may now plan for, and how to come in."""
    columns = organisers.addressed_to(
        message.person,
        group=message.group_name,
        role=message.role,
        invited_by=message.invited_by,
    )
    notices.make_notice(
        session, "organiser_invited", message.subject, message.revision, now=now, **columns
    )


def send_join_request(session: Session, message: messages.GroupRequested, now: datetime) -> None:
    """Tell an administrator that a new group waits for an answer."""
    columns = organisers.addressed_to(message.person, group=message.group_name, area=message.area)
    # Each administrator is told once, so each has a subject of their own.
    subject = f"{message.subject}/{message.organiser_id}"
    notices.make_notice(session, "group_requested", subject, 0, now=now, **columns)


def send_approval(session: Session, message: messages.GroupApproved, now: datetime) -> None:
    """Tell the first organiser of a new group how to begin."""
    columns = organisers.addressed_to(message.person, group=message.group_name)
    notices.make_notice(session, "group_approved", message.subject, 0, now=now, **columns)


def send_refusal(session: Session, message: messages.GroupDeclined, now: datetime) -> None:
    """Tell whoever asked for a new group that it was not let in, and why."""
    columns = organisers.addressed_to(
        message.person, group=message.group_name, reason=message.reason
    )
    notices.make_notice(session, "group_declined", message.subject, 0, now=now, **columns)


def send_co_host_request(session: Session, message: messages.CoHostAsked, now: datetime) -> None:
    """Tell a group's contact that another group asks it to hold an event with them."""
    columns = organisers.addressed_to(
        message.person,
        event=message.event_title,
        group=message.group_name,
        host=message.host_name,
    )
    # Asked again after it said no, it is told again.
    asking = next_revision(None, message.asked_at)
    notices.make_notice(session, "co_host_asked", message.subject, asking, now=now, **columns)


HANDLERS: Handlers = {
    **access_copies.HANDLERS,
    messages.EventPublished: keep_event,
    messages.EventChanged: keep_event,
    messages.EventCancelled: keep_event,
    messages.GroupChanged: keep_group,
    messages.SignupPlaced: send_confirmation,
    messages.SignupWaitlisted: send_waiting_notice,
    messages.SignupPromoted: send_promotion,
    messages.SignupCancelled: send_cancellation,
    messages.SignupRepeated: send_reminder_of_first_signup,
    messages.SignupMoved: send_change,
    messages.SignupClosed: send_closing,
    messages.LinkRequested: send_links,
    messages.SignInRequested: send_way_in,
    messages.OrganiserInvited: send_invitation,
    messages.GroupRequested: send_join_request,
    messages.GroupApproved: send_approval,
    messages.GroupDeclined: send_refusal,
    messages.CoHostAsked: send_co_host_request,
}
