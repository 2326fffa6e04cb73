"""Every list of the console as CSV."""

from __future__ import annotations

from flask import Blueprint, Response, g

from shared import access
from shared.access import NETWORK
from shared.downloads import csv_answer

from ..operations import exports
from ..operations.belonging import groups_of_group
from ..operations.stored import find_group

EXPORTS = Blueprint("exports", __name__)


@EXPORTS.get("/organise/groups/<int:group_id>/events.csv")
@access.needs("viewer", group=groups_of_group)
def send_events(group_id: int) -> Response:
    """A group's events."""
    return csv_answer(f"events-of-{name(group_id)}", *exports.list_events(g.session, group_id))


@EXPORTS.get("/organise/groups/<int:group_id>/shifts.csv")
@access.needs("viewer", group=groups_of_group)
def send_shifts(group_id: int) -> Response:
    """A group's shifts, to be changed and imported again."""
    return csv_answer(f"shifts-of-{name(group_id)}", *exports.list_shifts(g.session, group_id))


@EXPORTS.get("/organise/groups/<int:group_id>/campaigns.csv")
@access.needs("viewer", group=groups_of_group)
def send_campaigns(group_id: int) -> Response:
    """A group's campaigns."""
    listed = exports.list_campaigns(g.session, group_id)
    return csv_answer(f"campaigns-of-{name(group_id)}", *listed)


@EXPORTS.get("/organise/groups/<int:group_id>/organisers.csv")
@access.needs("viewer", group=groups_of_group)
def send_organisers(group_id: int) -> Response:
    """Who has a role in a group."""
    listed = exports.list_organisers(g.session, group_id)
    return csv_answer(f"organisers-of-{name(group_id)}", *listed)


@EXPORTS.get("/organise/groups/<int:group_id>/tokens.csv")
@access.needs("owner", group=groups_of_group)
def send_tokens(group_id: int) -> Response:
    """A group's tokens, without what opens doors."""
    return csv_answer(f"tokens-of-{name(group_id)}", *exports.list_tokens(g.session, group_id))


@EXPORTS.get("/organise/groups/<int:group_id>/trail.csv")
@access.needs("viewer", group=groups_of_group)
def send_trail(group_id: int) -> Response:
    """Who did what in a group."""
    return csv_answer(f"trail-of-{name(group_id)}", *exports.list_trail(g.session, group_id))


@EXPORTS.get("/organise/network/trail.csv")
@access.needs("administrator")
def send_network_trail() -> Response:
    """Who did what anywhere."""
    return csv_answer("trail", *exports.list_trail(g.session, None))


@EXPORTS.get("/organise/network/tokens.csv")
@access.needs("administrator")
def send_network_tokens() -> Response:
    """The tokens of the network."""
    return csv_answer("tokens", *exports.list_tokens(g.session, NETWORK))


@EXPORTS.get("/organise/network/organisers.csv")
@access.needs("administrator")
def send_administrators() -> Response:
    """The administrators of the network."""
    return csv_answer("administrators", *exports.list_organisers(g.session, NETWORK))


@EXPORTS.get("/organise/elections.csv")
@access.needs("signed_in")
def send_elections() -> Response:
    """All elections."""
    return csv_answer("elections", *exports.list_elections(g.session))


def name(group_id: int) -> str:
    """Return the name of the group, for that of the file."""
    return find_group(g.session, group_id).name
