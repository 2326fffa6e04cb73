"""Places and the waiting list of one shift in plain Python: what the service ought to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Entry:
    """A sign-up; its rank is its number."""

    id: int
    who: str
    party: int
    state: str


@dataclass
class ModelShift:
    """A shift as the model has it. What is done returns the news it causes: (kind, id, state)."""

    id: int
    capacity: int | None
    cancelled: bool = False
    closed: bool = False
    entries: list[Entry] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """Places given, in people."""
        return sum(entry.party for entry in self.entries if entry.state == "placed")

    @property
    def waiting(self) -> int:
        """Sign-ups on the waiting list."""
        return sum(entry.state == "waiting" for entry in self.entries)

    @property
    def is_open(self) -> bool:
        """Whether sign-ups are taken and people promoted."""
        return not self.cancelled and not self.closed

    def live(self) -> list[Entry]:
        """Return the live sign-ups by rank."""
        found = [e for e in self.entries if e.state in ("placed", "waiting")]
        return sorted(found, key=lambda entry: entry.id)

    def live_of(self, who: str) -> Entry | None:
        """Return somebody's live sign-up."""
        return next((entry for entry in self.live() if entry.who == who), None)

    def fits(self, party: int) -> bool:
        """Tell whether a party finds places."""
        return self.capacity is None or self.taken + party <= self.capacity

    def refuses(self, party: int) -> bool:
        """Tell whether a sign-up is refused outright."""
        return not self.is_open or (self.capacity is not None and party > self.capacity)

    def state_for(self, party: int) -> str:
        """Return what somebody new gets."""
        return "placed" if self.fits(party) else "waiting"

    def cancel(self, entry: Entry) -> list[tuple[str, int, str]]:
        """End a sign-up; its place goes to those who wait."""
        if entry.state not in ("placed", "waiting"):
            return []
        entry.state = "cancelled"
        return [("SignupCancelled", entry.id, "cancelled"), *self.fill()]

    def fill(self) -> list[tuple[str, int, str]]:
        """Give free places in order of rank, passing over parties that do not fit."""
        return list(self._promote()) if self.is_open else []

    def _promote(self) -> Iterator[tuple[str, int, str]]:
        for entry in self.live():
            if entry.state == "waiting" and self.fits(entry.party):
                entry.state = "placed"
                yield ("SignupPromoted", entry.id, "placed")

    def move(self) -> list[tuple[str, int, str]]:
        """Tell everybody who has something to act upon."""
        return [("SignupMoved", entry.id, entry.state) for entry in self.live()]

    def close(self) -> list[tuple[str, int, str]]:
        """End every live sign-up of a cancelled shift."""
        self.cancelled = True
        ended = self.live()
        for entry in ended:
            entry.state = "closed"
        return [("SignupClosed", entry.id, "closed") for entry in ended]
