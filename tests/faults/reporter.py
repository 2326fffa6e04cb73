"""Compares what people were told with what the system wrote down and mailed, and counts.

    python -m tests.faults.reporter TOLD.json

reads the databases, the queues and the mail catcher of the system that runs, and the file in which
the clients wrote what they were told. Exit status 1 when a promise is broken.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from tests.containers import Stack, settings
from tests.faults.books import Books

PLACES = """
    SELECT s.id, s.capacity, s.taken, s.waiting,
           (SELECT COALESCE(sum(change), 0) FROM ledger l WHERE l.shift_id = s.id)
    FROM shifts s WHERE s.event_id = %s
"""
SIGNUPS = """
    SELECT g.id, g.email, g.shift_id, g.state, g.party,
           (SELECT COALESCE(sum(change), 0) FROM ledger l WHERE l.signup_id = g.id)
    FROM signups g JOIN shifts s ON s.id = g.shift_id WHERE s.event_id = %s ORDER BY g.id
"""
NOTICES = """
    SELECT n.id, n.signup_id, n.kind, n.state, n.message_id FROM notices n
    JOIN signups g ON g.id = n.signup_id
    WHERE g.event_id = %s AND n.kind NOT IN (
        'new_signup', 'changed', 'repeated', 'reminder', 'newcomer', 'welcome')
"""
STUCK_FOR = 2.0
"""Seconds in which nothing moved, after which what is left is taken to wait for an hour."""


@dataclass(frozen=True)
class Signup:
    """A row of signups, with the places it holds by the ledger."""

    id: int
    email: str
    shift_id: int
    state: str
    party: int
    holds: int


@dataclass(frozen=True, kw_only=True)
class Report:
    """What became of a crowd's sign-ups. Each list names what is wrong; all should be empty."""

    acknowledged: int
    """People who were given a place or a rank."""
    unclaimed: int
    """Sign-ups of people who went away before the answer came."""
    repeated_mails: int
    """Mails that came twice with one Message-ID, as SMTP alone cannot rule out."""
    lost: list[str]
    """Acknowledged, but there is no such sign-up, or it has less than was said."""
    doubled: list[str]
    """Effects that happened twice: a second sign-up, place or notice."""
    oversold: list[str]
    """Shifts with more places given than there are."""
    starved: list[str]
    """People who wait though there is a place that they fit into."""
    miscounted: list[str]
    """Totals that are not the sum of the sign-ups, here or on the public page."""
    undelivered: list[str]
    """Messages that never reached one of their readers."""
    unmailed: list[str]
    """People without the mail they should have, and notices that claim a mail nobody got."""
    second_mails: list[str]
    """Mails that say the same to the same person, with another Message-ID."""
    left_over: list[str]
    """What is not at rest: unsent, queued, held, or unfinished."""
    seconds_to_rest: float = 0.0

    @property
    def broken(self) -> dict[str, list[str]]:
        """Return the promises that do not hold, with what breaks each."""
        lists = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: found for name, found in lists.items() if isinstance(found, list) and found}

    def figures(self) -> dict[str, float]:
        """Return every count of this report by name."""
        found = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: len(n) if isinstance(n, list) else round(n, 1) for name, n in found.items()}


def wait_for_rest(
    books: Books, event_id: int, *, timeout: float = 90, hours_pass: bool = False
) -> float:
    """Wait until nothing about the event is on its way; return the seconds it took.

    With `hours_pass` nobody waits for the two minutes after which a dead sender's notices are
    taken over, or the ten until a doubtful mail is sent once more: when only such are left, their
    hour is brought forward.
    """
    started = time.monotonic()
    seen: list[tuple[Any, ...]] = []
    seen_at = started

    def is_at_rest() -> bool:
        nonlocal seen, seen_at
        left = on_its_way(books, event_id)
        if left != seen:
            seen, seen_at = left, time.monotonic()
        elif left and hours_pass and time.monotonic() - seen_at > STUCK_FOR:
            books.let_hours_pass()
            seen_at = time.monotonic()
        assert not left, f"still on its way after {time.monotonic() - started:.0f} s: {left[:5]}"
        return True

    books.stack.wait(is_at_rest, timeout=timeout)
    return time.monotonic() - started


def on_its_way(books: Books, event_id: int) -> list[tuple[Any, ...]]:
    """Return what is not at rest, the cheapest questions first."""
    if unsent := books.unsent():
        return [("unsent messages", unsent)]
    if held := books.held("retrying"):
        return [("messages that are tried again", held)]
    if unreceived := books.unreceived():
        return [("messages not received", len(unreceived))]
    return books.unfinished(event_id)


def report(books: Books, told: dict[str, Any], *, seconds_to_rest: float = 0.0) -> Report:
    """Compare what the crowd was told with everything that is written down."""
    event_id = told["event_id"]
    signups = [Signup(*row) for row in books.ask("signups", SIGNUPS, event_id)]
    shifts = books.ask("signups", PLACES, event_id)
    notices = books.ask("notifications", NOTICES, event_id)
    mails = books.mails({one["email"] for one in told["asked"]})
    acknowledged = [one for one in told["asked"] if one["state"]]
    answered = {(one["email"], one["shift_id"]) for one in acknowledged}
    return Report(
        acknowledged=len(acknowledged),
        unclaimed=sum((signup.email, signup.shift_id) not in answered for signup in signups),
        repeated_mails=sum(count - 1 for count in Counter(mails).values()),
        lost=list(find_lost(acknowledged, signups)),
        doubled=list(find_doubled(signups, notices)),
        oversold=list(find_oversold(shifts, signups)),
        starved=list(find_starved(shifts, signups)),
        miscounted=list(find_miscounted(books, event_id, shifts, signups)),
        undelivered=[str(message_id) for message_id in books.unreceived()],
        unmailed=list(find_unmailed(acknowledged, notices, mails)),
        second_mails=list(find_second_mails(mails)),
        left_over=list(find_left_over(books, event_id)),
        seconds_to_rest=seconds_to_rest,
    )


