"""The web edge of every service: one transaction a request, the same errors, look and headers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import flask_bootstrap
from flask import Blueprint, Flask, Response, current_app, g, request, send_from_directory
from flask.typing import ResponseReturnValue
from jinja2 import ChoiceLoader, PackageLoader
from marshmallow import Schema, ValidationError, fields
from sqlalchemy.exc import DBAPIError
from werkzeug.datastructures import MultiDict
from werkzeug.middleware.proxy_fix import ProxyFix

from shared import access, problems, times, trace
from shared.access.sessions import is_secure
from shared.database import Database, is_deadlock
from shared.settings import ServiceSettings

log = logging.getLogger(__name__)

BODY_LIMIT = 64 * 1024
READING = frozenset({"GET", "HEAD", "OPTIONS"})
CSP = "; ".join(
    (
        "default-src 'none'",
        *("style-src 'self'", "script-src 'self'", "img-src 'self' data:", "font-src 'self'"),
        *("connect-src 'self'", "frame-src 'self'", "form-action 'self'"),
        *("base-uri 'none'", "frame-ancestors 'none'"),
    )
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
HSTS = "max-age=31536000; includeSubDomains"


class FormNotAccepted(Exception):
    """A form with problems; it is shown again, filled in, by `again`."""

    def __init__(self, errors: dict[str, list[str]], again: Callable[..., Any]) -> None:
        super().__init__("form not accepted")
        self.errors = errors
        self.again = again


class EdgeApp(Flask):
    """A Flask app in which every view runs in one transaction, committed before its answer leaves.

    A view finds the session in `g.session` and the database's time in `g.now`. An answer of 400
    and above, like an error, undoes what was written. After a deadlock the view runs once more.
    """

    def dispatch_request(self) -> ResponseReturnValue:
        """Answer the request in hand."""
        trace.begin(request.headers.get("traceparent", ""))
        if request.routing_exception is not None or request.endpoint in WITHOUT_DATABASE:
            return super().dispatch_request()
        try:
            return self._dispatch_in_transaction()
        except DBAPIError as error:
            if not is_deadlock(error):
                raise
            return self._dispatch_in_transaction()

    def _dispatch_in_transaction(self) -> Response:
        db: Database = self.config["DATABASE"]
        opened = db.reading() if request.method in READING else db.writing()
        with opened as session:
            g.session, g.now = session, db.now(session)
            try:
                response = self.make_response(super().dispatch_request())
            except FormNotAccepted as refused:
                response = self.make_response(refused.again(refused.errors))
                response.status_code = 400
            if response.status_code >= 400:
                session.rollback()
            return response


WITHOUT_DATABASE = frozenset({"web.static_file", "web.bootstrap_file", "web.health"})
frame = Blueprint("web", __name__)


def create_app(name: str, settings: ServiceSettings, db: Database, *, package: str) -> Flask:
    """Make the app of service `name` with what all services share; its blueprints come after."""
    db.info.setdefault("settings", settings)
    app = EdgeApp(package, static_folder=None)
    app.config.update(SETTINGS=settings, DATABASE=db, SERVICE=name, MAX_CONTENT_LENGTH=BODY_LIMIT)
    app.jinja_loader = ChoiceLoader([PackageLoader(package), PackageLoader("shared")])
    app.jinja_env.filters.update(
        day=times.day, clock=times.clock, span=times.span, in_words=times.in_words
    )
    app.jinja_env.globals.update(
        public_url=settings.public_url.rstrip("/"), csrf_field=access.csrf_field
    )
    app.register_blueprint(frame)
    app.after_request(_add_headers)
    problems.register(app)
    # Within this machine nobody listens.
    if not is_secure(settings.public_url) and "://127.0.0.1" not in settings.public_url:
        log.warning("PUBLIC_URL is no https address: sessions travel unencrypted")
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        # Nobody but the visitor sets X-Forwarded-Host: the proxies hand on the host itself.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    return app


def read_form(schema: Schema, again: Callable[[dict[str, list[str]]], Any]) -> Any:
    """Return what the form says.

    With problems the page is shown again by `again(errors)`, as a 400.
    """
    try:
        return schema.load(_plain(request.form, schema))
    except ValidationError as error:
        found = error.messages_dict
        raise FormNotAccepted({name: _sentences(found[name]) for name in found}, again) from error


@frame.get("/healthz")
def health() -> tuple[str, int]:
    """Tell a load balancer whether this process can answer: it can when its database does."""
    db: Database = current_app.config["DATABASE"]
    return ("ok\n", 200) if db.answers() else ("the database is away\n", 503)


@frame.get("/static/<path:name>")
def static_file(name: str) -> Response:
    """Send one of our own style sheets, scripts and pictures."""
    return send_from_directory(str(files("shared") / "static"), name, max_age=3600)


@frame.get("/static/bootstrap/<path:name>")
def bootstrap_file(name: str) -> Response:
    """Send a file of Bootstrap, which comes from its package."""
    folder = files(flask_bootstrap) / "static" / "bootstrap5"
    return send_from_directory(str(folder), name, max_age=86400)


def _plain(form: MultiDict[str, str], schema: Schema) -> dict[str, Any]:
    """Return the first value of each field, of a list all; what was left empty is not given."""
    lists = {name for name, field in schema.fields.items() if isinstance(field, fields.List)}
    return {
        name: form.getlist(name) if name in lists else value
        for name, value in form.items()
        if value.strip()
    }


def _sentences(found: Any) -> list[str]:
    """Return what is wrong with a field as sentences; of a list, what is wrong with its parts."""
    if isinstance(found, dict):
        return [sentence for part in found.values() for sentence in _sentences(part)]
    return [str(sentence) for sentence in (found if isinstance(found, list) else [found])]


def _add_headers(response: Response) -> Response:
    if hasattr(current_app.view_functions.get(request.endpoint or ""), "needs"):
        # With no-referrer browsers send forms with `Origin: null`, which the guards refuse.
        response.headers.setdefault("Referrer-Policy", "same-origin")
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    return response
