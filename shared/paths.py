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
    "/embed/sign-up": "signups",
    "/my": "signups",
    "/roster": "signups",
    "/organise/people": "signups",
    "/organise/sign-ups": "signups",
    "/api/signups": "signups",
    "/mail": "notifications",
    "/organise/notices": "notifications",
    "/api/notices": "notifications",
}

IMPORT_OF_EVENTS = r"/organise/groups/[0-9]+/import"
IMPORT_OF_PEOPLE = r"/organise/people/groups/[0-9]+/import"
REPORTS_OF_BOUNCES = "/mail/bounces"
LARGER_BODIES = {
    IMPORT_OF_EVENTS: (5 * 1024 + 64) * 1024,
    IMPORT_OF_PEOPLE: (512 + 64) * 1024,
    REPORTS_OF_BOUNCES: 1024 * 1024,
}
"""Addresses, as patterns, that take more than the 64 KiB of all others: so many bytes."""


def owner_of(path: str) -> str:
    """Return the service that answers `path`: the longest prefix that ends at a slash wins."""
    while path and path not in PATHS:
        path = path.rpartition("/")[0]
    return PATHS[path or "/"]
