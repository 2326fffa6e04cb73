"""What the public sees: the sign-up form, its receipt, "my sign-up", and a way back to it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from shared import idempotency
from shared.refusals import NotThere
from shared.web import FormNotAccepted, read_form

from . import links, operations, rules
from .schemas import LostLinkForm, SignupForm

PAGES = Blueprint("pages", __name__)
STALE = "This form was open for a long time. Please look it over and send it again."
CHANGED = "You sent this form before. If you mean to sign up once more, send it again."


@PAGES.get("/sign-up/<int:shift_id>")
def show_form(shift_id: int) -> Response:
    """The sign-up form of one shift; one just published is known here in a moment."""
    try:
        return form_page(shift_id, {})
    except NotThere:
        return make_response(render_template("signups/not_known_yet.html"), 404)


@PAGES.post("/sign-up/<int:shift_id>")
def submit_form(shift_id: int) -> AnyResponse:
    """Take a sign-up and lead to its receipt; a repeated submit gets the first answer."""
    form = read_form(SignupForm(), again=lambda errors: form_page(shift_id, errors))
    token = read_token(shift_id, form["form_token"])
    details = operations.Details(
        **{name: form[name] for name in ("name", "email", "phone", "postcode", "party")},
        form="page",
        also=form["also"],
        ip=request.remote_addr or "",
        suspicion=suspect(form, token),
    )
    receipt = answer_once(shift_id, token, form, details)
    signed = links.sign_receipt(g.session, receipt)
    return redirect(url_for("pages.show_receipt", signed=signed), 303)


@PAGES.get("/sign-up/receipt/<signed>")
def show_receipt(signed: str) -> str:
    """What was just agreed; the link to change it goes by mail only."""
    receipt = links.read_receipt(g.session, signed)
    return render_template(
        "signups/receipt.html",
        receipt=receipt,
        shift=operations.find_shift(g.session, receipt["shift_id"]),
        others=[
            (other, operations.find_shift(g.session, other["shift_id"]))
            for other in receipt.get("also", ())
        ],
    )


@PAGES.get("/my")
def show_lost_link() -> str:
    """The way back for somebody without their link."""
    return lost_link_page({})


@PAGES.post("/my")
def send_links() -> str:
    """Mail the links to the address given; the answer is the same for every address."""
    form = read_form(LostLinkForm(), again=lost_link_page)
    operations.request_links(g.session, form["email"], ip=request.remote_addr or "", now=g.now)
    return render_template("signups/links_sent.html", email=form["email"])


@PAGES.get("/my/<token>")
def show_my_signup(token: str) -> str:
    """A sign-up as its owner sees it; looking changes nothing."""
    mine = operations.show_my_signup(g.session, token, now=g.now)
    return render_template("signups/my.html", mine=mine, token=token)


@PAGES.post("/my/<token>/cancel")
def cancel(token: str) -> AnyResponse:
    """End a sign-up by its owner's button."""
    operations.cancel_signup(g.session, token, now=g.now)
    return redirect(url_for("pages.show_my_signup", token=token), 303)


def form_page(shift_id: int, errors: dict[str, list[str]]) -> Response:
    """Show the form, with what was typed and what is wrong with it; a closed shift says so."""
    shift = operations.find_shift(g.session, shift_id)
    closed = closed_words(shift)
    page = render_template(
        "signups/form.html",
        shift=shift,
        closed=closed,
        foreseen=operations.foresee(g.session, shift_id, party=1),
        others=() if closed else operations.list_counterparts(g.session, shift, now=g.now),
        ticked=(
            request.args.getlist("with")
            if request.method == "GET"
            else request.form.getlist("also")
        ),
        form=SignupForm(),
        errors=errors,
        typed=request.form,
        consent_wording=rules.CONSENT_WORDING.format(group=shift.group_name),
        form_token=links.sign_form(g.session, shift_id, now=g.now),
    )
    return make_response(page, 409 if closed else 200)


def answer_once(
    shift_id: int, token: links.FormToken, form: dict[str, Any], details: operations.Details
) -> dict[str, Any]:
    """Return the receipt; a form sent twice gets the first one.

    A form that was changed since, or whose party is larger than the shift, is shown again.
    """
    try:
        return idempotency.once(
            g.session,
            f"form {token.nonce}",
            {**form, "form_token": ""},
            lambda: operations.as_answer(
                operations.sign_up(g.session, shift_id, details, now=g.now)
            ),
            now=g.now,
        )
    except idempotency.OtherBody:
        problem = {"form_token": [CHANGED]}
    except rules.PartyIsTooLarge as refusal:
        problem = {"party": [refusal.sentence]}
    except rules.OtherShiftIsGone as refusal:
        problem = {"also": [refusal.sentence]}
    raise FormNotAccepted(problem, lambda errors: form_page(shift_id, errors))


def closed_words(shift: Any) -> str:
    """Return why a shift takes no sign-ups, or nothing."""
    if shift.cancelled:
        return rules.ShiftIsCancelled().sentence
    return rules.SignupsHaveClosed().sentence if shift.closes_at <= g.now else ""


def read_token(shift_id: int, signed: str) -> links.FormToken:
    """Return the form's token; a stale, bent or foreign one shows the form again, filled in."""
    try:
        token = links.read_form_token(g.session, signed)
    except NotThere:
        token = None
    if token is None or token.shift_id != shift_id or g.now > token.shown_at + rules.FORM_LASTS:
        raise FormNotAccepted({"form_token": [STALE]}, lambda errors: form_page(shift_id, errors))
    return token


def suspect(form: dict[str, Any], token: links.FormToken) -> str:
    """Return why a form looks like a machine's, or nothing."""
    if form["website"]:
        return "the hidden field was filled in"
    seconds = (g.now - token.shown_at).total_seconds()
    if seconds < links.settings_of(g.session).form_seconds:
        return "filled in faster than a person can"
    return ""


def lost_link_page(errors: dict[str, list[str]]) -> str:
    """Show the form for a lost link."""
    return render_template(
        "signups/lost_link.html", form=LostLinkForm(), errors=errors, typed=request.form
    )
