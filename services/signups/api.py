"""What programs see: other sites' web forms send their sign-ups here."""

# The decorators come from flask-smorest, which ships no types.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import Any

from flask import g

from shared import access, idempotency
from shared.api import ApiBlueprint

from . import operations
from .pages.asking import ASKED, agreed_in
from .rules import questions
from .schemas import IdempotencyKey, SignupAnswer, SignupRequest
from .schemas.questions import read_answers

SIGNUPS = ApiBlueprint("api_signups", __name__, url_prefix="/api/signups", description="Sign-ups")


@SIGNUPS.post("")
@access.needs_token("sign-up")
@SIGNUPS.arguments(IdempotencyKey, location="headers")
@SIGNUPS.arguments(SignupRequest)
@SIGNUPS.response(201, SignupAnswer)
def sign_up(headers: dict[str, str], asked: dict[str, Any]) -> dict[str, Any]:
    """Sign somebody up for a shift.

    The same `Idempotency-Key` gets the first answer again. A person who is signed up already gets
    the answer a new one would get, and a mail that tells the truth.
    """
    shift = operations.find_shift(g.session, asked["shift_id"])
    access.check("sign-up", (shift.group_id,))
    asking = questions.questions_in(shift.questions)
    details = operations.Details(
        **{name: asked[name] for name in ASKED},
        form="api",
        answers=questions.answers_in(asking, read_answers(asking, asked["answers"])),
        agreed=agreed_in(asked),
        came=operations.Came(source=asked["utm"].get("source", ""), utm=asked["utm"]),
    )
    return idempotency.once(
        g.session,
        f"api {headers['key']}",
        asked,
        lambda: operations.as_answer(operations.sign_up(g.session, shift, details, now=g.now)),
        now=g.now,
    )
