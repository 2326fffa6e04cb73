"""Puts the events service's pages and API together."""

from __future__ import annotations

from flask import Flask

from shared import access, web
from shared.api import add_api
from shared.database import Database
from shared.processes import start_web

from .api import EVENTS, GROUPS
from .config import Settings
from .console import access as console_access
from .console import campaigns as console_campaigns
from .console import co_hosts, exports, imports, joining, tokens, trail
from .console import elections as console_elections
from .console import events as console_events
from .console import groups as console_groups
from .console import questions as console_questions
from .console import reminders as console_reminders
from .console import series as console_series
from .console import shifts as console_shifts
from .console import start as console_start
from .console import steps as console_steps
from .operations.finding import plan_for_each_place
from .pages import (
    campaigns,
    constituencies,
    elections,
    embed,
    events,
    feeds,
    groups,
    lists,
    schedule,
    share,
    sign_in,
    sitemap,
)

BLUEPRINTS = (
    sign_in.SIGN_IN,
    console_access.ACCESS,
    tokens.TOKENS,
    trail.TRAIL,
    schedule.SCHEDULE,
    events.EVENTS,
    constituencies.CONSTITUENCIES,
    groups.GROUPS,
    campaigns.CAMPAIGNS,
    elections.ELECTIONS,
    console_groups.GROUPS,
    console_series.SERIES,
    console_start.CONSOLE,
    console_events.CONSOLE,
    console_steps.STEPS,
    console_shifts.CONSOLE,
    console_questions.CONSOLE,
    console_reminders.CONSOLE,
    console_campaigns.CAMPAIGNS,
    console_elections.ELECTIONS,
    joining.JOINING,
    co_hosts.CO_HOSTS,
    imports.IMPORTS,
    exports.EXPORTS,
    lists.LISTS,
    feeds.FEEDS,
    share.SHARE,
    sitemap.SITEMAP,
    embed.EMBED,
)


def create_app(settings: Settings, db: Database) -> Flask:
    """Return the web application of this service."""
    plan_for_each_place(db.engine)
    app = web.create_app("events", settings, db, package=__package__)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    add_api(app, EVENTS, GROUPS, title="Muster: groups and events")
    access.check_routes(app)
    return app


def start() -> Flask:
    """Make the app for gunicorn."""
    return start_web("events", Settings, create_app)
