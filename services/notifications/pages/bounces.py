"""Where mail providers post bounces and complaints, signed as Standard Webhooks has it."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, g, request
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from shared.paths import LARGER_BODIES, REPORTS_OF_BOUNCES
from shared.refusals import NotThere

from .. import schemas
from ..config import Settings
from ..operations import bounces

PAGES = Blueprint("bounces", __name__)
NOT_SIGNED = "This is not signed with the secret of this installation, or too old.\n"
ID = "webhook-id"


@PAGES.post(REPORTS_OF_BOUNCES)
def take_report() -> Response:
    """Take in a report: a mail as it came, or which notice it is about and what became of it.

    It is answered once it is kept; the same id a second time changes nothing.
    """
    settings: Settings = current_app.config["SETTINGS"]
    if not settings.bounce_webhook_secret:
        raise NotThere
    request.max_content_length = LARGER_BODIES[REPORTS_OF_BOUNCES]
    body = request.get_data()
    if not _is_signed(body, settings.bounce_webhook_secret):
        return Response(NOT_SIGNED, 401, mimetype="text/plain")
    posted = schemas.PostedReport().load(request.get_json(force=True))
    if "mail" in posted:
        bounces.keep_mail(g.session, posted["mail"], now=g.now)
    else:
        report = schemas.report_of(posted)
        bounces.keep_report(g.session, report, f"webhook {request.headers[ID]}", now=g.now)
    return Response(status=204)


def _is_signed(body: bytes, secret: str) -> bool:
    """Tell whether the body is signed, within the last five minutes."""
    try:
        Webhook(secret).verify(body, dict(request.headers), json_parse=False)
    except (WebhookVerificationError, ValueError):
        return False
    return True
