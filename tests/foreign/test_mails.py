"""Mails of every kind in programs that nobody here wrote: a spam filter, and calendars."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid5

import pytest
from icalendar import Calendar

from services.notifications.mail.composing import compose
from services.notifications.mail.letters import Letter
from services.notifications.models import Notice
from services.notifications.rules import kinds
from services.notifications.rules.truth import calendar_method
from tests.foreign.readers import khal_shows
from tests.notifications import test_schedule_letters
from tests.notifications.making import make_settings
from tests.notifications.test_mail import NUMBER, make_letter, parts_of, read_back

pytestmark = pytest.mark.foreign

MOST = 1.0
"""Points that a mail may have; five make it spam."""

TRAVELLED = b"""\
Received: from muster.example (muster.example [192.88.99.7])
\tby post.example with ESMTPS id 4f2a; Fri, 20 Nov 2026 12:00:01 +0000
"""
SPAM = b"""\
Subject: Test
From: a@pills.example
To: b@posts.example

XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X
"""
PRIVACY = {
    "name": "Ada",
    "links": [{"group": "Elmbridge", "name": "Ada", "link": "https://muster.example/my/privacy/a"}],
}


def letter_of(kind: str, **facts: object) -> Letter:
    """Return a letter of a kind, about a sign-up in a state in which that kind is true."""
    state = (kinds.KINDS[kind].true_in or ("placed",))[0]
    letter = make_letter(kind, state=state, **facts)
    if kind not in kinds.PRIVACY_KINDS:
        return letter
    notice = Notice(
        **{"id": 1, "kind": kind, "message_id": NUMBER, "details": PRIVACY},
        expires_at=letter.notice.expires_at,
    )
    return replace(letter, notice=notice, group=None, about=None)


def mail_of(kind: str) -> bytes:
    """Return a mail of a kind as it travels."""
    if kind in kinds.SUBSCRIBER_KINDS:
        return test_schedule_letters.write(kind).as_bytes()
    return compose(letter_of(kind), make_settings()).body


def points_of(mails: dict[str, bytes]) -> dict[str, float]:
    """Return the points that SpamAssassin's local rules give each mail, all in one run.

    It answers in an order of its own, so that each mail bears its name.
    """
    program = shutil.which("spamassassin")
    if program is None:
        pytest.skip("SpamAssassin is left out: on Debian `make test-foreign` installs it as root")
    start = "From post@muster.example Fri Nov 20 12:00:01 2026\nX-Name: {}\n"
    mbox = b"".join(
        start.format(name).encode() + mail.replace(b"\r\n", b"\n") + b"\n\n"
        for name, mail in mails.items()
    )
    done = subprocess.run(
        [program, "--test-mode", "--local", "--nocreate-prefs", "--cf=report_safe 0", "--mbox"],
        input=mbox,
        capture_output=True,
        timeout=110,
        check=True,
    )
    report = r"^X-Name: (\S+)$.*?^Content analysis details:\s+\((-?[\d.]+) points"
    found = re.findall(report, done.stdout.decode(errors="replace"), re.MULTILINE | re.DOTALL)
    return {name: float(points) for name, points in found}


@pytest.mark.timeout(120)
def test_no_kind_of_mail_looks_like_spam() -> None:
    mails = {kind: TRAVELLED + mail_of(kind) for kind in kinds.KINDS}

    points = points_of({**mails, "spam": SPAM})

    assert points.pop("spam") > MOST, "the filter is at work"
    assert set(points) == set(mails)
    assert {kind: each for kind, each in points.items() if each >= MOST} == {}


HOURS = {
    "before the clocks change": ("2027-03-27T10:00", datetime(2027, 3, 27, 10, tzinfo=UTC)),
    "on the day they go forward": ("2027-03-28T10:00", datetime(2027, 3, 28, 9, tzinfo=UTC)),
    "in July": ("2027-07-10T10:00", datetime(2027, 7, 10, 9, tzinfo=UTC)),
    "on the day they go back": ("2027-10-31T10:00", datetime(2027, 10, 31, 10, tzinfo=UTC)),
}
WITH_ENTRY = [
    kind
    for kind, about in kinds.KINDS.items()
    if about.true_in and calendar_method(kind, about.true_in[0], had_place=True)
]


def calendar_part(kind: str, when: str) -> str:
    """Return the calendar part of a mail, its UID like that of no other."""
    letter = letter_of(kind, starts_at=HOURS[when][1], title=f"{kind} {when}")
    assert letter.about
    letter.about.signup.calendar_uid = uuid5(NUMBER, kind + when)
    return parts_of(read_back(compose(letter, make_settings())))["text/calendar"]


def test_some_kinds_carry_an_entry() -> None:
    assert {"confirmation", "promoted", "changed", "cancelled", "closed"} <= set(WITH_ENTRY)


@pytest.mark.parametrize("kind", WITH_ENTRY)
def test_icalendar_and_ical_js_read_the_same_hours(
    kind: str, ical_js: Callable[[str], list[dict[str, Any]]]
) -> None:
    for when, (wall, instant) in HOURS.items():
        part = calendar_part(kind, when)
        (entry,) = Calendar.from_ical(part).walk("VEVENT")
        (shown,) = ical_js(part)

        assert entry["DTSTART"].dt == instant
        assert entry["DTEND"].dt - entry["DTSTART"].dt == timedelta(hours=2)
        assert (shown["wall"], shown["zone"]) == (f"{wall}:00", "Europe/London")
        assert shown["starts"] == instant.timestamp()
        assert shown["ends"] - shown["starts"] == 7200
        assert shown["status"] == str(entry["STATUS"])


@pytest.mark.parametrize("zone", ["Europe/London", "UTC"])
def test_khal_shows_the_hours_of_every_kind(tmp_path: Path, zone: str) -> None:
    (tmp_path / "kept").mkdir()
    for kind in WITH_ENTRY:
        for when in HOURS:
            name = f"{kind} {when}.ics".replace(" ", "-")
            (tmp_path / "kept" / name).write_text(calendar_part(kind, when), newline="")

    shown = {(title, starts) for title, starts, _ in khal_shows(tmp_path, zone)}

    assert shown == {
        (
            f"{kind} {when}",
            wall.replace("T", " ") if zone != "UTC" else f"{instant:%Y-%m-%d %H:%M}",
        )
        for kind in WITH_ENTRY
        for when, (wall, instant) in HOURS.items()
    }
