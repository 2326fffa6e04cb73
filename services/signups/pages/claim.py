"""A friend takes over somebody's place."""

from __future__ import annotations

from flask import Blueprint, Response, g, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from shared import idempotency
from shared.web import FormNotAccepted

from .. import operations
from ..schemas.my import ClaimForm
from .asking import CHANGED, Stood, form_for, shown_form, sign_receipt
from .sign_up import read_details

CLAIM = Blueprint("claim", __name__)


@CLAIM.get("/sign-up/claim/<token>")
def show_form(token: str) -> Response:
    """The form of a friend; looking changes nothing, and it never tells whose place it was."""
    return claim_page(token, {})


@CLAIM.post("/sign-up/claim/<token>")
def submit_form(token: str) -> AnyResponse:
    """Take the place over and lead to the receipt; a repeated submit gets the first answer."""
    shift = operations.find_shift(g.session, operations.shift_of_claim(g.session, token))
    typed, form_token, details = read_details(
        shift, form_for(shift, ClaimForm), lambda errors: claim_page(token, errors), Stood("claim")
    )
    try:
        receipt = idempotency.once(
            g.session,
            f"form {form_token.nonce}",
            {**typed, "form_token": ""},
            lambda: operations.as_answer(
                operations.claim_place(g.session, token, details, now=g.now)
            ),
            now=g.now,
        )
    except idempotency.OtherBody:
        problem = {"form_token": [CHANGED]}
        raise FormNotAccepted(problem, lambda errors: claim_page(token, errors)) from None
    signed = sign_receipt(receipt)
    return redirect(url_for("sign_up.show_receipt", signed=signed), 303)


def claim_page(token: str, errors: dict[str, list[str]]) -> Response:
    """Show the form, or say that the place has its guest."""
    signup, shift = operations.find_claim(g.session, token, now=g.now)
    page = render_template(
        "signups/claim.html",
        party=signup.party,
        **shown_form(shift, form_for(shift, ClaimForm), errors),
    )
    return make_response(page)
