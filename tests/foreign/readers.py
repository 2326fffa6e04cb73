"""Calendar programs that nobody here wrote, and what they show."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
BIN = Path(sys.executable).parent
KHAL = """
[calendars]
[[muster]]
path = {folder}/kept
readonly = True

[locale]
local_timezone = {zone}
default_timezone = {zone}
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M

[sqlite]
path = {folder}/khal-{name}.db
"""


def run(*command: str | Path, home: Path, said: str = "") -> str:
    """Run a program that finds nothing of this machine's own; return what it said."""
    done = subprocess.run(
        command,
        input=said,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def khal_shows(folder: Path, zone: str) -> set[tuple[str, str, str]]:
    """Return the title, start and end of what khal shows to somebody in a zone."""
    name = zone.replace("/", "-")
    (folder / f"khal-{name}").write_text(KHAL.format(folder=folder, zone=zone, name=name))
    shape = "{title}|{start-date-long} {start-time}|{end-date-long} {end-time}"
    command = ("list", "--once", "--day-format", "", "--format", shape, "2027-01-01", "365d")
    listed = run(BIN / "khal", "-c", folder / f"khal-{name}", *command, home=folder)
    return {tuple(line.split("|")) for line in listed.splitlines() if "|" in line}  # type: ignore[misc]


def reader_of_ical_js() -> Callable[[str], list[dict[str, Any]]]:
    """Return a function that gives a calendar as ical.js understands it; skip without it."""
    node = shutil.which("node")
    if node is None or not (HERE / "node_modules" / "ical.js").exists():
        pytest.skip("ical.js is left out: `make test-foreign` needs node and npm for it")

    def read(calendar: str) -> list[dict[str, Any]]:
        done = subprocess.run(
            [node, HERE / "read.mjs"],
            input=calendar,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        entries: list[dict[str, Any]] = json.loads(done.stdout)
        return entries

    return read
