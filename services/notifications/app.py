"""Puts the notifications service's pages and API together."""

from __future__ import annotations

from flask import Flask

from shared import access, web
from shared.api import add_api
from shared.database import Database
from shared.processes import start_web

from .api import NOTICES
from .config import Settings
from .console import enquiries, ledger, looks, mail, mailings, mails, newcomers, schedule, stories
from .pages import bounces, contact, mailbox, preferences, subscribing

BLUEPRINTS = (
    mailbox.PAGES,
    contact.CONTACT,
    subscribing.SUBSCRIBING,
    preferences.PREFERENCES,
    bounces.PAGES,
    ledger.CONSOLE,
    stories.STORIES,
    mails.MAILS,
    looks.LOOKS,
    schedule.SCHEDULE,
    mail.CONSOLE,
    mailings.CONSOLE,
    enquiries.CONSOLE,
    newcomers.CONSOLE,
)


def create_app(settings: Settings, db: Database) -> Flask:
    """Return the web application of this service."""
    app = web.create_app("notifications", settings, db, package=__package__)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    add_api(app, NOTICES, title="Muster: notices")
    access.check_routes(app)
    return app


def start() -> Flask:
    """Make the app for gunicorn."""
    return start_web("notifications", Settings, create_app)
