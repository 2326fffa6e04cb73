"""What organisers see: the ledger of notices, and why something was not sent."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from shared import access
from shared.downloads import csv_answer

from .. import schemas
from ..operations import bounces, channels, ledger
from ..rules import kinds, states
from .sections import find_waiting

CONSOLE = Blueprint("console", __name__)
FILTERS = ("who", "event_id", "kind", "state", "since", "until", "signup_id")


@CONSOLE.get("/organise/notices")
@access.needs("viewer")
def show_notices() -> ResponseReturnValue:
    """Show the notices that the filters leave, newest first; a wrong filter is named beside it."""
    form = schemas.NoticeQuery()
    try:
        query: dict[str, Any] = form.load(request.args)
    except ValidationError as error:
        return _page(form, [], errors=error.normalized_messages()), 400  # type: ignore[no-untyped-call]
    rows, following = ledger.list_notices(g.session, query, among=seen())
    return _page(form, rows, following=following)


@CONSOLE.get("/organise/notices/notices.csv")
@access.needs("viewer")
def send_notices() -> Response:
    """Send what the filters leave as CSV; a wrong filter is refused."""
    query = schemas.NoticeQuery().load(request.args)
    return csv_answer(
        "notices", ledger.COLUMNS, ledger.list_whole_ledger(g.session, query, among=seen())
    )


def seen() -> set[int] | None:
    """Return the groups whose notices whoever asks may see; None means all there are."""
    return None if g.who.is_administrator else g.who.groups()


def _page(
    form: schemas.NoticeQuery,
    rows: Any,
    *,
    following: int | None = None,
    errors: dict[str, list[str]] | None = None,
) -> str:
    events = [(event.id, event.title) for event in ledger.list_events(g.session, seen())]
    field = form.fields["event_id"]
    field.metadata = {**field.metadata, "options": [("", "All events"), *events]}
    return render_template(
        "notifications/notices.html",
        form=form,
        typed=request.args,
        filters={name: request.args[name] for name in FILTERS if request.args.get(name)},
        rows=rows,
        following=following,
        is_first="before" not in request.args,
        channels=channels.list_channels(g.session, now=g.now),
        bounces=bounces.count_by_kind(g.session) if g.who.is_administrator else None,
        errors=errors or {},
        kinds=kinds.KINDS,
        waiting=find_waiting(g.session, g.who.groups(), now=g.now),
        state_words=states.STATES,
    )
