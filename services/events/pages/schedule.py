"""What is on, by day."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from marshmallow import ValidationError

from .. import operations
from ..schemas import ScheduleQuery
from .listing import listing

SCHEDULE = Blueprint("schedule", __name__)


@SCHEDULE.get("/")
def show_schedule() -> tuple[str, int]:
    """What is on, by day; with a wrong filter, the filter's problems and everything."""
    errors: dict[str, list[str]] = {}
    try:
        wanted = operations.Wanted(**ScheduleQuery().load(request.args))
    except ValidationError as error:
        errors, wanted = error.messages_dict, operations.Wanted()
    words = listing(wanted)
    page = render_template(
        "events/schedule.html", errors=errors, form=ScheduleQuery(), wanted=wanted, **words
    )
    return page, 400 if errors else 200
