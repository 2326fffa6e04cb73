"""Public pages may be kept for a moment by whoever likes; they say nothing about who looks."""

from __future__ import annotations

from datetime import datetime

from flask import Response, make_response, request
from flask.typing import ResponseReturnValue

SECONDS = 15
"""For so long a page is shown without asking again."""


def keep(page: ResponseReturnValue, *, seconds: int = SECONDS) -> Response:
    """Return a page that anybody may keep, and 304 to whoever has this one already."""
    response = make_response(page)
    response.cache_control.public = True
    response.cache_control.max_age = seconds
    response.add_etag()
    response.make_conditional(request)
    return response


def keep_for_all(
    body: bytes | str, mimetype: str, *, seconds: int, changed_at: datetime | None = None
) -> Response:
    """Return what programs and scripts of other sites may read and keep, too.

    `changed_at` is since when it is so, where that is known.
    """
    response = Response(body, mimetype=mimetype)
    if changed_at:
        response.last_modified = changed_at
    # Nothing here depends on who asks, so any site may.
    response.access_control_allow_origin = "*"
    return keep(response, seconds=seconds)
