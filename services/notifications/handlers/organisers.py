"""What messages to organisers lead to: mails from the installation itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shared import messages
from shared.access import copies
from shared.database import next_revision
from shared.handlers import Handlers

from ..operations import notices, organisers


def keep_role(session: Session, message: messages.MembershipChanged, now: datetime) -> None:
    """Keep what somebody may do here, and where they are reached."""
    copies.keep_membership(session, message, now)
    organisers.keep_organiser(session, message)


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


ORGANISERS: Handlers = {
    messages.MembershipChanged: keep_role,
    messages.SignInRequested: send_way_in,
    messages.OrganiserInvited: send_invitation,
    messages.GroupRequested: send_join_request,
    messages.GroupApproved: send_approval,
    messages.GroupDeclined: send_refusal,
    messages.CoHostAsked: send_co_host_request,
}
