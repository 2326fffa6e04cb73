"""Newcomers: when they are welcomed, and how an organiser gets in touch."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.refusals import Refusal

from .hours import next_daily, wait_for_morning

STATES = ("open", "done")
LIVE = ("placed", "waiting", "offered")
"""States of a sign-up by which somebody is still to be greeted."""

TOO_SOON = "Their shift begins too soon for a welcome."
BEGUN = "Their shift had begun before this could be sent."
NO_PLACE_YET = "They have no place yet; they are welcomed when they do."
WAYS = {
    "phone": "By phone",
    "text": "By text",
    "mail": "By mail",
    "in_person": "In person",
}
"""How an organiser may have got in touch."""

AFTER_CONFIRMATION = timedelta(hours=1)
"""So long at least the welcome keeps from the confirmation: not two mails in a minute."""

BEFORE_START = timedelta(hours=2)
USUAL_DAY = (
    "You need no experience. Come to the meeting point a few minutes early, and say that it is your"
    " first time. Somebody explains what there is to do, and you go out with others, never alone."
    " You can stop whenever you like."
)
"""What the day is like, where the group has not said it in its own words."""


class IsInTouchAlready(Refusal):
    """Somebody got in touch already. Look at the list again."""


def welcome_hour(starts_at: datetime, *, now: datetime, zone: str) -> datetime | None:
    """Return when somebody who signed up now is welcomed: the next morning.

    If their shift begins before that, an hour after the confirmation, and in the quiet hours only
    if it begins before they are over; None if it begins sooner than that hour.
    """
    morning = next_daily(now + AFTER_CONFIRMATION)
    if morning <= starts_at - BEFORE_START:
        return morning
    soon = now + AFTER_CONFIRMATION
    hours = (wait_for_morning(soon, zone), soon)
    return next((hour for hour in hours if hour < starts_at), None)
