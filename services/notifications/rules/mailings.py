"""What organisers write to many: to whom, what for, and when it leaves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from shared.refusals import Refusal

from .hours import wait_for_morning
from .tastes import hears_of

AUDIENCES = {
    "coming": "Those who have a place",
    "waiting": "Those on the waiting list",
    "all": "Those who come and those who wait",
}
"""Whom a mailing may be for, with the words of the form."""

STATES_OF = {
    "coming": ("placed",),
    "waiting": ("waiting", "offered"),
    "all": ("placed", "waiting", "offered"),
}
"""The states of the sign-ups that an audience means."""

NOBODY = {
    "coming": "Nobody has a place at the moment.",
    "waiting": "Nobody is on the waiting list at the moment.",
    "all": "Nobody has a place or waits for one at the moment.",
}
"""Why nobody gets a mailing to an audience in which there is nobody."""

ALL_LEFT_OUT = "All whom it is meant for are left out; why stands beside each name."

PURPOSES = {
    "practical": "Something practical about the day",
    "invitation": "An invitation to something else",
}

STATES = ("draft", "scheduled", "sending", "sent", "stopped")
LEFT = ("sending", "sent", "stopped")
"""States of a mailing that has begun to leave: its recipients are fixed."""

MOST_PRACTICAL = 3
"""How many practical mailings an event may have: they are not counted as asks."""

UNDO = timedelta(minutes=1)
"""How long what is sent at once waits, so that it can be stopped."""

ON_THE_WAY = timedelta(hours=2)
"""How long before their shift people may have left home."""

FURTHEST = timedelta(days=366)

UNASKED = "They did not ask to hear of this group’s other days."
UNCONFIRMED = (
    "They were asked by mail to confirm that they want to hear of other days, and have not yet."
)
HAVE_A_REST = "They have a rest from mails about other days."


class IsNoDraft(Refusal):
    """This is no draft any more: it is on its way. Stop it first, if you can."""


class NothingToStop(Refusal):
    """There is nothing left to stop: it has left, or was never sent."""


class NobodyToWriteTo(Refusal):
    """Nobody would get this at the moment, so it is not sent."""


class TooManyPractical(Refusal):
    """This event had its three practical mailings.

    More would be too much for those who come. If it really cannot wait, call them.
    """


class TimeHasPassed(Refusal):
    """Choose a time to come, within a year."""


class NoAddressKnown(Refusal):
    """Where you are reached is not known here yet. Ask an owner to set your role once more."""


def decide_hour(
    wanted: datetime | None, *, now: datetime, zone: str, begins: Iterable[datetime] = ()
) -> datetime:
    """Return when a mailing leaves: as wanted, or in a minute; hardly in the quiet hours of `zone`.

    `begins` is as for `leaves_at`. Raises TimeHasPassed for an hour that is over, or more than a
    year ahead.
    """
    if wanted is not None and not now < wanted <= now + FURTHEST:
        raise TimeHasPassed
    return leaves_at(max(wanted or now, now + UNDO), zone, begins)


def leaves_at(moment: datetime, zone: str, begins: Iterable[datetime]) -> datetime:
    """Return `moment` or, in the quiet hours of `zone`, the morning after.

    It is not waited for if what is said is practical, and one of its shifts, which begin at these
    times, begins sooner than two hours after the quiet hours.
    """
    morning = wait_for_morning(moment, zone)
    in_time = morning + ON_THE_WAY
    return moment if any(moment <= at < in_time for at in begins) else morning


def why_uninvited(asked: Any, group_id: int, *, at: datetime) -> str:
    """Say why somebody is not invited by a group, or nothing if they are.

    `asked` has what they chose: `group_id` and `paused_until`; None is who has no mail about other
    days. Whose days they hear of instead is nothing that a group learns.
    """
    if asked is None or not hears_of(asked.group_id, group_id):
        return UNASKED
    if asked.paused_until is not None and asked.paused_until > at:
        return HAVE_A_REST
    return ""


def why_nobody(audience: str, *, meant: int, spared: int) -> str:
    """Say why nobody gets a mailing that is for `meant` people; nothing if somebody does.

    `spared` of them are left out.
    """
    if meant > spared:
        return ""
    return ALL_LEFT_OUT if meant else NOBODY[audience]


def paragraphs(words: str) -> Iterator[list[str]]:
    """Yield the paragraphs of what somebody typed, each as its lines.

    >>> list(paragraphs("Dear all,\\n\\nbring a pen.\\nAnd a coat."))
    [['Dear all,'], ['bring a pen.', 'And a coat.']]
    """
    lines: list[str] = []
    for line in (*words.splitlines(), ""):
        if line.strip():
            lines.append(line.strip())
        elif lines:
            yield lines
            lines = []
