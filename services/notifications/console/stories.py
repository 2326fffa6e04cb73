"""What organisers see of one notice, of one sign-up's, and of one event's: their whole stories."""

from __future__ import annotations

from flask import Blueprint, Response, g, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from shared import access
from shared.access.who import reaches
from shared.columns import LARGEST_ID
from shared.downloads import csv_answer

from ..models import Notice
from ..operations import figures, ledger, sending_again, story
from ..operations.belonging import group_of_signup, groups_of_notice, host_of_event
from ..rules import kinds, states
from ..rules.occasions import OCCASIONS

STORIES = Blueprint("console_stories", __name__)
NUMBER = f"int(max={LARGEST_ID})"
ONE = f"/organise/notices/<{NUMBER}:notice_id>"
OF_EVENT = f"/organise/notices/events/<{NUMBER}:event_id>"


@STORIES.get(ONE)
@access.needs("viewer", group=groups_of_notice)
def show_notice(notice_id: int) -> str:
    """Show what happened to one notice, and what is planned for it."""
    row = ledger.get_with_facts(g.session, notice_id)
    return render_template(
        "notifications/notice.html",
        row=row,
        notice=row.Notice,
        kind=kinds.KINDS[row.Notice.kind],
        occasion=OCCASIONS[row.Notice.kind],
        steps=story.tell_story(g.session, row.Notice),
        state_words=states.STATES,
        why_not_again=sending_again.why_not_again(g.session, row.Notice, now=g.now),
        is_to_come=is_to_come(row.Notice),
        may_send=reaches(g.who.role_in(row.Notice.group_id or 0), "organiser"),
        is_new="again" in request.args,
    )


def is_to_come(notice: Notice) -> bool:
    """Tell whether a notice goes out by itself, at an hour that is not yet there."""
    waits = notice.state in ("planned", "due") and notice.due_at is not None
    return waits and notice.due_at > g.now


@STORIES.post(f"{ONE}/send-again")
@access.needs("organiser", group=groups_of_notice)
def send_again(notice_id: int) -> AnyResponse:
    """Send a notice again, and show the one that is due now."""
    due = sending_again.send_again(g.session, notice_id, now=g.now)
    return redirect(url_for("console_stories.show_notice", notice_id=due.id, again=1), 303)


@STORIES.get(f"/organise/notices/sign-ups/<{NUMBER}:signup_id>")
@access.needs("viewer", group=group_of_signup)
def show_signup(signup_id: int) -> str:
    """Show everything that one person was told about a sign-up, and what is planned next."""
    return render_template(
        "notifications/signup_notices.html",
        facts=ledger.get_signup(g.session, signup_id),
        rows=ledger.list_of_signup(g.session, signup_id),
        kinds=kinds.KINDS,
        state_words=states.STATES,
    )


@STORIES.get(OF_EVENT)
@access.needs("viewer", group=host_of_event)
def show_event(event_id: int) -> str:
    """Show how many mails about an event were sent, wait, or did not arrive."""
    by_kind, total = figures.count_of_event(g.session, event_id)
    return render_template(
        "notifications/event_notices.html",
        event=figures.get_event(g.session, event_id),
        by_kind=by_kind,
        total=total,
        counted=figures.COUNTED,
        kinds=kinds.KINDS,
    )


@STORIES.get(f"{OF_EVENT}/figures.csv")
@access.needs("viewer", group=host_of_event)
def send_figures(event_id: int) -> Response:
    """Send the same figures as CSV."""
    by_kind, total = figures.count_of_event(g.session, event_id)
    rows = [each.row() for each in (*by_kind, total)]
    return csv_answer(f"mails-of-event-{event_id}", figures.COLUMNS, rows)
