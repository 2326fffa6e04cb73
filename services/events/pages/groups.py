"""Groups, as the public sees them, and the form by which a new one asks to join."""

from __future__ import annotations

from flask import Blueprint, Response, g, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from shared.web import read_form

from .. import operations, rules
from ..operations import campaigns, groups, joining
from ..operations.finding import Wanted
from ..schemas.groups import GroupSearch
from ..schemas.joining import JoinForm
from .caching import keep
from .listing import listing

GROUPS = Blueprint("groups", __name__)


@GROUPS.get("/groups")
def list_groups() -> Response:
    """All groups by name, or those whose name or area has the words asked for."""
    form = GroupSearch()
    try:
        asked, errors = form.load(request.args), {}
    except ValidationError as error:
        asked, errors = {"q": "", "page": 1}, error.messages_dict
    found, more = groups.search_groups(g.session, words=asked["q"], page=asked["page"])
    page = render_template(
        "events/groups.html", groups=found, more=more, asked=asked, form=form, errors=errors
    )
    return keep((page, 400)) if errors else keep(page)


@GROUPS.get("/groups/<int:group_id>")
def show_group(group_id: int) -> Response:
    """A group, what it is a part of, what it wants to reach, and what it invites to."""
    group = operations.find_group(g.session, group_id)
    page = request.args.get("page", default=1, type=int)
    wanted = Wanted(group_id=group.id, page=min(max(page, 1), 1000))
    found = campaigns.list_campaigns(g.session, group_id=group.id, status="published")
    return keep(
        render_template(
            "events/group.html",
            group=group,
            parts=groups.list_sub_groups(g.session, group.id),
            campaigns=found,
            progress=campaigns.measure_progress(g.session, found),
            goals=rules.GOAL_KINDS,
            wanted=wanted,
            **listing(wanted),
        )
    )


@GROUPS.get("/groups/join")
def show_join_form() -> str:
    """The form for a new group."""
    return join_page({})


@GROUPS.post("/groups/join")
def ask_to_join() -> AnyResponse:
    """Take the request; the answer is the same whatever becomes of it."""
    form = read_form(JoinForm(), join_page)
    if not form.pop("fax"):
        joining.request_to_join(g.session, form, ip=request.remote_addr or "", now=g.now)
    return redirect(url_for("groups.show_asked"), 303)


@GROUPS.get("/groups/join/asked")
def show_asked() -> str:
    """What happens now with a request."""
    return render_template("events/join_asked.html")


def join_page(errors: dict[str, list[str]]) -> str:
    """Show the form, with what was typed and what is wrong with it."""
    return render_template("events/join.html", form=JoinForm(), errors=errors, typed=request.form)
