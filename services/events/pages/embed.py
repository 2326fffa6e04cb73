"""A group's schedule in other sites: the script that they include, and the page in its frame."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from flask import Blueprint, Response, g, render_template, request
from marshmallow import EXCLUDE, Schema, fields, validate

from shared.framing import framing_policy, origins_in

from .. import operations, rules
from ..operations.finding import Wanted
from .caching import keep_for_all
from .listing import listing

EMBED = Blueprint("embed", __name__)
SCRIPT_SECONDS = 3600
"""So long do browsers keep the script; a changed one reaches all sites within the hour."""
PAGE_SECONDS = 60


class EmbedQuery(Schema):
    """What a site asks to show; wrong wishes are refused with a page that says so."""

    class Meta:
        unknown = EXCLUDE

    kind = fields.String(load_default="", validate=validate.OneOf(["", *rules.KINDS]))
    limit = fields.Integer(load_default=10, validate=validate.Range(min=1, max=20))


@EMBED.app_context_processor
def offer_sites() -> dict[str, Any]:
    """Let templates say which sites may show a group's schedule."""
    return {"embed_sites_of": lambda group: origins_in(group.embed_sites)}


@EMBED.get("/embed.js")
def send_script() -> Response:
    """The script that puts the frame where it stands."""
    script = (files("shared") / "static" / "embed.js").read_bytes()
    response = keep_for_all(script, "text/javascript", seconds=SCRIPT_SECONDS)
    # Sites that load only what says that it may be loaded from elsewhere can load it, too.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@EMBED.get("/embed/groups/<int:group_id>")
def show_group(group_id: int) -> Response:
    """What a group holds, bare, for a frame on one of the sites that the group lists."""
    group = operations.find_group(g.session, group_id)
    query = EmbedQuery().load(request.args)
    found = listing(Wanted(group_id=group.id, kind=query["kind"]), most=query["limit"])
    sites = origins_in(group.embed_sites)
    page = render_template("events/embed.html", group=group, sites=sites, **found)
    response = keep_for_all(page, "text/html", seconds=PAGE_SECONDS)
    response.headers["Content-Security-Policy"] = framing_policy(sites)
    return response
