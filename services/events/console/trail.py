"""The audit trail of a group, and of everything."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request
from marshmallow import ValidationError

from shared import access
from shared.asking import with_options

from ..operations import trail
from ..operations.belonging import groups_of_group
from ..operations.stored import find_group
from ..schemas.access import TrailQuery

TRAIL = Blueprint("console_trail", __name__)


@TRAIL.get("/organise/groups/<int:group_id>/trail")
@access.needs("viewer", group=groups_of_group)
def show_trail(group_id: int) -> tuple[str, int]:
    """Who did what in a group."""
    return trail_page(group_id)


@TRAIL.get("/organise/network/trail")
@access.needs("administrator")
def show_network_trail() -> tuple[str, int]:
    """Who did what anywhere."""
    return trail_page(None)


def trail_page(group_id: int | None) -> tuple[str, int]:
    """Return a page of the trail; a wrong filter is named, and everything shown."""
    errors: dict[str, list[str]] = {}
    try:
        query = TrailQuery().load(request.args)
    except ValidationError as error:
        errors, query = error.messages_dict, TrailQuery().load({})
    kinds = trail.kinds_in_trail(g.session, group_id=group_id)
    options = [("", "Everything"), *((kind, kind.replace("_", " ").capitalize()) for kind in kinds)]
    entries, more = trail.show_trail(g.session, query, group_id=group_id, page=query["page"])
    page = render_template(
        "events/console/trail.html",
        group=find_group(g.session, group_id) if group_id else None,
        address=f"/organise/groups/{group_id}/trail" if group_id else "/organise/network/trail",
        form=with_options(TrailQuery(), "kind", options),
        typed=request.args,
        errors=errors,
        entries=entries,
        more=more,
        page=query["page"],
        filters={name: request.args[name] for name in FILTERS if request.args.get(name)},
    )
    return page, 400 if errors else 200


FILTERS = ("kind", "who", "first", "last")
