"""What everybody sees who tries Muster out: the local mailbox, while no mail server is set."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, g, render_template, request

from shared.columns import LARGEST_ID
from shared.refusals import NotThere

from .. import schemas
from ..config import Settings
from ..operations import mailbox

LINKS_LEAVE_FRAME = '<head><base target="_blank">'
PAGES = Blueprint("pages", __name__, url_prefix="/mail")
MAIL_ID = f"<int(max={LARGEST_ID}):mail_id>"
MAIL_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
)
"""A mail's own styles stand in it, and its links may be followed; it can do nothing else."""


@PAGES.before_request
def check_mail_stays_here() -> None:
    """Show the mailbox only to who tries Muster out on this machine."""
    settings: Settings = current_app.config["SETTINGS"]
    if not settings.shows_mailbox:
        raise NotThere


@PAGES.get("")
def show_mailbox() -> str:
    """Show the mails, newest first."""
    query = schemas.MailboxQuery().load(request.args)
    mails, more = mailbox.list_mails(g.session, to=query["to"], page=query["page"])
    return render_template("notifications/mailbox.html", mails=mails, more=more, query=query)


@PAGES.get(f"/{MAIL_ID}")
def show_mail(mail_id: int) -> str:
    """Show one mail: its head, its text, and its HTML in a frame of its own."""
    return render_template("notifications/mail.html", mail=mailbox.open_mail(g.session, mail_id))


@PAGES.get(f"/{MAIL_ID}/html")
def show_html(mail_id: int) -> Response:
    """Send a mail's HTML for the frame, with a policy that lets it do nothing but look well."""
    return send_mail_html(mailbox.open_mail(g.session, mail_id).html)


def send_mail_html(html: str) -> Response:
    """Send a mail's HTML, with its own styles and nothing else that it could do."""
    response = Response(html.replace("<head>", LINKS_LEAVE_FRAME, 1), mimetype="text/html")
    response.headers["Content-Security-Policy"] = MAIL_CSP
    return response


@PAGES.get(f"/{MAIL_ID}/source")
def show_source(mail_id: int) -> Response:
    """Send the whole mail as it would have left."""
    kept = mailbox.open_mail(g.session, mail_id).kept
    return Response(kept.body, mimetype="text/plain")
