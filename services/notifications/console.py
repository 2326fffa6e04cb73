"""What organisers see: the ledger of notices, and why something was not sent."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from shared import access
from shared.downloads import csv_answer

from . import schemas
from .operations import ledger

CONSOLE = Blueprint("console", __name__)


@CONSOLE.get("/organise/notices")
@access.needs("viewer")
def show_notices() -> ResponseReturnValue:
    """Show the notices that the filters leave, newest first; a wrong filter is named beside it."""
    form = schemas.NoticeQuery()
    try:
        query: dict[str, Any] = form.load(request.args)
    except ValidationError as error:
        return _page(form, {"page": 1}, [], 0, errors=error.normalized_messages()), 400  # type: ignore[no-untyped-call]
    notices, total = ledger.list_notices(g.session, query, page=query["page"], among=seen())
    return _page(form, query, notices, total)


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
    query: dict[str, Any],
    notices: Any,
    total: int,
    errors: dict[str, list[str]] | None = None,
) -> str:
    return render_template(
        "notifications/notices.html",
        form=form,
        typed=request.args,
        query=query,
        filters={
            name: request.args[name]
            for name in ("kind", "state", "signup_id")
            if request.args.get(name)
        },
        notices=notices,
        total=total,
        pages=ledger.count_pages(total),
        pause=ledger.get_pause(g.session, now=g.now),
        errors=errors or {},
        kind_words=schemas.KIND_WORDS,
        state_words=schemas.STATE_WORDS,
    )
