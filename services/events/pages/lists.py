"""What the public may have as CSV: what a search finds, and the groups."""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from shared.downloads import csv_answer

from ..operations import exports
from ..operations.finding import Wanted
from ..schemas import ScheduleQuery

LISTS = Blueprint("lists", __name__)


@LISTS.get("/events.csv")
def send_found() -> Response:
    """What the schedule finds for these filters; a wrong one is refused as on its page."""
    wanted = Wanted(**ScheduleQuery().load(request.args))
    return csv_answer("events", *exports.list_found(g.session, wanted, now=g.now))


@LISTS.get("/groups.csv")
def send_groups() -> Response:
    """All groups."""
    return csv_answer("groups", *exports.list_groups(g.session))
