"""Holding an event together, as the host and the other groups see it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from shared import access
from shared.access.who import reaches
from shared.asking import asked_again
from shared.web import read_form

from ..operations import co_hosts
from ..operations.belonging import groups_of_group, host_of_event
from ..operations.stored import find_event
from ..schemas.co_hosts import CoHostForm

CO_HOSTS = Blueprint("console_co_hosts", __name__)


@CO_HOSTS.get("/organise/events/<int:event_id>/co-hosts")
@access.needs("viewer", group=co_hosts.groups_in_touch)
def list_co_hosts(event_id: int) -> str:
    """Who holds the event, and who is asked to."""
    return co_hosts_page(event_id, {})


@CO_HOSTS.post("/organise/events/<int:event_id>/co-hosts")
@access.needs("organiser", group=host_of_event)
def ask_co_host(event_id: int) -> Response:
    """Ask another group, by its name or number."""
    form = read_form(CoHostForm(), lambda errors: co_hosts_page(event_id, errors))
    with asked_again(lambda errors: co_hosts_page(event_id, errors), refused="group"):
        group = co_hosts.find_named(g.session, form["group"])
        co_hosts.ask_co_host(g.session, event_id, group.id, now=g.now)
    return back(event_id)


@CO_HOSTS.post("/organise/events/<int:event_id>/co-hosts/<int:group_id>/withdraw")
@access.needs("organiser", group=host_of_event)
def withdraw_co_host(event_id: int, group_id: int) -> Response:
    """Ask no longer, or hold the event without that group from now on."""
    co_hosts.end_co_host(g.session, event_id, group_id, now=g.now)
    return back(event_id)


@CO_HOSTS.post("/organise/events/<int:event_id>/co-hosts/<int:group_id>/accept")
@access.needs("organiser", group=groups_of_group)
def accept_co_host(event_id: int, group_id: int) -> Response:
    """Hold the event too."""
    co_hosts.accept_co_host(g.session, event_id, group_id, now=g.now)
    return back(event_id)


@CO_HOSTS.post("/organise/events/<int:event_id>/co-hosts/<int:group_id>/decline")
@access.needs("organiser", group=groups_of_group)
def decline_co_host(event_id: int, group_id: int) -> Response:
    """Say no; the event is no longer shown to this group."""
    co_hosts.decline_co_host(g.session, event_id, group_id, now=g.now)
    return redirect("/organise", 303)


@CO_HOSTS.post("/organise/events/<int:event_id>/co-hosts/<int:group_id>/leave")
@access.needs("organiser", group=groups_of_group)
def leave_event(event_id: int, group_id: int) -> Response:
    """Hold the event no longer."""
    co_hosts.end_co_host(g.session, event_id, group_id, now=g.now)
    return redirect("/organise", 303)


def back(event_id: int) -> Response:
    """Return to the list."""
    return redirect(url_for("console_co_hosts.list_co_hosts", event_id=event_id), 303)


def co_hosts_page(event_id: int, errors: dict[str, Any]) -> str:
    """Show who holds an event, with the buttons that whoever looks may press."""
    event = find_event(g.session, event_id)
    return render_template(
        "events/console/co_hosts.html",
        event=event,
        may=lambda group_id: reaches(g.who.role_in(group_id), "organiser"),
        form=CoHostForm(),
        errors=errors,
        typed=request.form,
    )
