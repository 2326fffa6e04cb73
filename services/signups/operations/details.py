"""What a sign-up form says, and what it is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ANSWERED = ("state", "ahead", "shift_id", "party")


@dataclass(frozen=True, kw_only=True)
class Came:
    """Where somebody came from, as far as the link that led here says it."""

    source: str = ""
    """`friend`, `embed`, or what the link called itself."""
    utm: Mapping[str, str] = field(default_factory=dict)
    friend_of: int | None = None
    """The sign-up whose link was followed."""
    site: str = ""
    """The origin of another web site on which the form stood."""


@dataclass(frozen=True, kw_only=True)
class Details:
    """What a form says, and how it came: `ip` is empty for a program that holds the token."""

    name: str
    email: str
    phone: str = ""
    postcode: str = ""
    party: int = 1
    wish: str = "usual"
    form: str
    ip: str = ""
    suspicion: str = ""
    """Why the form looks like a machine's; empty when it does not."""
    also: tuple[int, ...] = ()
    """Other shifts of the same group, in ascending order: a sign-up each, with the same form."""
    answers: Sequence[Mapping[str, str]] = ()
    """To the event's questions, see `rules.questions.answers_in`."""
    agreed: tuple[str, ...] = ()
    """The boxes ticked besides the one that everybody ticks."""
    came: Came = Came()


@dataclass(frozen=True)
class Receipt:
    """The answer: `placed`, `pending` until a button is pressed, or `waiting` behind `ahead`."""

    state: str
    ahead: int
    shift_id: int
    party: int
    also: tuple[Receipt, ...] = ()
    """The answers for the other shifts of the same form."""


def as_answer(receipt: Receipt) -> dict[str, Any]:
    """Return a receipt as JSON says it; `also` stands in it only for a form of several shifts."""
    answer: dict[str, Any] = {name: getattr(receipt, name) for name in ANSWERED}
    return answer | {"also": [as_answer(one) for one in receipt.also]} if receipt.also else answer
