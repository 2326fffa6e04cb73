"""The programs' API of every service: flask-smorest with problem details and 400 for bad input."""

from __future__ import annotations

from typing import Any

import flask_smorest
from flask import Flask, Response
from flask_smorest.arguments import ArgumentsMixin
from werkzeug.exceptions import BadRequest, HTTPException

from shared import problems


class Parser(ArgumentsMixin.ARGUMENTS_PARSER.__class__):  # type: ignore[misc]
    """Answers 400 where the library would say 422."""

    DEFAULT_VALIDATION_STATUS = 400

    def load_json(self, req: Any, schema: Any) -> Any:
        """Read the body; too deep a JSON or too long a number is as bad as half a JSON."""
        try:
            return super().load_json(req, schema)
        except (RecursionError, ValueError) as error:
            raise BadRequest from error


class ApiBlueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A blueprint whose arguments are checked by marshmallow schemas."""

    ARGUMENTS_PARSER = Parser()

    def arguments(self, schema: Any, **options: Any) -> Any:
        """Check what is sent by `schema`, made here once rather than for each request."""
        made = schema() if isinstance(schema, type) else schema
        return super().arguments(made, **options)


class _Api(flask_smorest.Api):  # type: ignore[misc]
    def handle_http_exception(self, error: HTTPException) -> Response:
        return problems.answer_http(error)


def add_api(app: Flask, *blueprints: Any, title: str) -> None:
    """Add the API's blueprints and their OpenAPI 3.1 description at <first prefix>/openapi.json."""
    app.config.update(
        API_TITLE=title,
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=blueprints[0].url_prefix,
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={"security": [{"token": []}]},
    )
    made = _Api(app)
    made.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    for blueprint in blueprints:
        made.register_blueprint(blueprint)
