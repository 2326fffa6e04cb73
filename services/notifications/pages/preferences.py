"""What subscribers choose by the links in their mails, and unsubscribing with one click."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from shared.refusals import NotThere
from shared.web import read_form

from ..models import Subscriber
from ..operations.subscribers import preferring
from ..operations.subscribers.finding import find
from ..rules.tastes import Known
from ..schemas.subscribers import PreferencesForm
from .subscribing import choices, typed_form, wishes_of, words_of

PREFERENCES = Blueprint("preferences", __name__, url_prefix="/mail")
SAID = {
    "saved": "Saved.",
    "confirmed": "Done: the weekly mail is yours.",
    "again": "Good: the weekly mail goes on.",
}
"""What the page says after a button."""


@PREFERENCES.get("/preferences/<token>")
def show_preferences(token: str) -> str | AnyResponse:
    """All that is kept of a subscriber, and what they can choose; looking changes nothing."""
    subscriber = find(g.session, token)
    if subscriber.next_due_at is not None:
        return page(subscriber, _kept(subscriber), subscriber.kinds, {})
    if subscriber.ended_at is None:
        return redirect(url_for("subscribing.show_button", token=token), 303)
    return ended_page(subscriber)


@PREFERENCES.post("/preferences/<token>")
def keep_preferences(token: str) -> AnyResponse:
    """Keep what somebody chose."""
    subscriber = find(g.session, token)

    def again(errors: dict[str, list[str]]) -> str:
        return page(subscriber, **typed_form(), errors=errors)

    form = read_form(PreferencesForm(), again)
    wishes = wishes_of(form, _known(subscriber), again) | {"first_name": form["first_name"]}
    preferring.keep_preferences(g.session, token, wishes, pause=form["pause"], now=g.now)
    return redirect(url_for("preferences.show_preferences", token=token, said="saved"), 303)


@PREFERENCES.post("/preferences/<token>/again")
def begin_again(token: str) -> AnyResponse:
    """Take back that the mails ended."""
    preferring.begin_again(g.session, token, now=g.now)
    return redirect(url_for("preferences.show_preferences", token=token, said="again"), 303)


@PREFERENCES.get("/unsubscribe/<token>")
def show_unsubscribe(token: str) -> str:
    """The button that ends the mails; looking never does (RFC 8058, section 3.1)."""
    subscriber = _find(token)
    if subscriber is None or subscriber.ended_at is not None:
        return ended_page(subscriber)
    return render_template("notifications/unsubscribe.html", subscriber=subscriber)


@PREFERENCES.post("/unsubscribe/<token>")
def unsubscribe(token: str) -> str:
    """End the mails, for people and mail programs alike: no cookie, no redirect (RFC 8058).

    The links of invitations say in `mail` which one it was; what is no number is passed over.
    """
    by_mail = request.args.get("mail", type=UUID)
    preferring.unsubscribe(g.session, token, by_mail=by_mail, now=g.now)
    return ended_page(_find(token))


def page(subscriber: Subscriber, typed: Any, kinds: list[str], errors: dict[str, list[str]]) -> str:
    """Show what somebody chose, or typed, with what is wrong with it."""
    return render_template(
        "notifications/preferences.html",
        form=PreferencesForm(),
        typed=typed,
        errors=errors,
        said="" if errors else SAID.get(request.args.get("said", ""), ""),
        **{**words_of(subscriber), **choices(kinds)},
    )


def ended_page(subscriber: Subscriber | None) -> str:
    """Say that no mail comes any more, with a way back while there is one."""
    return render_template("notifications/unsubscribed.html", subscriber=subscriber)


def _kept(subscriber: Subscriber) -> dict[str, Any]:
    """Return what is kept, by the names of the form; a rest is over once it is not chosen again."""
    return {name: getattr(subscriber, name) for name in PreferencesForm().fields if name != "pause"}


def _find(token: str) -> Subscriber | None:
    try:
        return find(g.session, token)
    except NotThere:
        return None


def _known(subscriber: Subscriber) -> Known | None:
    """Return where the postcode lies that is kept, so that saving it again changes nothing."""
    if subscriber.latitude is None or subscriber.longitude is None:
        return None
    return Known(
        postcode=subscriber.postcode,
        latitude=subscriber.latitude,
        longitude=subscriber.longitude,
        is_rough=subscriber.is_rough,
    )
