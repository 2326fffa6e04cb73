"""The sign-up form and its receipt."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from marshmallow import Schema
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from shared import idempotency
from shared.refusals import NotThere
from shared.web import FormNotAccepted, read_form

from .. import links, operations, rules
from ..rules import questions, queue
from .asking import (
    ASKED,
    CHANGED,
    Again,
    Errors,
    Stood,
    agreed_in,
    came_from,
    form_for,
    own_token,
    read_token,
    shown_form,
    sign_receipt,
    suspect,
)

SIGN_UP = Blueprint("sign_up", __name__)


@SIGN_UP.get("/sign-up/<int:shift_id>")
def show_form(shift_id: int) -> Response:
    """The sign-up form of one shift; one just published is known here in a moment."""
    try:
        return form_page(operations.find_shift(g.session, shift_id), {})
    except NotThere:
        return make_response(render_template("signups/not_known_yet.html"), 404)


@SIGN_UP.post("/sign-up/<int:shift_id>")
def submit_form(shift_id: int) -> AnyResponse:
    """Take a sign-up and lead to its receipt; a repeated submit gets the first answer."""
    shift = operations.find_shift(g.session, shift_id)
    receipt = take_form(shift, lambda errors: form_page(shift, errors), Stood("page"))
    signed = sign_receipt(receipt)
    return redirect(url_for("sign_up.show_receipt", signed=signed), 303)


@SIGN_UP.get("/sign-up/receipt/<signed>")
def show_receipt(signed: str) -> str:
    """What was just agreed; the link to change it goes by mail only."""
    return receipt_page(links.read_receipt(g.session, signed), "signups/receipt.html")


def receipt_page(receipt: dict[str, Any], template: str, **more: Any) -> str:
    """Return the page that says what was agreed."""
    return render_template(
        template,
        **more,
        receipt=receipt,
        shift=operations.find_shift(g.session, receipt["shift_id"]),
        others=[
            (other, operations.find_shift(g.session, other["shift_id"]))
            for other in receipt.get("also", ())
        ],
    )


def form_page(
    shift: Row[Any], errors: Errors, template: str = "signups/form.html", **more: Any
) -> Response:
    """Show the form, with what was typed and what is wrong with it; a closed shift says so."""
    foreseen = operations.foresee(g.session, shift.id, party=1, now=g.now)
    closed = closed_words(shift, foreseen[0])
    page = render_template(
        template,
        **more,
        closed=closed,
        foreseen=foreseen,
        others=() if closed else operations.list_counterparts(g.session, shift, now=g.now),
        more=() if closed else operations.list_more(g.session, shift, now=g.now),
        ticked=(
            request.args.getlist("with")
            if request.method == "GET"
            else request.form.getlist("also")
        ),
        friend="friend" in request.args,
        **shown_form(shift, form_for(shift), errors),
    )
    return make_response(page, 409 if closed else 200)


def take_form(shift: Row[Any], again: Again, stood: Stood) -> Any:
    """Sign somebody up by the form in hand; return the receipt. Sent twice it gets the first one.

    A form that was changed since, or whose party is larger than the shift, is shown again.
    """
    typed, token, details = read_details(shift, form_for(shift), again, stood)
    try:
        return idempotency.once(
            g.session,
            f"form {token.nonce}",
            {**typed, "form_token": ""},
            lambda: operations.as_answer(operations.sign_up(g.session, shift, details, now=g.now)),
            now=g.now,
        )
    except idempotency.OtherBody:
        problem = {"form_token": [CHANGED]}
    except rules.PartyIsTooLarge as refusal:
        problem = {"party": [refusal.sentence]}
    except rules.OtherShiftIsGone as refusal:
        problem = {"also": [refusal.sentence]}
    raise FormNotAccepted(problem, again)


def read_details(
    shift: Row[Any], form: Schema, again: Again, stood: Stood
) -> tuple[dict[str, Any], links.FormToken, operations.Details]:
    """Return what the form in hand says, its token, and the details to sign up with.

    The form is shown again by `again` when something is wrong with it.
    """
    typed = read_form(form, again)
    if stood.elsewhere and not typed["form_token"]:
        token = own_token(shift.id)
    else:
        token = read_token(shift.id, typed["form_token"], again)
    details = operations.Details(
        **{name: typed[name] for name in ASKED if name in typed},
        form=stood.form,
        ip=request.remote_addr or "",
        suspicion=suspect(shift, typed, token),
        answers=questions.answers_in(questions.questions_in(shift.questions), typed),
        agreed=agreed_in(typed),
        came=came_from(stood.site),
    )
    return typed, token, details


def closed_words(shift: Any, foreseen: str) -> str:
    """Return why a shift takes no sign-ups, or nothing."""
    if shift.cancelled:
        return rules.ShiftIsCancelled().sentence
    if shift.closes_at <= g.now:
        return rules.SignupsHaveClosed().sentence
    if foreseen == "waiting" and not shift.waiting_list:
        return queue.ShiftIsFull().sentence
    return ""
