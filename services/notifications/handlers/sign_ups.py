"""What messages about sign-ups and people lead to: mostly mails to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shared import messages
from shared.handlers import Handlers

from ..operations import enquiries, erasing, greeting, notices
from ..operations.copies import KeptSignup
from ..operations.drafting import add_notices


def send_confirmation(session: Session, message: messages.SignupPlaced, now: datetime) -> None:
    """Tell the person that they have a place, and the contact that somebody new comes."""
    kept = notices.tell_person(session, "confirmation", message, now=now)
    greet(session, message, kept, now=now)


def send_waiting_notice(
    session: Session, message: messages.SignupWaitlisted, now: datetime
) -> None:
    """Tell the person that they are on the waiting list, and the contact too."""
    details = {"ahead": message.ahead}
    kept = notices.tell_person(session, "waiting", message, now=now, details=details)
    greet(session, message, kept, now=now)


def send_promotion(session: Session, message: messages.SignupPromoted, now: datetime) -> None:
    """Tell the person that a place came free and is theirs; a newcomer is welcomed now."""
    kept = notices.tell_person(session, "promoted", message, now=now)
    greeting.welcome_with_place(session, message, kept, now=now)


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
    details = {**notices.moved_from(message.before), "ask_again": message.ask_again}
    notices.tell_person(session, "changed", message, now=now, details=details)


def send_closing(session: Session, message: messages.SignupClosed, now: datetime) -> None:
    """Tell the person that the event or the shift will not take place, and why."""
    details = {"state_before": message.state_before, "reason": message.reason}
    notices.tell_person(session, "closed", message, now=now, details=details)


def ask_to_confirm(session: Session, message: messages.SignupHeld, now: datetime) -> None:
    """Ask the person to prove their address while their places are held, or are in doubt."""
    details = {"until": message.until.isoformat(), "state": message.signup.state}
    notices.tell_person(session, "held", message, now=now, details=details)


def send_offer(session: Session, message: messages.SignupOffered, now: datetime) -> None:
    """Offer the person the place that came free, and say until when it is kept."""
    _tell_until(session, "offered", message, message.until, now=now)


def send_late_news(session: Session, message: messages.SignupTold, now: datetime) -> None:
    """Tell the person that the quickest gets a place now."""
    notices.tell_person(session, "told", message, now=now)


def confirm_no(session: Session, message: messages.SignupDeclined, now: datetime) -> None:
    """Confirm to the person that they said no."""
    notices.tell_person(session, "declined", message, now=now)


def send_lapse(session: Session, message: messages.SignupLapsed, now: datetime) -> None:
    """Tell the person that their time ran out, and what they may do now."""
    notices.tell_person(session, "lapsed", message, now=now, details={"why": message.why})


def send_party(session: Session, message: messages.SignupChanged, now: datetime) -> None:
    """Confirm to the person how many of them come now."""
    details = {"party_before": message.party_before}
    notices.tell_person(session, "party_changed", message, now=now, details=details)


def send_switch(session: Session, message: messages.SignupSwitched, now: datetime) -> None:
    """Tell the person that the shift they left is out of their calendar."""
    notices.tell_person(session, "switched", message, now=now)


def send_transfer(session: Session, message: messages.SignupTransferred, now: datetime) -> None:
    """Tell the person that a friend comes in their place."""
    notices.tell_person(session, "transferred", message, now=now)


def send_links(session: Session, message: messages.LinkRequested, now: datetime) -> None:
    """Mail the links to their sign-ups to somebody who lost them."""
    notices.tell_links(session, message.subject, message.person, now=now)


def send_privacy_links(session: Session, message: messages.PrivacyRequested, now: datetime) -> None:
    """Mail somebody the links to all that is kept of them."""
    notices.tell_privacy(session, message, now=now)


def erase_person(session: Session, message: messages.PersonErased, now: datetime) -> None:
    """Forget somebody, what they asked included, and answer that it is done."""
    enquiries.erase_of(session, message.addresses)
    erasing.erase_person(session, message, now=now)


def greet(
    session: Session,
    message: messages.SignupPlaced | messages.SignupWaitlisted,
    kept: KeptSignup,
    *,
    now: datetime,
) -> None:
    """Tell the contact of somebody who signed up; who is new becomes the group's to greet.

    The welcome of who waits is planned, too: of what they signed up for in the same form another
    process may be hearing just now that they have a place.
    """
    shift = kept.shift
    is_new = message.first and greeting.note_newcomer(session, message, shift.group_id, now=now)
    rows = notices.notices_for_contact(session, message, shift, is_new=is_new, now=now)
    if is_new:
        rows.append(greeting.welcome_notice(message, shift, message.signup.id, now=now))
    else:
        greeting.let_come_back(session, message, kept, now=now)
        greeting.welcome_with_place(session, message, kept, now=now)
    add_notices(session, rows)


def _tell_until(
    session: Session, kind: str, message: messages.SignupMessage, until: datetime, *, now: datetime
) -> None:
    notices.tell_person(session, kind, message, now=now, details={"until": until.isoformat()})


ABOUT_PEOPLE: Handlers = {
    messages.SignupPlaced: send_confirmation,
    messages.SignupWaitlisted: send_waiting_notice,
    messages.SignupPromoted: send_promotion,
    messages.SignupCancelled: send_cancellation,
    messages.SignupRepeated: send_reminder_of_first_signup,
    messages.SignupMoved: send_change,
    messages.SignupClosed: send_closing,
    messages.SignupHeld: ask_to_confirm,
    messages.SignupOffered: send_offer,
    messages.SignupTold: send_late_news,
    messages.SignupDeclined: confirm_no,
    messages.SignupLapsed: send_lapse,
    messages.SignupChanged: send_party,
    messages.SignupSwitched: send_switch,
    messages.SignupTransferred: send_transfer,
    messages.LinkRequested: send_links,
    messages.PrivacyRequested: send_privacy_links,
}

SIGN_UPS: Handlers = {
    **{message: erasing.unless_erased(handler) for message, handler in ABOUT_PEOPLE.items()},
    messages.PersonErased: erase_person,
}
