"""Tokens of programs, of a group and of the network: made here, shown once, revoked."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, g, render_template, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from shared import access
from shared.access import NETWORK
from shared.web import read_form

from ..operations import tokens
from ..operations.belonging import groups_of_group
from ..operations.stored import find_group
from ..schemas.access import TokenForm, rights_in

TOKENS = Blueprint("console_tokens", __name__)
USUAL = timedelta(days=90)
ZONE = ZoneInfo("Europe/London")


@TOKENS.get("/organise/groups/<int:group_id>/tokens")
@access.needs("owner", group=groups_of_group)
def show_tokens(group_id: int) -> str:
    """The tokens of a group."""
    return tokens_page(group_id, {})


@TOKENS.post("/organise/groups/<int:group_id>/tokens")
@access.needs("owner", group=groups_of_group)
def issue_token(group_id: int) -> str:
    """Make a token for a group and show it, this once."""
    return issue(group_id)


@TOKENS.post("/organise/groups/<int:group_id>/tokens/<int:token_id>/revoke")
@access.needs("owner", group=groups_of_group)
def revoke_token(group_id: int, token_id: int) -> Response:
    """Close the door to a program."""
    tokens.revoke_token(g.session, token_id, group_id=group_id, now=g.now)
    return redirect(f"/organise/groups/{group_id}/tokens", 303)


@TOKENS.get("/organise/network/tokens")
@access.needs("administrator")
def show_network_tokens() -> str:
    """The tokens that open all groups."""
    return tokens_page(NETWORK, {})


@TOKENS.post("/organise/network/tokens")
@access.needs("administrator")
def issue_network_token() -> str:
    """Make a token for all groups and show it, this once."""
    return issue(NETWORK)


@TOKENS.post("/organise/network/tokens/<int:token_id>/revoke")
@access.needs("administrator")
def revoke_network_token(token_id: int) -> Response:
    """Close the door to a program."""
    tokens.revoke_token(g.session, token_id, group_id=NETWORK, now=g.now)
    return redirect("/organise/network/tokens", 303)


def issue(group_id: int) -> str:
    """Make a token and show it: in the answer itself, as it is stored nowhere."""
    again = lambda errors: tokens_page(group_id, errors)  # noqa: E731 - one argument of many
    form = read_form(TokenForm(today=g.now.date()), again=again)
    ends = datetime.combine(form["last_day"], time(23, 59), ZONE)
    wanted = tokens.Wanted(form["name"], rights_in(form), ends)
    _id, token = tokens.issue_token(g.session, group_id, wanted, now=g.now)
    return tokens_page(group_id, {}, made=token, name=form["name"])


def tokens_page(group_id: int, errors: dict[str, list[str]], **made: Any) -> str:
    """Return the page of tokens."""
    today = g.now.date()
    usual = {"last_day": (today + USUAL).isoformat(), "read": "yes"}
    return render_template(
        "events/console/tokens.html",
        group=find_group(g.session, group_id) if group_id else None,
        address=f"/organise/groups/{group_id}/tokens" if group_id else "/organise/network/tokens",
        tokens=tokens.list_tokens(g.session, group_id),
        form=TokenForm(today=today),
        typed=request.form if errors else usual,
        errors=errors,
        now=g.now,
        **made,
    )
