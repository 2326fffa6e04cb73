"""Mailings: organisers write to those of an event or of a shift."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as AnyResponse

from shared import access, editing
from shared.asking import asked_again
from shared.web import read_form

from ..models import Mailing
from ..operations import mailings
from ..operations.belonging import group_of_mailing, groups_of_group, host_of_event
from ..schemas.mailings import SendForm, form_for, wanted_in
from . import mailing_pages as pages

CONSOLE = Blueprint("console_mailings", __name__)


@CONSOLE.get("/organise/notices/groups/<int:group_id>/mailings")
@access.needs("viewer", group=groups_of_group)
def list_mailings(group_id: int) -> str:
    """Show what a group wrote to many, and to whom it can write."""
    return pages.list_page(group_id)


@CONSOLE.get("/organise/notices/events/<int:event_id>/mailings/new")
@access.needs("organiser", group=host_of_event)
def begin_mailing(event_id: int) -> str:
    """Show the empty form; `shift` and `audience` may be chosen by the link that led here."""
    return pages.new_page(event_id, {"audience": "coming"} | pages.chosen_by_link())


@CONSOLE.post("/organise/notices/events/<int:event_id>/mailings/new")
@access.needs("organiser", group=host_of_event)
def create_mailing(event_id: int) -> AnyResponse:
    """Keep a draft, and show how it will look."""
    form = form_for(mailings.shifts_of(g.session, event_id))
    details = read_form(form, lambda errors: pages.new_page(event_id, request.form, errors))
    mailing = mailings.create_mailing(g.session, event_id, details, by=g.who.name, now=g.now)
    return _to(mailing.id, saved=1)


@CONSOLE.get("/organise/notices/mailings/<int:mailing_id>")
@access.needs("viewer", group=group_of_mailing)
def show_mailing(mailing_id: int) -> ResponseReturnValue:
    """Show a mailing as mail and as text, who gets it, who does not, and what became of it."""
    return pages.mailing_page(mailings.find_mailing(g.session, mailing_id), {})


@CONSOLE.get("/organise/notices/mailings/<int:mailing_id>/preview.html")
@access.needs("viewer", group=group_of_mailing)
def show_preview(mailing_id: int) -> Response:
    """Send the mail's HTML for the frame."""
    return pages.preview_html(mailings.find_mailing(g.session, mailing_id))


@CONSOLE.get("/organise/notices/mailings/<int:mailing_id>/progress.json")
@access.needs("viewer", group=group_of_mailing)
def show_progress(mailing_id: int) -> Response:
    """Tell how far a mailing has come, for the bar on its page."""
    mailing = mailings.find_mailing(g.session, mailing_id)
    standing = mailings.show_standing(g.session, mailing_id)
    return jsonify(
        busy=pages.is_busy(mailing, standing),
        done=standing.done,
        total=standing.total,
        words=pages.progress_words(standing, mailings.zone_of(g.session, mailing.event_id)),
    )


@CONSOLE.get("/organise/notices/mailings/<int:mailing_id>/edit")
@access.needs("organiser", group=group_of_mailing)
def edit_mailing(mailing_id: int) -> str:
    """Show a draft to be changed."""
    mailing = mailings.find_mailing(g.session, mailing_id)
    return pages.edit_page(mailing, editing.show(pages.form_of(mailing), mailing))


@CONSOLE.post("/organise/notices/mailings/<int:mailing_id>/edit")
@access.needs("organiser", group=group_of_mailing)
def save_mailing(mailing_id: int) -> AnyResponse:
    """Store what was changed; where two changed the same, show both."""
    mailing = _locked(mailing_id)
    edit = editing.read_edit(
        pages.form_of(mailing), mailing, lambda shown: pages.edit_page(mailing, shown)
    )
    mailings.save_mailing(g.session, mailing, edit.details, now=g.now)
    return _to(mailing_id, saved=1)


@CONSOLE.post("/organise/notices/mailings/<int:mailing_id>/delete")
@access.needs("organiser", group=group_of_mailing)
def delete_mailing(mailing_id: int) -> AnyResponse:
    """Throw a draft away."""
    group_id = mailings.delete_draft(g.session, mailing_id)
    return redirect(url_for(".list_mailings", group_id=group_id, deleted=1), 303)


@CONSOLE.post("/organise/notices/mailings/<int:mailing_id>/test")
@access.needs("organiser", group=group_of_mailing)
def try_mailing(mailing_id: int) -> AnyResponse:
    """Send it to whoever asks, and to nobody else."""
    mailings.try_out(g.session, mailing_id, g.who.organiser_id, now=g.now)
    return _to(mailing_id, tried=1)


@CONSOLE.post("/organise/notices/mailings/<int:mailing_id>/send")
@access.needs("organiser", group=group_of_mailing)
def send_mailing(mailing_id: int) -> AnyResponse:
    """Let it leave, now or later."""
    mailing = _locked(mailing_id)

    def again(errors: dict[str, list[str]]) -> ResponseReturnValue:
        return pages.mailing_page(mailing, errors)

    form = read_form(SendForm(), again)
    zone = mailings.zone_of(g.session, mailing.event_id)
    with asked_again(again, refused="send_at"):
        wanted = wanted_in(form, zone)
        mailings.send_mailing(g.session, mailing_id, wanted, by=g.who.name, now=g.now)
    return _to(mailing_id)


@CONSOLE.post("/organise/notices/mailings/<int:mailing_id>/stop")
@access.needs("organiser", group=group_of_mailing)
def stop_mailing(mailing_id: int) -> AnyResponse:
    """Stop it: what has not left stays here."""
    mailings.stop_mailing(g.session, mailing_id, by=g.who.name)
    return _to(mailing_id, stopped=1)


def _locked(mailing_id: int) -> Mailing:
    return mailings.find_mailing(g.session, mailing_id, lock=True)


def _to(mailing_id: int, **said: Any) -> AnyResponse:
    return redirect(url_for(".show_mailing", mailing_id=mailing_id, **said), 303)
