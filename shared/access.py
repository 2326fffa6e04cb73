"""Who may use the console and the API: for now, whoever knows the installation's token."""

from __future__ import annotations

import functools
import hmac
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import current_app, request

P = ParamSpec("P")
R = TypeVar("R")


class TokenNeeded(Exception):
    """Give this installation's API token: as a bearer token, or in a browser as the password."""


def needs_token(view: Callable[P, R]) -> Callable[P, R]:
    """Let a request through that carries the API token; anything else is answered 401.

    Programs send it as a bearer token (RFC 6750), browsers as the password of HTTP Basic
    (RFC 7617).
    """

    @functools.wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if not has_token():
            raise TokenNeeded(TokenNeeded.__doc__)
        return view(*args, **kwargs)

    return guarded


def has_token() -> bool:
    """Tell whether the request in hand carries the API token."""
    sent = request.authorization
    if sent is None:
        return False
    given = sent.token if sent.type == "bearer" else sent.password if sent.type == "basic" else None
    expected: str = current_app.config["SETTINGS"].api_token
    return given is not None and hmac.compare_digest(given.encode(), expected.encode())
