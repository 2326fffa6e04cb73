"""New groups that ask to join, as administrators see them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from shared import access
from shared.web import read_form

from ..operations import joining
from ..schemas.joining import DeclineForm

JOINING = Blueprint("console_joining", __name__)


@JOINING.get("/organise/joining")
@access.needs("administrator", group=access.the_network)
def list_requests() -> str:
    """What waits for a decision, and what was decided of late."""
    return render_template(
        "events/console/joining.html",
        waiting=joining.list_requests(g.session, waiting=True),
        decided=joining.list_requests(g.session, waiting=False),
    )


@JOINING.get("/organise/joining/<int:request_id>")
@access.needs("administrator", group=access.the_network)
def show_request(request_id: int) -> str:
    """One request, with the two answers to it."""
    return request_page(request_id, {})


@JOINING.post("/organise/joining/<int:request_id>/approve")
@access.needs("administrator", group=access.the_network)
def approve_request(request_id: int) -> Response:
    """Let the group in."""
    joining.approve_request(g.session, request_id, now=g.now)
    return redirect(url_for("console_joining.show_request", request_id=request_id), 303)


@JOINING.post("/organise/joining/<int:request_id>/decline")
@access.needs("administrator", group=access.the_network)
def decline_request(request_id: int) -> Response:
    """Turn the group down, with a reason."""
    form = read_form(DeclineForm(), lambda errors: request_page(request_id, errors))
    joining.decline_request(g.session, request_id, reason=form["reason"], now=g.now)
    return redirect(url_for("console_joining.show_request", request_id=request_id), 303)


def request_page(request_id: int, errors: dict[str, Any]) -> str:
    """Show a request with the form to decline it."""
    return render_template(
        "events/console/join_request.html",
        asked=joining.find_request(g.session, request_id),
        form=DeclineForm(),
        errors=errors,
        typed=request.form,
    )
