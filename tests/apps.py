"""Web applications for the tests: making one takes longer than most tests do."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import cache
from typing import Any

from flask import Flask

from shared.database import Database
from shared.settings import ServiceSettings

CreateApp = Callable[[Any, Database], Flask]


def app_on(create_app: CreateApp, settings: ServiceSettings, db: Database) -> Flask:
    """Return a service's web application on this database, as if it had just been made.

    It is made once for all tests that set the same, and moved from database to database: two of
    them at once are one.
    """
    app, extensions = kept_app(create_app, dataclasses.replace(settings, database_url="sqlite://"))
    app.config.update(SETTINGS=settings, DATABASE=db)
    # What an app remembers of its database, it keeps there.
    app.extensions = {**extensions}
    db.info.setdefault("settings", settings)
    return app


@cache
def kept_app(create_app: CreateApp, settings: ServiceSettings) -> tuple[Flask, dict[str, Any]]:
    """Return the one app of these settings, which has no database yet, and its extensions."""
    app = create_app(settings, Database(settings.database_url))
    return app, {**app.extensions}
