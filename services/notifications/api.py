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
from .operations import ledger

NOTICES = ApiBlueprint("api_notices", __name__, url_prefix="/api/notices", description="Notices")


@NOTICES.get("")
@access.needs_token("read")
@NOTICES.arguments(schemas.NoticeQuery, location="query")
@NOTICES.response(200, schemas.NoticeList)
def list_notices(query: dict[str, Any]) -> dict[str, Any]:
    """Notices, newest first, 50 on a page."""
    notices, total = ledger.list_notices(g.session, query, page=query["page"], among=seen())
    return {
        "notices": notices,
        "page": query["page"],
        "pages": ledger.count_pages(total),
        "total": total,
    }


@NOTICES.get(f"/<int(max={LARGEST_ID}):notice_id>")
@access.needs_token("read", group=ledger.groups_of_notice)
@NOTICES.response(200, schemas.NoticeShown)
def show_notice(notice_id: int) -> Notice:
    """One notice."""
    return ledger.get_notice(g.session, notice_id)


def seen() -> set[int] | None:
    """Return the groups whose notices whoever asks may see; None means all there are."""
    return None if g.who.is_administrator else g.who.groups()
