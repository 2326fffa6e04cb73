"""Asking a service like postcodes.io where a postcode lies, where the installation names one.

It never keeps anybody waiting for more than a second, and never fails: without an answer the
postcode is one that we do not know. Its answers are kept in this process.
"""

from __future__ import annotations

import json
import logging
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import lru_cache
from http.client import HTTPException
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

from shared.geography import Postcode

WITHIN = 1.0
"""Seconds that an answer may take, the search for the address included."""

REST = 60.0
"""Seconds for which a service that did not answer is left alone."""

KEPT = 10_000
"""Answers, the oldest of which make room for new ones."""

LARGEST = 64 * 1024
CONSTITUENCY = ("parliamentary_constituency_2024", "parliamentary_constituency")

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the service said; what it did not say is empty."""

    latitude: float
    longitude: float
    exactness: str
    constituency_code: str = ""
    constituency: str = ""
    authority_code: str = ""
    authority: str = ""


@dataclass
class Elsewhere:
    """The service at `url`, with its answers so far."""

    url: str
    _answers: OrderedDict[str, Answer | None] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)
    _rests_until: float = 0.0

    def find(self, typed: Postcode) -> Answer | None:
        """Return where a whole postcode or a district lies, if the service knows."""
        path = f"postcodes/{typed.key}" if typed.key else f"outcodes/{typed.outward}"
        if not typed.outward:
            return None
        with self._lock:
            if path in self._answers:
                return self._answers[path]
            if time.monotonic() < self._rests_until:
                return None
        asked = ask_within(f"{self.url.rstrip('/')}/{quote(path)}", WITHIN)
        with self._lock:
            if asked is None:
                self._rests_until = time.monotonic() + REST
                log.warning("the service of POSTCODES_URL does not answer: left alone for a while")
                return None
            answer = read_answer(asked.get("result"), "postcode" if typed.key else "district")
            self._answers[path] = answer
            if len(self._answers) > KEPT:
                self._answers.popitem(last=False)
            return answer


@lru_cache(maxsize=4)
def elsewhere(url: str) -> Elsewhere:
    """Return the service at `url`, the same one throughout this process."""
    return Elsewhere(url)


def ask_within(url: str, seconds: float) -> dict[str, Any] | None:
    """Return the JSON object at `url`, {} for what is not there, None without an answer in time.

    Asked in a thread, since neither the search for an address nor a slow drip of bytes heeds the
    time limit of a socket.
    """
    box: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
    Thread(target=lambda: box.put(ask(url, seconds)), daemon=True).start()
    try:
        return box.get(timeout=seconds)
    except Empty:
        return None


def ask(url: str, seconds: float) -> dict[str, Any] | None:
    """Return the JSON object at `url`, {} for what is not there, None for whatever went wrong."""
    # The address is one of the installation's settings, which begin with http:// or https://.
    request = Request(url, headers={"Accept": "application/json"})  # noqa: S310
    try:
        with urlopen(request, timeout=seconds) as response:  # noqa: S310
            found = json.loads(response.read(LARGEST))
            return found if isinstance(found, dict) else {}
    except HTTPError as error:
        return {} if error.code in (400, 404) else None
    except (OSError, HTTPException, ValueError, RecursionError):
        return None


def read_answer(result: Any, exactness: str) -> Answer | None:
    """Return what the service said, as far as it has the form that it should have."""
    if not isinstance(result, dict):
        return None
    latitude: Any = result.get("latitude")
    longitude: Any = result.get("longitude")
    if not is_within(latitude, 90) or not is_within(longitude, 180):
        return None
    given = result.get("codes")
    codes: dict[str, Any] = given if isinstance(given, dict) else {}
    return Answer(
        latitude=float(latitude),
        longitude=float(longitude),
        exactness=exactness,
        constituency_code=first_text(codes, *CONSTITUENCY),
        constituency=first_text(result, *CONSTITUENCY),
        authority_code=first_text(codes, "admin_district"),
        authority=first_text(result, "admin_district"),
    )


def is_within(degrees: Any, most: float) -> bool:
    """Tell whether that is a number on the globe; infinity and no-number are none."""
    return isinstance(degrees, int | float) and -most <= degrees <= most


def first_text(found: dict[str, Any], *names: str) -> str:
    """Return the first of these fields that holds a text."""
    return next((found[name] for name in names if isinstance(found.get(name), str)), "")
