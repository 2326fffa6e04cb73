"""What the forms share: their fields, what guards them, and where people came from."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import g, request
from marshmallow import Schema, fields
from sqlalchemy import Row

from shared.refusals import NotThere
from shared.web import FormNotAccepted

from .. import links, operations, proofs, rules
from ..rules import consents, questions
from ..schemas import SignupForm
from ..schemas.questions import form_asking

STALE = "This form was open for a long time. Please look it over and send it again."
CHANGED = "You sent this form before. If you mean to sign up once more, send it again."
ASKED = ("name", "email", "phone", "postcode", "party", "wish", "also")

Errors = dict[str, list[str]]
Again = Callable[[Errors], Any]


@dataclass(frozen=True)
class Stood:
    """Where a form stood."""

    form: str
    """`page`, `embed` or `claim`."""
    site: str = ""
    """The origin of another web site on which it stood."""
    elsewhere: bool = False
    """Whether that site made the form itself: then it needs no token of ours."""


def form_for(shift: Row[Any], form: type[Schema] = SignupForm) -> Schema:
    """Return the form of a shift, with the questions of its event."""
    return form_asking(form, questions.questions_in(shift.questions))


def shown_form(shift: Row[Any], form: Schema, errors: Errors) -> dict[str, Any]:
    """Return what the templates need to show a form, as it was typed."""
    form_token = links.sign_form(g.session, shift.id, now=g.now)
    return {
        "shift": shift,
        "form": form,
        "errors": errors,
        "typed": request.form,
        "asked": [questions.field_name(each) for each in questions.questions_in(shift.questions)],
        "words": {
            purpose: consents.words_agreed_to(purpose, shift.group_name)
            for purpose in consents.CONSENTS
        },
        "form_token": form_token,
        "challenge": challenge_for(shift, form_token),
    }


def challenge_for(shift: Row[Any], form_token: str) -> str:
    """Return the work that the browser has to do for this form; nothing while there is no flood."""
    if not is_flooded(shift):
        return ""
    return proofs.new_challenge(g.session, links.read_form_token(g.session, form_token).nonce)


def is_flooded(shift: Row[Any]) -> bool:
    """Tell whether so many forms come for a shift that each has to bring a proof of work."""
    return shift.flood_until is not None and shift.flood_until > g.now


def as_json(shift: Row[Any]) -> dict[str, Any]:
    """Return what a form of another site has to show, and the token that it sends along."""
    shown = shown_form(shift, form_for(shift), {})
    state, _ahead = operations.foresee(g.session, shift.id, party=1, now=g.now)
    return {
        "shift_id": shift.id,
        "title": shift.title,
        "starts_at": shift.starts_at.isoformat(),
        "ends_at": shift.ends_at.isoformat(),
        "zone": shift.zone,
        "place": shift.place,
        "foreseen": state,
        "is_open": rules.is_open(rules.Standing(shift.cancelled, shift.closes_at), now=g.now),
        "consents": shown["words"],
        "privacy_url": shift.privacy_url,
        "questions": [
            {**question, "field": f"question_{question['id']}"} for question in shift.questions
        ],
        "form_token": shown["form_token"],
        "challenge": json.loads(shown["challenge"] or "null"),
    }


def agreed_in(typed: dict[str, Any]) -> tuple[str, ...]:
    """Return which boxes were ticked besides the one that everybody ticks."""
    return tuple(purpose for purpose in ("mail", "phone") if typed[f"agree_{purpose}"])


def sign_receipt(receipt: dict[str, Any]) -> str:
    """Return the receipt of the form in hand as a piece of a URL.

    Where the box about mail was ticked it says so, since one more mail comes then.
    """
    ticked = request.form.get("agree_mail") in fields.Boolean.truthy
    return links.sign_receipt(g.session, receipt | ({"agreed_mail": True} if ticked else {}))


def came_from(site: str) -> operations.Came:
    """Return what the address of the form says of the way that led there."""
    said = {name: request.args.get(f"utm_{name}", "") for name in rules.UTM}
    utm = {name: printable(text) for name, text in said.items() if text}
    friend_of = operations.find_friend(g.session, request.args.get("friend", ""))
    source = "friend" if friend_of else "embed" if site else utm.get("source", "")
    return operations.Came(source=source, utm=utm, friend_of=friend_of, site=site)


def printable(text: str) -> str:
    """Return the part of a text that is worth keeping."""
    return "".join(char for char in text if char.isprintable())[: rules.LONGEST_UTM]


def read_token(shift_id: int, signed: str, again: Again) -> links.FormToken:
    """Return the form's token; a stale, bent or foreign one shows the form again, filled in."""
    try:
        token = links.read_form_token(g.session, signed)
    except NotThere:
        token = None
    if token is None or token.shift_id != shift_id or g.now > token.shown_at + rules.FORM_LASTS:
        raise FormNotAccepted({"form_token": [STALE]}, again)
    return token


def own_token(shift_id: int) -> links.FormToken:
    """Return a token for a form that another site made, which cannot be known again."""
    shown_at = g.now - timedelta(seconds=links.settings_of(g.session).form_seconds)
    return links.FormToken(secrets.token_urlsafe(12), shift_id, shown_at)


def suspect(shift: Row[Any], form: dict[str, Any], token: links.FormToken) -> str:
    """Return why a form looks like a machine's, or nothing."""
    if form["website"]:
        return "the hidden field was filled in"
    seconds = (g.now - token.shown_at).total_seconds()
    if seconds < links.settings_of(g.session).form_seconds:
        return "filled in faster than a person can"
    if is_flooded(shift) and not proofs.is_proven(g.session, token.nonce, form["altcha"]):
        return "many forms came at once, and this one without a proof of work"
    return ""
