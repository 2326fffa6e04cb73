"""Calendar programs that nobody here wrote show each shift at its hour, whatever the clocks did."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from services.events import operations
from tests.foreign.readers import BIN, khal_shows, run
from tests.foreign.served import NOW, SHIFTS, Served, unix

pytestmark = pytest.mark.foreign

PAIR = """
[general]
status_path = "{folder}/status"

[pair muster]
a = "web"
b = "kept"
collections = null
conflict_resolution = "a wins"

[storage web]
type = "http"
url = "{address}/feeds/schedule.ics"

[storage kept]
{kept}
"""
FOLDER = 'type = "filesystem"\npath = "{folder}/kept"\nfileext = ".ics"'
ONE_FILE = 'type = "singlefile"\npath = "{folder}/kept.ics"'


class Vdirsyncer:
    """vdirsyncer, which keeps a copy of the calendar of everything."""

    def __init__(self, served: Served, folder: Path, kept: str) -> None:
        self.folder = folder
        text = PAIR.format(folder=folder, address=served.address, kept=kept.format(folder=folder))
        (folder / "vdirsyncer").write_text(text)
        self._run("discover")

    def syncs(self) -> str:
        """Bring the copy up to date; return what was said about it."""
        return self._run("sync")

    def _run(self, command: str) -> str:
        return run(
            BIN / "vdirsyncer",
            "-c",
            self.folder / "vdirsyncer",
            command,
            home=self.folder,
            said="y\n" * 9,
        )

    @property
    def kept(self) -> list[str]:
        return [path.read_text() for path in (self.folder / "kept").glob("*.ics")]


def typed(moment: str) -> str:
    return moment.replace("T", " ")


def test_vdirsyncer_keeps_every_shift_and_has_nothing_to_do_the_second_time(
    served: Served, tmp_path: Path
) -> None:
    reader = Vdirsyncer(served, tmp_path, FOLDER)

    first, second = reader.syncs(), reader.syncs()

    assert "Copying" in first
    assert "Copying" not in second
    assert "Deleting" not in second
    assert sorted(text.count("BEGIN:VEVENT") for text in reader.kept) == [1] * len(SHIFTS)


def test_vdirsyncer_keeps_every_shift_in_one_file(served: Served, tmp_path: Path) -> None:
    reader = Vdirsyncer(served, tmp_path, ONE_FILE)

    reader.syncs()
    second = reader.syncs()

    assert "Copying" not in second
    assert (tmp_path / "kept.ics").read_text().count("BEGIN:VEVENT") == len(SHIFTS)


def test_vdirsyncer_keeps_a_cancelled_shift_as_cancelled(
    served_alone: Served, tmp_path: Path
) -> None:
    reader = Vdirsyncer(served_alone, tmp_path, FOLDER)
    reader.syncs()
    with served_alone.db.writing() as session:
        operations.cancel_event(session, 4, reason="Storm", now=NOW + timedelta(hours=1))

    reader.syncs()

    assert len(reader.kept) == len(SHIFTS)
    (cancelled,) = (text for text in reader.kept if "STATUS:CANCELLED" in text)
    assert "SUMMARY:Cancelled: In summer" in cancelled


def test_khal_shows_what_the_clocks_show(served: Served, tmp_path: Path) -> None:
    Vdirsyncer(served, tmp_path, FOLDER).syncs()

    shown = khal_shows(tmp_path, "Europe/London")

    expected = {
        (shift.title, typed(shift.starts), typed(shift.ends))
        for shift in SHIFTS
        if shift.zone == "Europe/London"
    }
    assert shown == expected | {("Abroad", "2027-07-11 10:00", "2027-07-11 12:00")}


def test_khal_shows_the_same_instants_to_somebody_abroad(served: Served, tmp_path: Path) -> None:
    Vdirsyncer(served, tmp_path, FOLDER).syncs()

    shown = khal_shows(tmp_path, "UTC")

    assert {(title, starts) for title, starts, _ in shown} == {
        (shift.title, typed(shift.instant.rstrip("Z"))) for shift in SHIFTS
    }


def test_ical_js_shows_what_the_clocks_show_by_the_calendar_s_own_rules(
    served: Served, ical_js: Any
) -> None:
    entries = ical_js(requests.get(f"{served.address}/feeds/schedule.ics", timeout=10).text)

    shown = {entry["title"]: (entry["wall"], entry["zone"], entry["starts"]) for entry in entries}
    assert shown == {
        shift.title: (f"{shift.starts}:00", shift.zone, unix(shift.instant))
        if shift.zone == "Europe/London"
        else (shift.instant.replace("Z", ":00Z"), "UTC", unix(shift.instant))
        for shift in SHIFTS
    }


@pytest.mark.parametrize("path", ["groups/1", "constituencies/Lincoln", "events/4", "shifts/4"])
def test_ical_js_reads_every_calendar(served: Served, ical_js: Any, path: str) -> None:
    entries = ical_js(requests.get(f"{served.address}/feeds/{path}.ics", timeout=10).text)

    entry = next(entry for entry in entries if entry["title"] == "In summer, by the sea")
    assert entry["starts"] == unix("2027-07-10T09:00Z")
    assert entry["ends"] - entry["starts"] == 7200
    assert entry["location"] == "Castle Square, By the castle gate, LN1 3AA"
    assert "\n\nSign up: " in entry["description"]
