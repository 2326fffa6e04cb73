"""What went wrong, said once for all services: a page for people, RFC 9457 JSON for programs."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from flask import (
    Flask,
    Response,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
)
from marshmallow import ValidationError
from sqlalchemy.exc import NoResultFound, SQLAlchemyError
from werkzeug.exceptions import HTTPException

from shared.access import CsrfFieldWrong, NotAllowed, NotSignedIn, TokenNeeded
from shared.database import is_unusable
from shared.idempotency import OtherBody, StillRunning
from shared.refusals import NotThere, Refusal, TooMany

RETRY_AFTER = "2"
"""Seconds after which it is worth trying again what failed for a moment's reason."""

TITLES = {
    400: "That cannot be read",
    401: "Please sign in",
    403: "Not allowed",
    404: "Not here",
    405: "Not possible here",
    409: "Not possible",
    413: "Too large",
    415: "That cannot be read",
    422: "Not the same request",
    429: "Too many requests",
    503: "Please try again",
}
SENTENCES = {
    401: "Please sign in.",
    403: "You may not do this here.",
    400: "Some of what was sent could not be understood.",
    404: "There is nothing at this address.",
    405: "This address does not take that kind of request.",
    413: "This is more than we take: 64 KiB are the most, 5 MiB for a list to import.",
    415: "This content type is not read here.",
    429: "There were too many requests from your side.",
    500: "Something went wrong on our side.",
    503: "We cannot answer right now. Nothing was lost; please try again in a moment.",
}

log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    """Map every kind of failure to its answer."""
    app.register_error_handler(HTTPException, answer_http)
    app.register_error_handler(ValidationError, _answer_validation)
    app.register_error_handler(NotThere, lambda _error: answer(404))
    app.register_error_handler(NoResultFound, lambda _error: answer(404))
    app.register_error_handler(TooMany, lambda _error: answer(429))
    app.register_error_handler(Refusal, lambda refusal: answer(409, refusal.sentence))
    app.register_error_handler(OtherBody, lambda error: answer(422, str(error)))
    app.register_error_handler(StillRunning, lambda error: answer(409, str(error), retry=True))
    app.register_error_handler(TokenNeeded, _answer_token_needed)
    app.register_error_handler(NotSignedIn, _answer_not_signed_in)
    app.register_error_handler(NotAllowed, lambda error: answer(403, str(error)))
    app.register_error_handler(CsrfFieldWrong, lambda error: answer(403, str(error)))
    app.register_error_handler(SQLAlchemyError, _answer_database)
    app.register_error_handler(Exception, _answer_unexpected)


def answer(
    status: int, sentence: str = "", *, errors: dict[str, Any] | None = None, retry: bool = False
) -> Response:
    """Answer with `status`: as problem+json below /api and where JSON is, elsewhere as a page."""
    title = TITLES.get(status, "Something went wrong")
    sentence = sentence or SENTENCES.get(status, title)
    if request.path.startswith("/api/") or request.path.endswith(".json"):
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": title,
            "status": status,
            "detail": sentence,
        }
        if errors is not None:
            body["errors"] = [{"pointer": p, "detail": detail} for p, detail in _pointers(errors)]
        response = jsonify(body)
        response.content_type = "application/problem+json"
    else:
        response = make_response(
            render_template("error.html", status=status, title=title, sentence=sentence)
        )
    response.status_code = status
    if retry:
        response.headers["Retry-After"] = RETRY_AFTER
    return response


def answer_http(error: HTTPException) -> Response:
    """Answer an HTTP error of Flask's or of the API library, with its headers (405 has `Allow`)."""
    found = getattr(error, "data", None) or {}
    by_location = found.get("messages")
    status = error.code or 500
    if by_location:
        (errors,) = by_location.values()
        response = answer(status, "Some fields need another look.", errors=errors)
    else:
        response = answer(status)
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _answer_validation(error: ValidationError) -> Response:
    errors: dict[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]
    return answer(400, "Some fields need another look.", errors=dict(errors))


def _answer_token_needed(error: TokenNeeded) -> Response:
    response = answer(401, str(error))
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _answer_not_signed_in(error: NotSignedIn) -> Response:
    """Lead to the sign-in and back; what a form held is lost, so it is told instead."""
    if request.method not in ("GET", "HEAD"):
        return answer(401, str(error))
    back = request.full_path.rstrip("?")
    return make_response(redirect(f"/sign-in?{urlencode({'next': back})}", 303))


def _answer_database(error: SQLAlchemyError) -> Response:
    if is_unusable(error):
        log.warning("the database is away or busy")
        return answer(503, retry=True)
    return _answer_unexpected(error)


def _answer_unexpected(error: Exception) -> Response:
    log.error("unexpected error", exc_info=error)
    return answer(500)


def _pointers(errors: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Walk marshmallow's nested messages and give each with its JSON pointer (RFC 6901)."""
    if isinstance(errors, dict):
        for key, inner in errors.items():
            step = "" if key == "_schema" else "/" + str(key).replace("~", "~0").replace("/", "~1")
            yield from _pointers(inner, path + step)
    elif isinstance(errors, list):
        for inner in errors:
            yield from _pointers(inner, path)
    else:
        yield path, str(errors)
