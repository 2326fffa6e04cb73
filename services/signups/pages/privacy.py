"""What is kept of somebody: asking for it, seeing it, taking it along, having it erased."""

from __future__ import annotations

from flask import Blueprint, Response, g, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from shared.web import read_form

from .. import links
from ..operations import privacy
from ..schemas.privacy import EraseForm, PrivacyForm

PRIVACY = Blueprint("privacy", __name__)


@PRIVACY.get("/my/privacy")
def show_form() -> str:
    """Ask what is kept of oneself."""
    return form_page({})


@PRIVACY.post("/my/privacy")
def send_links() -> str:
    """Mail the links to the address given; the answer is the same for every address."""
    form = read_form(PrivacyForm(), again=form_page)
    privacy.request_privacy_links(g.session, form["email"], ip=request.remote_addr or "", now=g.now)
    return render_template("signups/privacy_sent.html", email=form["email"])


@PRIVACY.get("/my/privacy/<token>")
def show_held(token: str) -> str:
    """All that is kept of somebody, word for word; looking changes nothing."""
    return held_page(token, {})


@PRIVACY.get("/my/privacy/<token>/export.json")
def send_export(token: str) -> Response:
    """Send all of it as a file."""
    held = privacy.show_held(g.session, token, now=g.now)
    answer = jsonify(privacy.as_export(held))
    answer.headers["Content-Disposition"] = 'attachment; filename="what-is-kept-of-me.json"'
    return answer


@PRIVACY.post("/my/privacy/<token>")
def erase(token: str) -> AnyResponse:
    """Erase all of it, for whoever ticked that they mean it."""
    read_form(EraseForm(), again=lambda errors: held_page(token, errors))
    erasure_id = privacy.erase_by_link(g.session, token, now=g.now)
    signed = links.sign_erasure(g.session, str(erasure_id))
    return redirect(url_for("privacy.show_erasure", signed=signed), 303)


@PRIVACY.get("/my/privacy/erased/<signed>")
def show_erasure(signed: str) -> Response:
    """How far an erasure has come; until all services have answered the page looks again."""
    erasure = privacy.show_erasure(g.session, signed)
    done = erasure.events_done_at is not None and erasure.notifications_done_at is not None
    page = render_template("signups/privacy_erased.html", erasure=erasure, done=done)
    answer = Response(page)
    if not done:
        answer.headers["Refresh"] = "2"
    return answer


def form_page(errors: dict[str, list[str]]) -> str:
    """Show the form that asks for an address."""
    return render_template(
        "signups/privacy.html", form=PrivacyForm(), errors=errors, typed=request.form
    )


def held_page(token: str, errors: dict[str, list[str]]) -> str:
    """Show what is kept, with what was wrong with the form below it."""
    return render_template(
        "signups/privacy_held.html",
        held=privacy.show_held(g.session, token, now=g.now),
        token=token,
        form=EraseForm(),
        errors=errors,
    )
