"""Which service answers which path: one list, for the front door and for embedded mode.

Some are reserved: their service answers 404 until it has pages there, and no other may take them.
"""

from __future__ import annotations

PATHS = {
    "/": "events",
    "/events": "events",
    "/groups": "events",
    "/campaigns": "events",
    "/elections": "events",
    "/constituencies": "events",
    "/feeds": "events",
    "/sign-in": "events",
    "/sign-out": "events",
    "/organise": "events",
    "/api/events": "events",
    "/api/groups": "events",
    "/static": "events",
    "/sign-up": "signups",
    "/my": "signups",
    "/roster": "signups",
    "/organise/people": "signups",
    "/api/signups": "signups",
    "/mail": "notifications",
    "/organise/notices": "notifications",
    "/api/notices": "notifications",
}


def owner_of(path: str) -> str:
    """Return the service that answers `path`: the longest prefix that ends at a slash wins."""
    while path and path not in PATHS:
        path = path.rpartition("/")[0]
    return PATHS[path or "/"]
