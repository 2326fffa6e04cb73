"""Which other sites may show our pages in a frame: pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence

ORIGIN = re.compile(r"https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?")
"""An origin as browsers write it, in ASCII; nothing that could mean more in a header."""


def origins_in(text: str) -> list[str]:
    """Return the origins in the lines of a text, as browsers write them; other lines are nothing.

    A slash at the end is taken for a slip.
    """
    lines = [line.strip().lower().rstrip("/") for line in text.splitlines()]
    return list(dict.fromkeys(line for line in lines if ORIGIN.fullmatch(line)))


def framing_policy(origins: Sequence[str], *, forms: str = "'none'") -> str:
    """Return the content security policy of a page that only these sites may show in a frame.

    `forms` says where its own forms may go.
    """
    parents = " ".join(origins) or "'none'"
    return "; ".join(
        (
            "default-src 'none'",
            *("style-src 'self'", "script-src 'self'", "img-src 'self' data:", "font-src 'self'"),
            *("base-uri 'none'", f"form-action {forms}"),
            f"frame-ancestors {parents}",
        )
    )
