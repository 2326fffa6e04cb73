"""The kinds of notice: what is fixed of each, in one table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What all notices of a kind have in common."""

    audience: str
    """Who is told: `person` (a volunteer, about a sign-up), `seeker` (who asked what is kept of
    them), `asker` (who wrote to a group), `contact` (of a group), `writer` (of a mailing),
    `organiser` (by the installation rather than by a group), or `subscriber` (of the schedule mail,
    and who tries it out)."""
    label: str
    """Its name in the ledger."""
    subject: str
    """The mail's subject, with the names of facts in braces."""
    true_in: tuple[str, ...] = ()
    """In which states of its sign-up it says the truth."""
    takes_back: bool = False
    """Who had a place has none afterwards: their calendar entry is taken back."""
    gives_place: bool = False
    """It tells of a place, and so of other places of theirs at the same time."""
    at_most_once: bool = False
    """Not sent again when nobody knows whether it arrived; of others a copy harms less."""
    has_key: bool = False
    """Its details open a door: they are forgotten as soon as it is over."""
    asked_for: bool = False
    """Somebody asked for it by typing an address."""
    can_wait: bool = False
    """It tells what others did, so that nobody sits and waits for it: at night least of all."""


KINDS: dict[str, Kind] = {
    "confirmation": Kind(
        audience="person",
        label="Confirmation",
        subject="You have a place: {title}, {day}, {time}",
        true_in=("placed",),
        gives_place=True,
    ),
    "waiting": Kind(
        audience="person",
        label="Waiting list",
        subject="You are on the waiting list: {title}, {day}, {time}",
        true_in=("waiting",),
    ),
    "promoted": Kind(
        audience="person",
        label="Place came free",
        subject="A place came free for you: {title}, {day}, {time}",
        true_in=("placed",),
        gives_place=True,
    ),
    "reminder": Kind(
        audience="person",
        label="Reminder",
        subject="{opening}: {what}, {day}",
        true_in=("placed",),
        at_most_once=True,
    ),
    "repeated": Kind(
        audience="person",
        label="Signed up again",
        subject="You are already signed up: {title}, {day}, {time}",
        true_in=("placed", "waiting", "offered", "pending"),
    ),
    "changed": Kind(
        audience="person",
        label="Change",
        subject="Changed: {title}, now {day}, {time}",
        true_in=("placed", "waiting", "offered", "pending"),
        can_wait=True,
    ),
    "cancelled": Kind(
        audience="person",
        label="Sign-up cancelled",
        subject="You are no longer signed up: {title}, {day}, {time}",
        true_in=("cancelled",),
        takes_back=True,
    ),
    "closed": Kind(
        audience="person",
        label="Event cancelled",
        subject="{ending}: {title}, {day}, {time}",
        true_in=("closed",),
        takes_back=True,
        can_wait=True,
    ),
    "held": Kind(
        audience="person",
        label="Asked to confirm the address",
        subject="Please confirm: {title}, {day}, {time}",
        true_in=("pending",),
    ),
    "offered": Kind(
        audience="person",
        label="Place offered",
        subject="A place for you, if you want it: {title}, {day}, {time}",
        true_in=("offered",),
        gives_place=True,
    ),
    "told": Kind(
        audience="person",
        label="Place for the quickest",
        subject="A place is free now: {title}, {day}, {time}",
        true_in=("waiting",),
    ),
    "declined": Kind(
        audience="person",
        label="Place declined",
        subject="Thank you for saying no: {title}, {day}, {time}",
        true_in=("declined",),
        takes_back=True,
    ),
    "lapsed": Kind(
        audience="person",
        label="Time ran out",
        subject="Your time ran out: {title}, {day}, {time}",
        true_in=("lapsed",),
        takes_back=True,
        can_wait=True,
    ),
    "party_changed": Kind(
        audience="person",
        label="Party changed",
        subject="How many you are: {title}, {day}, {time}",
        true_in=("placed", "waiting", "offered"),
    ),
    "switched": Kind(
        audience="person",
        label="Switched to another shift",
        subject="You changed shifts: {title}, {day}, {time}",
        true_in=("cancelled",),
        takes_back=True,
    ),
    "transferred": Kind(
        audience="person",
        label="Handed to a friend",
        subject="A friend comes instead: {title}, {day}, {time}",
        true_in=("transferred",),
        takes_back=True,
    ),
    "links": Kind(
        audience="person",
        label="Lost link",
        subject="Your sign-ups",
        asked_for=True,
    ),
    "privacy": Kind(
        audience="seeker",
        label="What is kept of somebody",
        subject="What is kept of you",
        at_most_once=True,
        has_key=True,
        asked_for=True,
    ),
    "welcome": Kind(
        audience="person",
        label="Welcome",
        subject="Welcome to {group}",
        true_in=("placed",),
        can_wait=True,
    ),
    "mailing": Kind(
        audience="person",
        label="Mailing",
        subject="{subject}",
        true_in=("placed", "waiting", "offered"),
        at_most_once=True,
    ),
    "mailing_test": Kind(
        audience="writer",
        label="Mailing, tried out",
        subject="[Test] {subject}",
    ),
    "enquiry": Kind(
        audience="contact",
        label="Enquiry, to the contact",
        subject="{asker} asks: {about}",
        can_wait=True,
    ),
    "enquiry_answer": Kind(
        audience="asker",
        label="Answer to an enquiry",
        subject="Re: {about}",
        asked_for=True,
    ),
    "new_signup": Kind(
        audience="contact",
        label="New sign-up, to the contact",
        subject="New sign-up: {title}, {day}, {time}",
        true_in=("placed", "waiting"),
    ),
    "daily_signups": Kind(
        audience="contact",
        label="Daily list, to the contact",
        subject="New sign-ups: {count}",
        at_most_once=True,
    ),
    "newcomer": Kind(
        audience="contact",
        label="Newcomer, to the contact",
        subject="Somebody new: please get in touch",
        true_in=("placed", "waiting", "offered"),
        can_wait=True,
    ),
    "sign_in": Kind(
        audience="organiser",
        label="Sign-in link",
        subject="Sign in to {network}",
        at_most_once=True,
        has_key=True,
    ),
    "organiser_invited": Kind(
        audience="organiser",
        label="Organiser invited",
        subject="Welcome to {group}",
    ),
    "group_requested": Kind(
        audience="organiser",
        label="Group asks to join",
        subject="{group} asks to join",
    ),
    "group_approved": Kind(
        audience="organiser",
        label="Group let in",
        subject="{group} is in: how to begin",
    ),
    "group_declined": Kind(
        audience="organiser",
        label="Group not let in",
        subject="{group} was not let in",
    ),
    "co_host_asked": Kind(
        audience="organiser",
        label="Asked to co-host",
        subject="{host} asks you to co-host: {event}",
    ),
    "enquiry_late": Kind(
        audience="organiser",
        label="Enquiry without an answer, to the owners",
        subject="{group}: an enquiry has waited for two days",
        can_wait=True,
    ),
    "newcomer_late": Kind(
        audience="organiser",
        label="Newcomers not welcomed, to the owners",
        subject="{group}: newcomers have heard from nobody",
        can_wait=True,
    ),
    "schedule_confirm": Kind(
        audience="subscriber",
        label="Schedule mail: asked to confirm",
        subject="{opening}: the weekly schedule",
        asked_for=True,
    ),
    "schedule": Kind(
        audience="subscriber",
        label="Schedule mail",
        subject="{headline}",
        at_most_once=True,
        can_wait=True,
    ),
    "schedule_test": Kind(
        audience="subscriber",
        label="Schedule mail, to try it out",
        subject="Test: {headline}",
        at_most_once=True,
    ),
}
