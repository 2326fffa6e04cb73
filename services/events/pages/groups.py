"""Groups, as the public sees them."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request

from .. import operations
from .listing import listing

GROUPS = Blueprint("groups", __name__)


@GROUPS.get("/groups/<int:group_id>")
def show_group(group_id: int) -> str:
    """A group, and what it invites to."""
    group = operations.find_group(g.session, group_id)
    page = request.args.get("page", default=1, type=int)
    wanted = operations.Wanted(group_id=group.id, page=min(max(page, 1), 1000))
    return render_template("events/group.html", group=group, wanted=wanted, **listing(wanted))
