"""A constituency: what is on there, and who is at home there."""

from __future__ import annotations

from flask import Blueprint, Response, g, render_template, request

from ..operations import constituencies
from ..operations.finding import Wanted
from .caching import keep
from .listing import listing

CONSTITUENCIES = Blueprint("constituencies", __name__)


@CONSTITUENCIES.get("/constituencies/<name>")
def show_constituency(name: str) -> Response:
    """What is on in a constituency, and its groups with their MP or candidate."""
    found = constituencies.find_constituency(g.session, name)
    page = request.args.get("page", default=1, type=int)
    wanted = Wanted(constituency=found.name, page=min(max(page, 1), 1000))
    return keep(
        render_template(
            "events/constituency.html", constituency=found, wanted=wanted, **listing(wanted)
        )
    )
