"""Whatever happens to a shift, in whatever order, every promise about places holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.signups.machine import drive


def test_places_and_waiting_list_keep_every_promise(
    sqlite_template: Callable[[str], Path],
) -> None:
    drive(sqlite_template("signups"), examples=50, shrink=True, derandomize=False)
