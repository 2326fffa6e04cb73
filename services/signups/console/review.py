"""Forms that look like a machine's: let through or forgotten, one by one or all of a kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from shared import access, web
from shared.refusals import NotThere, Refusal

from .. import operations
from ..schemas.console import ClearForm, ReviewForm

CONSOLE = Blueprint("console_review", __name__)
MOST_SHOWN = 100


@CONSOLE.get("/organise/sign-ups/groups/<int:group_id>/review")
@access.needs("viewer", group=operations.groups_of_group)
def show_review(group_id: int) -> str:
    """What waits for a look, oldest first."""
    return review_page(group_id)


@CONSOLE.post("/organise/sign-ups/groups/<int:group_id>/review")
@access.needs("organiser", group=operations.groups_of_group)
def decide(group_id: int) -> ResponseReturnValue:
    """Let the ticked ones through, or forget them; say which could not be let through, and why."""
    form = web.read_form(ReviewForm(), lambda errors: review_page(group_id, errors=errors))
    done, refused = 0, []
    for signup_id in form["signup_ids"]:
        if group_id not in operations.host_of_signup(g.session, signup_id):
            raise NotThere
        try:
            with g.session.begin_nested():
                if form["do"] == "accept":
                    operations.accept(g.session, signup_id, now=g.now)
                else:
                    operations.drop(g.session, signup_id)
        except NotThere:
            # Somebody else did it meanwhile.
            continue
        except Refusal as refusal:
            refused.append(f"{signup_id}: {refusal.sentence}")
            continue
        done += 1
    if refused:
        return review_page(group_id, refused=refused, done=done)
    said: dict[str, Any] = {form["do"]: done}
    return redirect(url_for(".show_review", group_id=group_id, **said), 303)


@CONSOLE.post("/organise/sign-ups/groups/<int:group_id>/review/clear")
@access.needs("organiser", group=operations.groups_of_group)
def clear(group_id: int) -> Response:
    """Forget all that are kept for one reason."""
    form = web.read_form(ClearForm(), lambda errors: review_page(group_id, errors=errors))
    dropped = operations.drop_all(g.session, group_id, form["why"])
    return redirect(url_for(".show_review", group_id=group_id, drop=dropped), 303)


def review_page(
    group_id: int,
    errors: dict[str, list[str]] | None = None,
    *,
    refused: Sequence[str] = (),
    done: int = 0,
) -> str:
    """Return the page of a group's forms under review."""
    found: list[Any] = [
        (signup, operations.find_shift(g.session, signup.shift_id))
        for signup in operations.list_pending(g.session, group_id, most=MOST_SHOWN)
    ]
    counts = operations.count_pending(g.session, group_id)
    return render_template(
        "signups/console/review.html",
        group=operations.find_group(g.session, group_id),
        tab="review",
        found=found,
        counts=counts,
        total=sum(counts.values()),
        can_change=g.who.is_administrator or group_id in g.who.groups("organiser"),
        errors=errors or {},
        refused=refused,
        accepted=done or request.args.get("accept", 0, type=int),
        dropped=request.args.get("drop", 0, type=int),
    )
