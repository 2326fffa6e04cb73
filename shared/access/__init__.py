"""Who may do what: people by a session in a cookie, programs by a token, both by their groups.

Every service decides by its own copy of memberships, ended sessions and tokens, which messages
keep fresh; only the events service signs sessions.
"""

from __future__ import annotations

from shared.tables import NETWORK

from .guards import (
    CsrfFieldWrong,
    NotAllowed,
    NotSignedIn,
    TokenNeeded,
    check,
    check_csrf,
    check_origin,
    check_routes,
    csrf_field,
    needs,
    needs_token,
    the_network,
    who_asks,
)
from .sessions import Ticket, cookie_name, sign
from .who import RIGHTS, ROLES, Who

__all__ = [
    "NETWORK",
    "RIGHTS",
    "ROLES",
    "CsrfFieldWrong",
    "NotAllowed",
    "NotSignedIn",
    "Ticket",
    "TokenNeeded",
    "Who",
    "check",
    "check_csrf",
    "check_origin",
    "check_routes",
    "cookie_name",
    "csrf_field",
    "needs",
    "needs_token",
    "sign",
    "the_network",
    "who_asks",
]
