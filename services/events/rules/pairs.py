"""Which training goes with which campaigning, where an event offers both: pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Protocol, TypeVar


class Part(Protocol):
    """What is asked of a shift that trains or campaigns."""

    @property
    def id(self) -> int: ...
    @property
    def work(self) -> str: ...
    @property
    def day(self) -> date: ...
    @property
    def constituency(self) -> str: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


AnyPart = TypeVar("AnyPart", bound=Part)


def campaigning_after(training: Part, shifts: Iterable[AnyPart]) -> AnyPart | None:
    """Return the campaigning that somebody goes on to from a training on the same day.

    The next one in the same constituency; only if there is none, the next one elsewhere.
    """
    if training.work != "training":
        return None
    after = [
        shift
        for shift in shifts
        if shift.work == "campaigning"
        and shift.day == training.day
        and shift.starts_at >= training.ends_at
    ]
    return min(
        after,
        key=lambda shift: (shift.constituency != training.constituency, shift.starts_at, shift.id),
        default=None,
    )
