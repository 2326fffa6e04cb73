"""Keeps what the schedule's filters offer for half a minute: every page has it, few change it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from flask import current_app
from markupsafe import Markup
from sqlalchemy.orm import Session

from ..operations import choices
from ..operations.choices import Choices
from ..schemas import ScheduleQuery

FIELDS = ScheduleQuery().fields
KEPT_FOR = timedelta(seconds=30)
NAME = "schedule choices"


@dataclass(frozen=True, kw_only=True)
class Offered:
    """The choices as the options of a form, written down once for many pages."""

    constituency_options: Markup
    group_options: Markup
    groups: dict[str, str]

    @classmethod
    def of(cls, found: Choices) -> Offered:
        """Write down the options."""
        option, named = Markup('<option value="{}">'), Markup('<option value="{}">{}</option>')
        return cls(
            constituency_options=Markup().join(map(option.format, found.constituencies)),
            group_options=Markup().join(named.format(*group) for group in found.groups),
            groups={str(group_id): name for group_id, name in found.groups},
        )

    def group_name(self, group_id: str) -> str:
        """Return what a group is called; one that has nothing on is called by its number."""
        return self.groups.get(group_id, f"Group {group_id}")


class KeptChoices:
    """The choices of a moment ago; one request at a time makes new ones, the others go on."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._made_at: datetime | None = None
        self._offered = Offered.of(Choices(constituencies=[], groups=[]))

    def get(self, session: Session, *, now: datetime) -> Offered:
        """Return what can be chosen."""
        # Only the very first are waited for.
        if not self._is_fresh(now) and self._turn.acquire(blocking=self._made_at is None):
            try:
                if not self._is_fresh(now):
                    self._offered = Offered.of(choices.list_choices(session, now=now))
                    self._made_at = now
            finally:
                self._turn.release()
        return self._offered

    def _is_fresh(self, now: datetime) -> bool:
        return self._made_at is not None and abs(now - self._made_at) < KEPT_FOR


def choices_of(session: Session, *, now: datetime) -> Offered:
    """Return what the filters of this process's pages offer."""
    kept: KeptChoices = current_app.extensions.setdefault(NAME, KeptChoices())
    return kept.get(session, now=now)


@lru_cache(maxsize=256)
def options_of(name: str, chosen: str) -> Markup:
    """Return the options of a field that always offers the same, with the chosen one marked."""
    option = Markup('\n<option value="{}"{}>{}</option>')
    selected = {chosen: Markup(" selected")}
    offered = FIELDS[name].metadata["options"]
    return Markup().join(
        option.format(value, selected.get(value, ""), words) for value, words in offered
    )
