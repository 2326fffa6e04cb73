"""Guards of routes: who may pass, decided before the view runs, in its transaction."""

from __future__ import annotations

import functools
import hashlib
import hmac
import inspect
from collections.abc import Callable, Collection, Iterable
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request
from markupsafe import Markup

from shared.refusals import NotThere
from shared.settings import ServiceSettings
from shared.tables import NETWORK

from . import members, sessions, tokens
from .who import RIGHTS, ROLES, Who, reaches

P = ParamSpec("P")
R = TypeVar("R")
Resolver = Callable[..., Iterable[int]]
"""Takes the session and those of the route's arguments that it names; returns ids of groups."""

SIGNED_IN = "signed_in"
CSRF = "csrf"
GUARDED = ("/organise", "/api")
DEFAULT_PORTS = {"http": 80, "https": 443}
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class NotSignedIn(Exception):
    """Please sign in to see this."""


class TokenNeeded(Exception):
    """Send a token of this installation that is valid, as `Authorization: Bearer …`."""


class NotAllowed(Exception):
    """You may not do this here. Ask an owner of the group for it."""


class CsrfFieldWrong(Exception):
    """This page is from an earlier sign-in, or another site sent it. Go back and load it again."""


def the_network(_session: Any) -> tuple[int]:
    """Resolve to the network itself: only an administrator, or a token of the network, passes."""
    return (NETWORK,)


def needs(
    role: str, *, group: Resolver | None = None, body_limit: int | None = None
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let people through who hold at least `role` in one of the groups that `group` tells.

    Without `group` it is enough to hold the role anywhere; `signed_in` asks for no role at all.
    Who holds no role there is answered 404, who holds too low a one 403. The view finds whoever it
    is in `g.who`. A form must carry `csrf_field()`; its body may have `body_limit` bytes.
    """
    if role not in (*ROLES, SIGNED_IN):
        raise ValueError(f"there is no role {role!r}")

    groups_asked = _asker_of(group)

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            who = who_asks()
            if who is None:
                raise NotSignedIn(NotSignedIn.__doc__)
            if request.method not in ("GET", "HEAD", "OPTIONS"):
                request.max_content_length = body_limit or request.max_content_length
                check_csrf(who)
            _let_in(who)
            if role != SIGNED_IN:
                check(role, groups_asked())
            return view(*args, **kwargs)

        guarded.needs = (role, group)  # type: ignore[attr-defined]
        return guarded

    return decorate


def needs_token(
    right: str, *, group: Resolver | None = None
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let programs through whose token has `right` in one of the groups that `group` tells.

    Without `group` it is enough to have the right anywhere: the view shows only what `g.who` may
    see, or calls `check` once it knows the group. The token comes as RFC 6750 says.
    """
    if right not in RIGHTS:
        raise ValueError(f"there is no right {right!r}")

    groups_asked = _asker_of(group)

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            sent = request.authorization
            given = sent.token if sent is not None and sent.type == "bearer" else None
            who = tokens.find_token(g.session, given, now=g.now) if given else None
            if who is None:
                raise TokenNeeded(TokenNeeded.__doc__)
            _let_in(who)
            check(right, groups_asked())
            return view(*args, **kwargs)

        guarded.needs_token = (right, group)  # type: ignore[attr-defined]
        return guarded

    return decorate


def check(what: str, group_ids: Collection[int] | None) -> None:
    """Let the request go on if whoever asks holds a role, or a token's right, in one of the groups.

    None stands for any group. Raises NotThere for who has no part in them, NotAllowed for who may
    do too little.
    """
    who: Who = g.who
    if not who.has_part_in(group_ids):
        raise NotThere
    if what in RIGHTS:
        if what not in who.rights:
            raise NotAllowed(f"This token is not for that: it lacks the right “{what}”.")
    elif not any(reaches(role, what) for role in who.roles_in(group_ids)):
        raise NotAllowed(NotAllowed.__doc__)


def who_asks() -> Who | None:
    """Return the person whose session the request carries, with the roles of this very moment."""
    settings = _settings()
    cookie = request.cookies.get(sessions.cookie_name(settings.public_url))
    if not cookie:
        return None
    ticket = sessions.read(cookie, key=settings.session_public_key, now=g.now)
    if ticket is None or sessions.is_ended(g.session, ticket.session_id):
        return None
    return Who(
        name=ticket.name,
        organiser_id=ticket.organiser_id,
        session_id=ticket.session_id,
        roles=members.roles_of(g.session, ticket.organiser_id),
    )


def check_csrf(who: Who) -> None:
    """Refuse a form that did not come from a page of ours, shown in this very session."""
    check_origin()
    given = request.form.get(CSRF, "")
    if not hmac.compare_digest(given.encode(), csrf_of(who).encode()):
        raise CsrfFieldWrong(CsrfFieldWrong.__doc__)


def check_origin() -> None:
    """Refuse a form of which the browser says that another site sent it."""
    origin = request.headers.get("Origin")
    if origin is not None and not _is_ours(origin):
        raise CsrfFieldWrong(CsrfFieldWrong.__doc__)


def csrf_of(who: Who) -> str:
    """Return what proves that a form comes from this session.

    It is an HMAC of the session's id under the cookie, which no other site can read.
    """
    cookie = request.cookies.get(sessions.cookie_name(_settings().public_url), "")
    return hmac.new(cookie.encode(), str(who.session_id).encode(), hashlib.sha256).hexdigest()


def csrf_field() -> Markup:
    """Return the hidden field that every form of the console carries."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(CSRF, csrf_of(g.who))


def check_routes(app: Flask) -> None:
    """Raise an error for a route of the console or of the API that lets everybody in."""
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith(GUARDED) or rule.endpoint.startswith("api-docs."):
            continue
        view = app.view_functions[rule.endpoint]
        if not (hasattr(view, "needs") or hasattr(view, "needs_token")):
            raise RuntimeError(f"{rule.rule} is open to everybody: it lacks its guard.")


def _let_in(who: Who) -> None:
    g.who = g.session.info["by"] = who


def _asker_of(group: Resolver | None) -> Callable[[], set[int] | None]:
    """Return what asks the resolver, with those of the route's arguments that it names."""
    if group is None:
        return lambda: None
    names = inspect.signature(group).parameters

    def ask() -> set[int]:
        given = request.view_args or {}
        return set(group(g.session, **{name: given[name] for name in names if name in given}))

    return ask


def _is_ours(origin: str) -> bool:
    """Tell whether a form's origin is PUBLIC_URL's; this machine may call itself as it likes."""
    ours, theirs = _origin_of(_settings().public_url), _origin_of(origin)
    return ours is not None and ours == theirs


def _origin_of(url: str) -> tuple[str, str | None, int | None] | None:
    try:
        parts = urlsplit(url)
        name = "localhost" if parts.hostname in LOOPBACK else parts.hostname
        return parts.scheme, name, parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None


def _settings() -> ServiceSettings:
    settings: ServiceSettings = current_app.config["SETTINGS"]
    return settings
