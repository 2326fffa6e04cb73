"""What programs see: the ledger of notices as JSON, for those who hold the token."""

# The decorators come from flask-smorest, which ships no types.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import Any

from flask import g

from shared import access
from shared.api import ApiBlueprint
from shared.columns import LARGEST_ID

from . import schemas
from .models import Notice
from .operations import figures, ledger, sending_again
from .operations.belonging import groups_of_notice, host_of_event

NOTICES = ApiBlueprint("api_notices", __name__, url_prefix="/api/notices", description="Notices")


@NOTICES.get("")
@access.needs_token("read")
@NOTICES.arguments(schemas.NoticeQuery, location="query")
@NOTICES.response(200, schemas.NoticeList)
def list_notices(query: dict[str, Any]) -> dict[str, Any]:
    """Notices, newest first, 50 on a page."""
    rows, following = ledger.list_notices(g.session, query, among=seen())
    return {"notices": [row.Notice for row in rows], "next": following}


@NOTICES.get(f"/<int(max={LARGEST_ID}):notice_id>")
@access.needs_token("read", group=groups_of_notice)
@NOTICES.response(200, schemas.NoticeShown)
def show_notice(notice_id: int) -> Notice:
    """One notice."""
    return ledger.get_notice(g.session, notice_id)


@NOTICES.post(f"/<int(max={LARGEST_ID}):notice_id>/send-again")
@access.needs_token("write", group=groups_of_notice)
@NOTICES.response(200, schemas.NoticeShown)
def send_again(notice_id: int) -> Notice:
    """Send a notice again; the answer is the one that is due now."""
    return sending_again.send_again(g.session, notice_id, now=g.now)


@NOTICES.get(f"/events/<int(max={LARGEST_ID}):event_id>")
@access.needs_token("read", group=host_of_event)
@NOTICES.response(200, schemas.EventFigures)
def count_notices(event_id: int) -> dict[str, Any]:
    """How many notices about an event were sent, wait, or did not arrive."""
    by_kind, total = figures.count_of_event(g.session, event_id)
    return {"event_id": event_id, "total": total, "kinds": by_kind}


def seen() -> set[int] | None:
    """Return the groups whose notices whoever asks may see; None means all there are."""
    return None if g.who.is_administrator else g.who.groups()
