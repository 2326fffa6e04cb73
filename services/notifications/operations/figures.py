"""How many mails about an event were sent, wait, or did not arrive, by kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from shared.refusals import NotThere

from ..models import Event, Notice
from ..rules import kinds, states

COUNTED = {
    "sent": "Sent",
    "planned": "Planned",
    "uncertain": "Uncertain",
    "failed": "Failed",
    "suppressed": "Suppressed",
    "unsubscribed": "Unsubscribed",
    "not_needed": "Not needed",
}
"""What is counted, with its words.

Unsubscribed are invitations by whose link somebody ended such mails, which are not counted as sent,
and those that were not sent because somebody had ended them while they left.
"""

COLUMNS = ("kind", *COUNTED, "all")
STANDS_FOR = {
    **dict.fromkeys((*states.UNSENT, "sending"), "planned"),
    **dict.fromkeys(("superseded", "missed"), "not_needed"),
}


@dataclass(frozen=True)
class Figures:
    """How many mails of one kind, or of all, ended how."""

    kind: str
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTED, 0))

    @property
    def all(self) -> int:
        """How many there are."""
        return sum(self.counts.values())

    def row(self) -> list[str | int]:
        """Return the values of `COLUMNS`."""
        return [self.kind, *self.counts.values(), self.all]


def get_event(session: Session, event_id: int) -> Event:
    """Return an event. Raises NotThere."""
    event = session.get(Event, event_id)
    if event is None:
        raise NotThere
    return event


def count_of_event(session: Session, event_id: int) -> tuple[Sequence[Figures], Figures]:
    """Return how the mails about an event ended, by kind, and of all kinds together."""
    unsubscribed = Notice.reason.in_((states.UNSUBSCRIBED, states.UNSUBSCRIBED_BY_IT))
    ended = case((unsubscribed, "unsubscribed"), else_=Notice.state)
    rows = session.execute(
        select(Notice.kind, ended, func.count())
        .where(Notice.event_id == event_id)
        .group_by(Notice.kind, ended)
    )
    found: dict[str, Figures] = {}
    total = Figures("all")
    for kind, state, count in rows:
        of_kind = found.setdefault(kind, Figures(kind))
        for figures in (of_kind, total):
            figures.counts[STANDS_FOR.get(state, state)] += count
    return [found[kind] for kind in kinds.KINDS if kind in found], total
