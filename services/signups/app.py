"""Puts the signups service's pages and API together."""

from __future__ import annotations

from flask import Flask

from shared import access, web
from shared.api import add_api
from shared.database import Database
from shared.processes import start_web

from .api import SIGNUPS
from .config import Settings
from .console import people as console_people
from .console import people_lists as console_people_lists
from .console import review as console_review
from .console import sign_ups as console_sign_ups
from .pages import claim, embed, my, privacy, sign_up

BLUEPRINTS = (
    sign_up.SIGN_UP,
    embed.EMBED,
    claim.CLAIM,
    my.MY,
    privacy.PRIVACY,
    console_sign_ups.CONSOLE,
    console_review.CONSOLE,
    console_people.CONSOLE,
    console_people_lists.CONSOLE,
)


def create_app(settings: Settings, db: Database) -> Flask:
    """Return the web application of this service."""
    app = web.create_app("signups", settings, db, package=__package__)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    add_api(app, SIGNUPS, title="Muster: sign-ups")
    access.check_routes(app)
    return app


def start() -> Flask:
    """Make the app for gunicorn."""
    return start_web("signups", Settings, create_app)