def find_lost(acknowledged: Sequence[dict[str, Any]], signups: Sequence[Signup]) -> Iterable[str]:
    """A place stays a place; whoever waits may have got one since."""
    states = {(signup.email, signup.shift_id): signup for signup in signups}
    for one in acknowledged:
        found = states.get((one["email"], one["shift_id"]))
        fine = ("placed",) if one["state"] == "placed" else ("waiting", "placed")
        if found is None or found.state not in fine or found.party != one["party"]:
            yield f"{one['email']} was told {one['state']}: {found}"


def find_doubled(signups: Sequence[Signup], notices: Sequence[tuple[Any, ...]]) -> Iterable[str]:
    """One sign-up a person and shift, one entry of its places, one notice of a kind."""
    for who, count in Counter((signup.email, signup.shift_id) for signup in signups).items():
        if count > 1:
            yield f"{who} has {count} sign-ups"
    for signup in signups:
        if signup.holds != (signup.party if signup.state == "placed" else 0):
            yield f"{signup} holds {signup.holds} places by the ledger"
    for about, count in Counter((row[1], row[2]) for row in notices).items():
        if count > 1:
            yield f"sign-up {about[0]} has {count} notices of {about[1]}"


def find_oversold(shifts: Sequence[tuple[Any, ...]], signups: Sequence[Signup]) -> Iterable[str]:
    """Never more places given than there are."""
    for shift_id, capacity, *_ in shifts:
        given = places_given(signups, shift_id)
        if capacity is not None and given > capacity:
            yield f"shift {shift_id}: {given} of {capacity} places given"


def find_starved(shifts: Sequence[tuple[Any, ...]], signups: Sequence[Signup]) -> Iterable[str]:
    """No free place while somebody who fits waits."""
    for shift_id, capacity, *_ in shifts:
        given = places_given(signups, shift_id)
        for signup in signups:
            waits = signup.shift_id == shift_id and signup.state == "waiting"
            if waits and (capacity is None or given + signup.party <= capacity):
                yield f"{signup} waits though {given} of {capacity} places are given"


def find_miscounted(
    books: Books, event_id: int, shifts: Sequence[tuple[Any, ...]], signups: Sequence[Signup]
) -> Iterable[str]:
    """The totals, the ledger and the public page agree with the sign-ups."""
    query = "SELECT id, taken, waiting FROM shifts WHERE event_id = %s"
    shown = {row[0]: row[1:] for row in books.ask("events", query, event_id)}
    for shift_id, _capacity, taken, waiting, ledger in shifts:
        here = [signup for signup in signups if signup.shift_id == shift_id]
        true = (places_given(here, shift_id), sum(s.state == "waiting" for s in here))
        if (taken, waiting) != true or ledger != true[0]:
            yield f"shift {shift_id}: {true} counted, {(taken, waiting)} kept, ledger {ledger}"
        if shown.get(shift_id) != true:
            yield f"shift {shift_id}: {true} counted, {shown.get(shift_id)} shown"


def find_unmailed(
    acknowledged: Sequence[dict[str, Any]],
    notices: Sequence[tuple[Any, ...]],
    mails: Sequence[tuple[str, str, str]],
) -> Iterable[str]:
    """Everybody acknowledged has a mail, and what counts as sent has arrived."""
    got = {address for address, _subject, _message_id in mails}
    arrived = {message_id.split("@")[0] for _address, _subject, message_id in mails}
    yield from (f"{one['email']} has no mail" for one in acknowledged if one["email"] not in got)
    for notice_id, signup_id, kind, state, message_id in notices:
        if state == "sent" and str(message_id) not in arrived:
            yield f"notice {notice_id}, {kind} of sign-up {signup_id}, is sent and never arrived"


def find_second_mails(mails: Sequence[tuple[str, str, str]]) -> Iterable[str]:
    """One mail to a person about one thing."""
    ids = defaultdict(set)
    for address, subject, message_id in mails:
        ids[address, subject].add(message_id)
    for (address, subject), found in ids.items():
        if len(found) > 1:
            yield f"{address} has {len(found)} mails “{subject}”"


def find_left_over(books: Books, event_id: int) -> Iterable[str]:
    """At rest nothing is on its way, set aside or queued."""
    yield from map(str, on_its_way(books, event_id))
    if parked := books.held("parked"):
        yield f"{parked} messages are parked"
    if queued := books.queued():
        yield f"{queued} messages are queued"


def places_given(signups: Sequence[Signup], shift_id: int) -> int:
    """Return the places that people have, in people."""
    return sum(s.party for s in signups if s.shift_id == shift_id and s.state == "placed")


def main(path: str) -> int:
    """Report on the file of what the clients were told; return the exit status."""
    os.environ.update(settings())
    books = Books(Stack())
    told = json.loads(Path(path).read_text(encoding="utf-8"))
    found = report(books, told)
    books.close()
    for name, figure in found.figures().items():
        print(f"{name:16s}{figure:8}")
    for name, problems in found.broken.items():
        print(f"\n{name}:", *problems[:20], sep="\n  ")
    return 1 if found.broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
