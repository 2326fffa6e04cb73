"""Whatever happens to a shift, in whatever order, every promise about places holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from tests.signups.machine import drive


@pytest.mark.timeout(240)
def test_places_and_waiting_list_keep_every_promise(
    sqlite_template: Callable[[str], Path],
) -> None:
    # Other examples each time, but in CI, where a green run stays green until the code changes.
    same_each_time = settings.default.derandomize
    drive(sqlite_template("signups"), examples=30, shrink=True, derandomize=same_each_time)
