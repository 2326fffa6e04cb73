"""What everybody sees who wants to ask a group something: its contact form."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from shared.web import FormNotAccepted, read_form

from ..operations import enquiries
from ..schemas.enquiries import ContactForm

CONTACT = Blueprint("contact", __name__, url_prefix="/mail/contact")
STALE = "This form was open for a long time. Please look it over and send it again."


@CONTACT.get("/groups/<int:group_id>")
def show_group_form(group_id: int) -> str:
    """Show the form by which people write to a group."""
    return _page(enquiries.find_asked(g.session, group_id=group_id), {})


@CONTACT.post("/groups/<int:group_id>")
def ask_group(group_id: int) -> Response:
    """Take in what somebody writes to a group."""
    _ask(enquiries.find_asked(g.session, group_id=group_id))
    return redirect(url_for(".show_group_form", group_id=group_id, sent=1), 303)


@CONTACT.get("/events/<int:event_id>")
def show_event_form(event_id: int) -> str:
    """Show the form by which people ask about an event."""
    return _page(enquiries.find_asked(g.session, event_id=event_id), {})


@CONTACT.post("/events/<int:event_id>")
def ask_about_event(event_id: int) -> Response:
    """Take in what somebody asks about an event."""
    _ask(enquiries.find_asked(g.session, event_id=event_id))
    return redirect(url_for(".show_event_form", event_id=event_id, sent=1), 303)


def _ask(asked: enquiries.Asked) -> None:
    def again(errors: dict[str, list[str]]) -> str:
        return _page(asked, errors)

    typed = read_form(ContactForm(), again)
    if not enquiries.is_fresh(g.session, asked, typed["form_token"], now=g.now):
        raise FormNotAccepted({"form_token": [STALE]}, again)
    enquiries.ask(g.session, asked, typed, ip=request.remote_addr or "", now=g.now)


def _page(asked: enquiries.Asked, errors: dict[str, list[str]]) -> str:
    return render_template(
        "notifications/contact.html",
        asked=asked,
        form=ContactForm(),
        form_token=enquiries.sign_form(g.session, asked, now=g.now),
        typed=request.form,
        errors=errors,
        sent=request.args.get("sent"),
    )
