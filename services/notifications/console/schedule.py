"""The weekly schedule mail for organisers: what a subscriber would get, a test of it, its runs."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response as AnyResponse

from shared import access
from shared.access.who import reaches
from shared.web import read_form

from ..operations.organisers import find_address
from ..operations.schedule import runs, trying
from ..operations.subscribers import preferring
from ..pages.mailbox import send_mail_html
from ..rules import tastes
from ..rules.tastes import Taste
from ..schemas.subscribers import PreviewQuery

SCHEDULE = Blueprint("console_schedule", __name__, url_prefix="/organise/notices/schedule")
Errors = dict[str, list[str]]


@SCHEDULE.get("")
@access.needs("viewer")
def show_schedule() -> str | tuple[str, int]:
    """What somebody with certain wishes would get now; for administrators how runs stand."""
    form = PreviewQuery()
    try:
        asked: dict[str, Any] = form.load(request.args)
    except ValidationError as error:
        return page(request.args, taste_of(form.load({})), error.messages_dict), 400
    return page(request.args, taste_of(asked), {})


@SCHEDULE.get("/html")
@access.needs("viewer")
def show_html() -> Response:
    """Send the mail's HTML for the frame of the page; without a mail there is no frame."""
    taste = taste_of(PreviewQuery().load(request.args))
    mail = trying.preview(g.session, taste, now=g.now)
    return send_mail_html(mail.html if mail else "")


@SCHEDULE.post("")
@access.needs("organiser")
def send_test() -> AnyResponse:
    """Mail it to whoever asks."""
    asked = read_form(
        PreviewQuery(),
        again=lambda errors: page(request.form, taste_of(PreviewQuery().load({})), errors),
    )
    # Who never typed a name is greeted without one.
    name, email = next(iter(g.who.name.split()), ""), own_address()
    trying.send_test(g.session, taste_of(asked), name=name, email=email, now=g.now)
    query = urlencode({**address_of(asked), "sent": "yes"})
    return redirect(f"{url_for('console_schedule.show_schedule')}?{query}", 303)


def taste_of(asked: dict[str, Any]) -> Taste:
    """Return the wishes that are tried out; what is online is among them."""
    preferring.check_group(g.session, asked["group_id"])
    wishes = tastes.usual_wishes(asked["postcode"], group_id=asked["group_id"])
    kinds = [asked["kind"]] if asked["kind"] else []
    return trying.taste_from({**wishes, "miles": asked["miles"], "kinds": kinds})


def address_of(asked: Any) -> dict[str, str]:
    """Return what an address of this page says of the wishes."""
    names = PreviewQuery().fields
    return {name: str(asked[name]) for name in names if asked.get(name) not in (None, "")}


def own_address() -> str:
    """Return where a test goes: to whoever asks."""
    return find_address(g.session, g.who.organiser_id)


def page(typed: Any, taste: Taste, errors: Errors) -> str:
    """Show the form, the mail beside it, and how runs stand."""
    standing = runs.show_standing(g.session, now=g.now) if g.who.is_administrator else None
    return render_template(
        "notifications/schedule.html",
        form=PreviewQuery(),
        typed=typed,
        errors=errors,
        mail=None if errors else trying.preview(g.session, taste, now=g.now),
        taste=taste,
        query=address_of(typed),
        where=tastes.say_where(taste),
        unknown=taste.postcode if taste.latitude is None else "",
        groups=preferring.list_groups(g.session),
        standing=standing,
        own_address=own_address(),
        may_send=any(reaches(role, "organiser") for role in g.who.roles.values()),
        was_sent="sent" in request.args,
    )
