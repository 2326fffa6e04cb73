"""Logs are one JSON object a line, can be followed by their trace, and quote no values."""

from __future__ import annotations

import json
import subprocess
import sys

SCRIPT = """
import logging
from shared import logs, trace

logs.set_up("lamps", "info")
trace.begin("00-" + "a" * 32 + "-" + "b" * 16 + "-01")
log = logging.getLogger("shared.lamp")
log.debug("too quiet")
log.info("lamp %s lit", 7)
try:
    {}["zoe@people.example"]
except KeyError:
    log.exception("lamp broke")
"""


def logged() -> list[dict[str, str]]:
    """Return what the script logs, in a process of its own as logging is one for all."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=50
    )
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_each_line_says_who_and_when_and_in_which_trace() -> None:
    lit, _ = logged()

    assert lit["event"] == "lamp 7 lit"
    assert lit["level"] == "info"
    assert lit["service"] == "lamps"
    assert lit["trace_id"] == "a" * 32
    assert lit["timestamp"].endswith("Z")


def test_an_error_shows_where_it_arose_but_not_its_text() -> None:
    _, broke = logged()

    assert broke["event"] == "lamp broke"
    assert broke["error"] == "KeyError"
    assert "zoe" not in json.dumps(broke)
