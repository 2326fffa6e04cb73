"""Waiting for what another thread, process or service will do: asked again until a deadline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PAUSE = threading.Event()


def eventually(check: Callable[[], T], timeout: float = 10, every: float = 0.02) -> T:
    """Ask `check` until it returns something true; return that. `timeout` and `every` are seconds.

    An AssertionError in `check` means "not yet"; when the time is up the last one is raised.
    """
    deadline = time.monotonic() + timeout
    while True:
        last: AssertionError | None = None
        try:
            found = check()
        except AssertionError as error:
            last = error
        else:
            if found:
                return found
        if time.monotonic() > deadline:
            raise last or AssertionError(f"not within {timeout} s; the last answer was {found!r}")
        PAUSE.wait(every)
