"""The pages about mailings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Response, current_app, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import Schema

from shared.access.who import reaches
from shared.editing import Shown
from shared.times import clock, day

from ..mail.composing import compose
from ..models import Event, Mailing
from ..operations import mailings
from ..operations.belonging import find, find_group
from ..operations.mailbox import take_apart
from ..operations.mailings import Standing, recipients
from ..operations.reading.mailings import preview
from ..pages.mailbox import send_mail_html
from ..rules import mailings as rules
from ..rules import states
from ..schemas.mailings import SendForm, form_for, names_of_shifts
from .sections import find_sections

SOON = timedelta(minutes=1)
LOOK_AGAIN = "3"
"""Seconds after which a page whose mailing is leaving asks for itself again."""


def list_page(group_id: int) -> str:
    """Return the page of a group's mailings."""
    return render_template(
        "notifications/mailings.html",
        group=find_group(g.session, group_id),
        sections=find_sections(g.session, group_id, now=g.now),
        found=mailings.list_mailings(g.session, group_id),
        events=mailings.list_events(g.session, group_id, now=g.now),
        can_change=may_change(group_id),
        said=request.args,
    )


def new_page(
    event_id: int, values: Mapping[str, Any], errors: dict[str, list[str]] | None = None
) -> str:
    """Return the page on which a mailing is begun."""
    event: Event = find(g.session, Event, event_id)
    form = form_for(mailings.shifts_of(g.session, event_id))
    return _form_page(event, form, Shown(values=values, seen="", errors=errors or {}))


def edit_page(mailing: Mailing, shown: Shown) -> str:
    """Return the page on which a draft is changed."""
    if mailing.state != "draft":
        raise rules.IsNoDraft
    event = g.session.get_one(Event, mailing.event_id)
    return _form_page(event, form_of(mailing), shown, mailing)


def form_of(mailing: Mailing) -> Schema:
    """Return the form of a mailing."""
    return form_for(mailings.shifts_of(g.session, mailing.event_id))


def chosen_by_link() -> dict[str, str]:
    """Return what the link to the form has chosen already."""
    asked = {"shift_id": request.args.get("shift"), "audience": request.args.get("audience")}
    return {name: value for name, value in asked.items() if value}


def mailing_page(mailing: Mailing, errors: dict[str, list[str]]) -> ResponseReturnValue:
    """Return the page of one mailing; while it leaves it asks for itself again."""
    standing = mailings.show_standing(g.session, mailing.id)
    leaves_at = mailing.send_at or g.now
    missing, spared = _missing(mailing, leaves_at)
    zone = mailings.zone_of(g.session, mailing.event_id)
    shifts = mailings.shifts_of(g.session, mailing.event_id)
    letter = preview(g.session, mailing, name=g.who.name, now=g.now)
    meant = mailings.count_recipients(g.session, mailing)
    page = render_template(
        "notifications/mailing.html",
        mailing=mailing,
        group=find_group(g.session, mailing.group_id),
        sections=find_sections(g.session, mailing.group_id, now=g.now),
        event=g.session.get_one(Event, mailing.event_id),
        shift_name=names_of_shifts(shifts).get(mailing.shift_id or 0, ""),
        text=take_apart(compose(letter, current_app.config["SETTINGS"]).body).text,
        meant=meant,
        missing=missing,
        spared=spared,
        nobody=rules.why_nobody(mailing.audience, meant=meant, spared=spared),
        ended=recipients.count_ended(g.session, mailing),
        standing=standing,
        busy=is_busy(mailing, standing),
        progress=progress_words(standing, zone),
        state_words=states.STATES,
        audiences=rules.AUDIENCES,
        purposes=rules.PURPOSES,
        asks=current_app.config["SETTINGS"].asks_per_week,
        zone=zone,
        night=mailings.hour_of(g.session, mailing, None, now=g.now) > g.now + rules.UNDO,
        form=SendForm(),
        typed=request.form or {"when": "now"},
        errors=errors,
        can_change=may_change(mailing.group_id),
        said=request.args,
    )
    answer = make_response(page)
    if is_busy(mailing, standing):
        answer.headers["Refresh"] = LOOK_AGAIN
    return answer


def preview_html(mailing: Mailing) -> Response:
    """Return the HTML of a mailing as whoever looks would get it."""
    letter = preview(g.session, mailing, name=g.who.name, now=g.now)
    return send_mail_html(take_apart(compose(letter, current_app.config["SETTINGS"]).body).html)


def is_busy(mailing: Mailing, standing: Standing) -> bool:
    """Tell whether mails of it are on their way."""
    return mailing.state == "sending" and (standing.left > 0 or standing.total == 0)


def progress_words(standing: Standing, zone: str) -> str:
    """Say how far a mailing has come, and when it goes on if that is not now."""
    rest = f", {standing.left} to go" if standing.left else ""
    if standing.next_at is None or standing.next_at <= g.now + SOON:
        return f"{standing.sent} sent{rest}."
    when = f"{day(standing.next_at, zone)}, {clock(standing.next_at, zone)}"
    return f"{standing.sent} sent{rest}. It goes on {when}."


def may_change(group_id: int) -> bool:
    """Tell whether whoever looks may write for the group."""
    return reaches(g.who.role_in(group_id), "organiser")


def _missing(mailing: Mailing, at: datetime) -> tuple[list[mailings.Missing], int]:
    """Return who does not get a mailing; once it has left the ledger says it."""
    if mailing.state in rules.LEFT:
        return [], 0
    return mailings.list_missing(g.session, mailing, at=at)


def _form_page(event: Event, form: Schema, shown: Shown, mailing: Mailing | None = None) -> str:
    return render_template(
        "notifications/mailing_form.html",
        event=event,
        group=find_group(g.session, event.group_id),
        sections=find_sections(g.session, event.group_id, now=g.now),
        mailing=mailing,
        form=form,
        shown=shown,
        errors=shown.errors,
        asks=current_app.config["SETTINGS"].asks_per_week,
    )
