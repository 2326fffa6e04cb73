"""How long and how often is measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Effort:
    """One run's measure of thoroughness; seconds are those of one arm of one round."""

    rounds: int = 5
    seconds: float = 2.0
    follow_seconds: float = 10.0
    messages: int = 5000
    notices: int = 1000
    planned: int = 1_000_000
    """Notices that wait for their hour, among which a batch that is due is found."""
    tries: tuple[int, ...] = (2000, 5000)
    places: int = 100
    long_line: int = 100_000
    """Sign-ups of a long shift, which is set beside one with a hundred."""
    connections: int = 500
    many: int = 500
    """Shifts among which sign-ups are spread."""
    events: int = 10_000
    """Among which one is searched, each with five shifts."""


SHORT = Effort(
    rounds=1,
    seconds=0.3,
    follow_seconds=1.0,
    messages=150,
    notices=100,
    planned=2000,
    tries=(60,),
    places=10,
    long_line=500,
    connections=20,
    many=20,
    events=300,
)
