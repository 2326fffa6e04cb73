"""Enquiries: what people ask, what they are answered, and what waits too long."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from shared import access
from shared.web import FormNotAccepted, read_form

from ..models import Enquiry
from ..operations import enquiries
from ..operations.belonging import find, find_group, group_of_enquiry, groups_of_group
from ..rules import enquiries as rules
from ..rules import states
from ..schemas.enquiries import AnswerForm
from .mailing_pages import may_change
from .sections import find_sections

CONSOLE = Blueprint("console_enquiries", __name__)
MEANWHILE = "Somebody answered meanwhile. Read it above; then send yours once more if it is needed."


@CONSOLE.get("/organise/notices/groups/<int:group_id>/enquiries")
@access.needs("viewer", group=groups_of_group)
def list_enquiries(group_id: int) -> str:
    """Show what people asked; who waits longest comes first."""
    return render_template(
        "notifications/enquiries.html",
        group=find_group(g.session, group_id),
        sections=find_sections(g.session, group_id, now=g.now),
        found=enquiries.list_enquiries(g.session, group_id),
        suspects=enquiries.list_enquiries(g.session, group_id, suspects=True),
        is_late=lambda since: rules.is_late(since, now=g.now),
        due=rules.CLOCK,
        can_change=may_change(group_id),
        said=request.args,
    )


@CONSOLE.post("/organise/notices/groups/<int:group_id>/enquiries/clear")
@access.needs("organiser", group=groups_of_group)
def clear_suspects(group_id: int) -> Response:
    """Forget all that looks like a machine's."""
    dropped = enquiries.drop_suspects(g.session, group_id)
    return redirect(url_for(".list_enquiries", group_id=group_id, dropped=dropped), 303)


@CONSOLE.get("/organise/notices/enquiries/<int:enquiry_id>")
@access.needs("viewer", group=group_of_enquiry)
def show_enquiry(enquiry_id: int) -> str:
    """Show what somebody asked, and what they were answered."""
    return thread_page(enquiry_id, {})


@CONSOLE.post("/organise/notices/enquiries/<int:enquiry_id>/answer")
@access.needs("organiser", group=group_of_enquiry)
def answer(enquiry_id: int) -> Response:
    """Mail an answer, unless somebody else did since the form was shown."""

    def again(errors: dict[str, list[str]]) -> str:
        return thread_page(enquiry_id, errors)

    find(g.session, Enquiry, enquiry_id, lock=True)
    form = read_form(AnswerForm(), again)
    if form["seen"] != str(len(enquiries.show_thread(g.session, enquiry_id).answers)):
        raise FormNotAccepted({"words": [MEANWHILE]}, again)
    try:
        enquiries.answer(g.session, enquiry_id, form["words"], by=g.who.name, now=g.now)
    except rules.AnsweredOften as refusal:
        raise FormNotAccepted({"words": [refusal.sentence]}, again) from refusal
    return _to(enquiry_id, "answered")


@CONSOLE.post("/organise/notices/enquiries/<int:enquiry_id>/elsewhere")
@access.needs("organiser", group=group_of_enquiry)
def mark_elsewhere(enquiry_id: int) -> Response:
    """Note that it was answered by other ways."""
    enquiries.mark_elsewhere(g.session, enquiry_id, by=g.who.name, now=g.now)
    return _to(enquiry_id, "elsewhere")


@CONSOLE.post("/organise/notices/enquiries/<int:enquiry_id>/reopen")
@access.needs("organiser", group=group_of_enquiry)
def reopen(enquiry_id: int) -> Response:
    """Take that back."""
    enquiries.reopen(g.session, enquiry_id)
    return _to(enquiry_id, "reopened")


@CONSOLE.post("/organise/notices/enquiries/<int:enquiry_id>/let-through")
@access.needs("organiser", group=group_of_enquiry)
def let_through(enquiry_id: int) -> Response:
    """Say that what looks like a machine's is somebody's."""
    enquiries.let_through(g.session, enquiry_id, now=g.now)
    return _to(enquiry_id, "kept")


@CONSOLE.post("/organise/notices/enquiries/<int:enquiry_id>/delete")
@access.needs("organiser", group=group_of_enquiry)
def delete(enquiry_id: int) -> Response:
    """Forget it with its answers."""
    (group_id,) = group_of_enquiry(g.session, enquiry_id)
    enquiries.delete(g.session, enquiry_id)
    return redirect(url_for(".list_enquiries", group_id=group_id, dropped=1), 303)


def thread_page(enquiry_id: int, errors: dict[str, list[str]]) -> str:
    """Return the page of one enquiry."""
    thread = enquiries.show_thread(g.session, enquiry_id)
    enquiry = thread.enquiry
    return render_template(
        "notifications/enquiry.html",
        thread=thread,
        enquiry=enquiry,
        group=find_group(g.session, enquiry.group_id),
        late=enquiry.state == "open" and rules.is_late(enquiry.asked_at, now=g.now),
        due_at=enquiry.asked_at + rules.CLOCK,
        state_words=states.STATES,
        form=AnswerForm(),
        typed=request.form,
        errors=errors,
        can_change=may_change(enquiry.group_id),
        said=request.args,
    )


def _to(enquiry_id: int, said: str) -> Response:
    return redirect(url_for(".show_enquiry", enquiry_id=enquiry_id, said=said), 303)
