"""Places and the waiting list of one shift in plain Python: what the service ought to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

News = list[tuple[str, int, str]]
HOLDING = ("placed", "offered", "held")
LIVE = ("placed", "waiting", "offered", "held")
ENDED = ("cancelled", "closed", "declined", "lapsed", "transferred")
SHIFT_LASTS, HOLD_LASTS = timedelta(hours=2), timedelta(minutes=30)
PROVING = timedelta(hours=48)
EIGHT, AWAKE = timedelta(hours=8), timedelta(hours=13)
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(eq=False)
class Entry:
    """A sign-up; its rank is its number."""

    id: int
    who: str
    party: int
    state: str
    wish: str = "usual"
    until: datetime | None = None
    """When the offer or the hold ends."""
    proven: bool = False
    """Whether a button of the mail was pressed."""
    since: datetime = NEVER
    """When it was signed up for."""
    doubted: bool = False
    """Whether a mail to it came back."""
    skips: int = 0
    skipped_since: datetime | None = None
    told: bool = False
    replaces: tuple[ModelShift, Entry] | None = None
    """What somebody who switches gives back for a place."""

    @property
    def shown(self) -> str:
        """The state as the service calls it."""
        return "pending" if self.state == "held" else self.state


@dataclass
class ModelShift:
    """A shift as the model has it. What is done returns the news it causes: (kind, id, state)."""

    id: int
    capacity: int | None
    starts_at: datetime
    promotion: str = "by_time"
    strict: bool = False
    cancelled: bool = False
    closed: bool = False
    entries: list[Entry] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """Places given and offered, in people."""
        return sum(entry.party for entry in self.entries if entry.state in HOLDING)

    @property
    def waiting(self) -> int:
        """Sign-ups on the waiting list."""
        return sum(entry.state == "waiting" for entry in self.entries)

    @property
    def free(self) -> int:
        """Places left."""
        return 10**6 if self.capacity is None else self.capacity - self.taken

    def is_open(self, now: datetime) -> bool:
        """Tell whether sign-ups are taken and people promoted."""
        return not self.cancelled and not self.closed and now < self.starts_at

    def live(self) -> list[Entry]:
        """Return the live sign-ups by rank."""
        found = [e for e in self.entries if e.state in LIVE]
        return sorted(found, key=lambda entry: entry.id)

    def live_of(self, who: str) -> Entry | None:
        """Return somebody's live sign-up."""
        return next((entry for entry in self.live() if entry.who == who), None)

    def queue(self) -> list[Entry]:
        """Return who waits, by rank."""
        return [entry for entry in self.live() if entry.state == "waiting"]

    def mode(self, now: datetime) -> str:
        """Return how free places are given."""
        left = self.starts_at - now
        if self.promotion != "by_time":
            return self.promotion
        if left > timedelta(hours=48):
            return "at_once"
        return "offers" if left >= timedelta(hours=4) else "late"

    def entitled(self, now: datetime) -> list[Entry]:
        """Return who waits and may get something now; shifts of the model are in British winter."""
        on_the_day = now.date() >= self.starts_at.date()
        return [
            entry
            for entry in self.queue()
            if not (on_the_day and entry.wish == "not_on_the_day")
            and (entry.proven or not self.strict)
        ]

    def stops(self, entry: Entry, now: datetime) -> bool:
        """Tell whether places are kept back for somebody."""
        if self.capacity is None or entry.party > self.capacity:
            return False
        since = entry.skipped_since
        return entry.skips >= 3 or (since is not None and since <= now - timedelta(hours=24))

    def refuses(self, party: int, now: datetime) -> bool:
        """Tell whether a sign-up is refused outright."""
        return not self.is_open(now) or (self.capacity is not None and party > self.capacity)

    def is_blocked(self, now: datetime) -> bool:
        """Tell whether newcomers wait although places are free."""
        if not self.queue() or self.mode(now) == "late":
            return False
        by_hand = self.mode(now) == "by_hand"
        return any(
            self.stops(e, now) or (by_hand and e.party <= self.free) for e in self.entitled(now)
        )

    def holds_too_many(self, party: int) -> bool:
        """Tell whether a party may not be held besides those that are: a fifth of the places."""
        held = sum(entry.party for entry in self.entries if entry.state == "held")
        most = max(1, (self.capacity or 0) // 5)
        return self.capacity is not None and held > 0 and held + party > most

    def foresee(self, party: int, now: datetime) -> str:
        """Return what somebody new would get who fills in the form."""
        if party > self.free or self.is_blocked(now):
            return "waiting"
        if not self.strict:
            return "placed"
        return "waiting" if self.holds_too_many(party) else "held"

    def arrive(self, party: int, now: datetime, *, hold: bool = False) -> tuple[str, News]:
        """Return what somebody new gets, perhaps only held, and what that moves."""
        first = any(
            e.party <= self.free
            or (e.party <= (self.capacity or 0) and self.stops(e, now) and self.capacity)
            for e in self.queue()
        )
        if party <= self.free and not first and not hold:
            self.pass_over(now)
            return "placed", []
        news = self.fill(now)
        if party > self.free or self.is_blocked(now) or (hold and self.holds_too_many(party)):
            return "waiting", news
        self.pass_over(now)
        return "held" if hold else "placed", news

    def prove(self, entry: Entry, now: datetime) -> News:
        """Press a button of the mail: what is held is given, and who waits may get something."""
        if now >= self.starts_at + SHIFT_LASTS:
            return []
        is_first, entry.proven = not entry.proven, True
        if entry.state == "held":
            entry.state, entry.until = "placed", None
            return [("SignupPlaced", entry.id, "placed")]
        return self.fill(now) if is_first and entry.state == "waiting" else []

    def pass_over(self, now: datetime, before: int = 10**9) -> None:
        """Count for who does not fit that somebody else is about to get places."""
        if self.capacity is None:
            return
        for entry in self.queue():
            if entry.id < before and entry.party > self.free:
                entry.skips += 1
                entry.skipped_since = entry.skipped_since or now

    def cancel(self, entry: Entry, now: datetime) -> News:
        """End a sign-up; its place goes to those who wait."""
        if entry.state not in LIVE:
            return []
        entry.state, entry.until = "cancelled", None
        return [("SignupCancelled", entry.id, "cancelled"), *self.fill(now)]

    def decline(self, entry: Entry, now: datetime) -> News:
        """Say no."""
        entry.state, entry.until = "declined", None
        return [("SignupDeclined", entry.id, "declined"), *self.fill(now)]

    def shrink(self, entry: Entry, party: int, now: datetime) -> News:
        """Let fewer come."""
        entry.party = party
        return [("SignupChanged", entry.id, entry.state), *self.fill(now)]

    def accept(self, entry: Entry, now: datetime) -> News:
        """Say yes, perhaps too late."""
        if entry.state in ("placed", "waiting"):
            return []
        if entry.state == "offered":
            return self.place(entry, now)
        news = self.fill(now)
        if entry.party <= self.free and not self.is_blocked(now):
            self.pass_over(now)
            return [*news, *self.place(entry, now)]
        entry.state = "waiting"
        return [*news, ("SignupWaitlisted", entry.id, "waiting")]

    def take(self, entry: Entry, now: datetime) -> News:
        """Take a free place shortly before the start."""
        if entry.state == "placed":
            return []
        self.pass_over(now)
        return self.place(entry, now)

    def place(self, entry: Entry, now: datetime) -> News:
        """Give somebody who waited a place; what they had instead goes on."""
        entry.state, entry.until = "placed", None
        return [("SignupPromoted", entry.id, "placed"), *release(entry, now)]

    def fill(self, now: datetime) -> News:
        """Give free places in order of rank, as the time left and the wishes have it."""
        if not self.is_open(now):
            return []
        return [*self.lapse(now), *self._serve(now)]

    def sweep(self, now: datetime) -> News:
        """End what is over, and fill."""
        news = [*self.lapse(now), *self.end_doubts(now)]
        if now >= self.starts_at:
            for entry in self.queue():
                entry.state = "closed"
                news.append(("SignupClosed", entry.id, "closed"))
        return [*news, *self.fill(now)]

    def lapse(self, now: datetime) -> Iterator[tuple[str, int, str]]:
        """End offers and holds whose hour has passed."""
        for entry in self.live():
            if entry.until is not None and entry.until <= now:
                entry.state, entry.until = "lapsed", None
                yield ("SignupLapsed", entry.id, "lapsed")

    def end_doubts(self, now: datetime) -> Iterator[tuple[str, int, str]]:
        """End what nobody proved within two days, or until sign-up closed."""
        for entry in self.live():
            is_late = self.closed or now >= self.starts_at
            if entry.doubted and not entry.proven and (is_late or entry.since <= now - PROVING):
                entry.state, entry.until = "lapsed", None
                yield ("SignupLapsed", entry.id, "lapsed")

    def _serve(self, now: datetime) -> Iterator[tuple[str, int, str]]:
        mode = self.mode(now)
        if mode == "late":
            yield from self._tell_the_quickest(now)
        while mode in ("at_once", "offers") and (entry := self._next(now)) is not None:
            self.pass_over(now, before=entry.id)
            offers = entry.wish != "place" and (mode == "offers" or entry.wish == "ask")
            if offers:
                entry.state = "offered"
                entry.until = end_of_offer(self.starts_at, now)
                yield ("SignupOffered", entry.id, "offered")
            else:
                yield from self.place(entry, now)

    def _next(self, now: datetime) -> Entry | None:
        for entry in self.entitled(now):
            if entry.party <= self.free:
                return entry
            if self.stops(entry, now):
                return None
        return None

    def _tell_the_quickest(self, now: datetime) -> Iterator[tuple[str, int, str]]:
        for entry in self.entitled(now):
            if entry.wish in ("place", "ask") and entry.party <= self.free and not entry.told:
                entry.told = True
                yield ("SignupTold", entry.id, "waiting")

    def move(self) -> News:
        """Tell everybody who has something to act upon."""
        return [("SignupMoved", entry.id, entry.shown) for entry in self.live()]

    def close(self) -> News:
        """End every live sign-up of a cancelled shift."""
        self.cancelled = True
        ended = self.live()
        for entry in ended:
            entry.state, entry.until = "closed", None
        return [("SignupClosed", entry.id, "closed") for entry in ended]


def release(entry: Entry, now: datetime) -> News:
    """End what somebody had, who has a place now where they wanted to be."""
    if entry.replaces is None:
        return []
    shift, old = entry.replaces
    if old.state not in LIVE:
        return []
    old.state, old.until = "cancelled", None
    return [("SignupSwitched", old.id, "cancelled"), *shift.fill(now)]


def end_of_offer(starts_at: datetime, now: datetime) -> datetime:
    """Return when an offer made now ends, in British winter, when clocks show UTC.

    Its clock is moved to days of thirteen hours, which begin at eight, and back.
    """
    lasts = min(max((starts_at - now) / 4, timedelta(hours=1)), timedelta(hours=12))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    begins = min(max(now - midnight - EIGHT, timedelta(0)), AWAKE)
    days, rest = divmod(begins + lasts, AWAKE)
    if not rest:
        days, rest = days - 1, AWAKE
    return min(midnight + timedelta(days=days) + EIGHT + rest, starts_at)
