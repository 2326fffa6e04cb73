"""A letter: a notice with all the facts that its mail is written from, as they were just read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..models import Event, Group, Notice, Shift, Signup
from ..rules.truth import Place


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One sign-up on a list: in a mail with lost links, or in a contact's daily list."""

    event: Event
    shift: Shift
    state: str
    link: str = ""
    first_name: str = ""
    party: int = 1


@dataclass(frozen=True, kw_only=True)
class About:
    """The one sign-up that a letter speaks of."""

    event: Event
    shift: Shift
    signup: Signup
    method: str | None
    """What happens to the person's calendar: `REQUEST`, `CANCEL` or nothing."""
    before: Place | None = None
    changes: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What is to be said to whom: about one sign-up, or a list of `entries`."""

    notice: Notice
    written_at: datetime
    recipient: str
    first_name: str
    group: Group
    about: About | None = None
    entries: Sequence[Entry] = ()
