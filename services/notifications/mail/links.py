"""Turning the links in a plain text into links of HTML."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

URL = re.compile(r"(https?://[^\s<>\"]*[^\s<>\".,;:!?)\]’”])")


def with_links(text: str) -> str:
    """Return `text` escaped, with an anchor around each web address.

    >>> with_links("See https://elm.example/day, or <call>.")
    'See <a href="https://elm.example/day">https://elm.example/day</a>, or &lt;call&gt;.'
    """
    pieces = URL.split(text)
    return "".join(
        Markup('<a href="{0}">{0}</a>').format(piece) if number % 2 else escape(piece)
        for number, piece in enumerate(pieces)
    )
