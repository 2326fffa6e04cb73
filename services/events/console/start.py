"""Where organisers begin: their groups, what comes next and what waits for them."""

from __future__ import annotations

from flask import Blueprint, g, render_template

from shared import access

from ..operations import planning
from .event_words import words

CONSOLE = Blueprint("console_start", __name__)


@CONSOLE.get("/organise")
@access.needs("signed_in")
def show_start() -> str:
    """The start page of the console."""
    seen = None if g.who.is_administrator else g.who.groups("viewer")
    plans = None if g.who.is_administrator else g.who.groups("organiser")
    groups = planning.list_own_groups(g.session, seen)
    waiting = planning.list_waiting(
        g.session, plans, administrator=g.who.is_administrator, now=g.now
    )
    return render_template(
        "events/console/start.html",
        groups=groups,
        plans=plans,
        events=planning.list_next(g.session, seen, now=g.now),
        waiting=waiting,
        **words(),
    )
