"""Asking for the weekly schedule mail, and confirming it by the button that a mail leads to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from shared.refusals import NotThere
from shared.web import FormNotAccepted, read_form

from ..operations.subscribers import asking, preferring
from ..operations.subscribers.finding import taste_of
from ..rules import tastes, weekly
from ..rules.tastes import Known
from ..schemas.subscribers import SubscribeForm

UNKNOWN = (
    "We do not know where {} is. Try the postcode’s first half, like LN2, or leave it empty to "
    "hear of every place."
)
SUBSCRIBING = Blueprint("subscribing", __name__, url_prefix="/mail/schedule")
LINKED = ("postcode", "miles", "latitude", "longitude", "rough")
"""What the address of the form says of a search that led to it."""


@SUBSCRIBING.get("")
def show_form() -> str:
    """The form, filled in with what somebody searched for."""
    typed = {
        **{name: request.args.get(name, "") for name in LINKED},
        "located": request.args.get("postcode", ""),
        "group_id": request.args.get("group", ""),
        "online": "yes",
    }
    return form_page(typed, request.args.getlist("kind"), {})


@SUBSCRIBING.post("")
def subscribe() -> AnyResponse:
    """Mail the button; the answer is the same for every address."""

    def again(errors: dict[str, list[str]]) -> str:
        return form_page(**typed_form(), errors=errors)

    form = read_form(SubscribeForm(), again)
    if not form["website"]:
        agreed = asking.Agreed(email=form["email"], first_name=form["first_name"], at=g.now)
        wishes = wishes_of(form, known_place(form), again)
        asking.request_schedule(g.session, agreed, wishes, ip=request.remote_addr or "", now=g.now)
    return redirect(url_for("subscribing.show_sent"), 303)


@SUBSCRIBING.get("/sent")
def show_sent() -> str:
    """That a mail is on its way, to whoever it was."""
    return render_template("notifications/subscribe_sent.html")


@SUBSCRIBING.get("/confirm/<token>")
def show_button(token: str) -> Response:
    """The button; looking changes nothing, since programs look at links, too."""
    try:
        subscriber = asking.find_asked(g.session, token, now=g.now)
    except NotThere:
        return make_response(render_template("notifications/subscribe_ended.html"), 404)
    return make_response(
        render_template("notifications/subscribe_confirm.html", **words_of(subscriber))
    )


@SUBSCRIBING.post("/confirm/<token>")
def confirm(token: str) -> AnyResponse:
    """Let the mails begin."""
    asking.confirm(g.session, token, now=g.now)
    return redirect(url_for("preferences.show_preferences", token=token, said="confirmed"), 303)


def typed_form() -> dict[str, Any]:
    """Return what was typed into the form in hand."""
    return {"typed": request.form, "kinds": request.form.getlist("kinds")}


def form_page(typed: Any, kinds: list[str], errors: dict[str, list[str]]) -> str:
    """Show the form with what was typed, and what is wrong with it."""
    return render_template(
        "notifications/subscribe.html",
        form=SubscribeForm(),
        typed=typed,
        errors=errors,
        **choices(kinds),
    )


def choices(kinds: list[str]) -> dict[str, Any]:
    """Return what a form of wishes has to choose from, with those of `kinds` ticked."""
    return {
        "ticked": kinds,
        "kind_words": tastes.EVENT_KINDS,
        "groups": preferring.list_groups(g.session),
    }


def known_place(form: dict[str, Any]) -> Known | None:
    """Return where a search found the postcode that was typed, if one led here."""
    if form["latitude"] is None or form["longitude"] is None:
        return None
    return Known(
        postcode=form["located"],
        latitude=form["latitude"],
        longitude=form["longitude"],
        is_rough=form["rough"],
    )


def wishes_of(
    form: dict[str, Any], known: Known | None, again: Callable[[dict[str, list[str]]], str]
) -> dict[str, Any]:
    """Return what a form of wishes says, with about where the postcode lies.

    With one of which that is not known the page is shown again by `again`, as a 400.
    """
    preferring.check_group(g.session, form["group_id"])
    where = tastes.about_where(form["postcode"], known=known)
    if form["postcode"] and where["latitude"] is None:
        raise FormNotAccepted({"postcode": [UNKNOWN.format(form["postcode"])]}, again)
    said = ("miles", "kinds", "online", "group_id", "weekday", "hour")
    return {**where, **{n: form[n] for n in said}}


def words_of(subscriber: Any) -> dict[str, Any]:
    """Return what pages say of what somebody gets."""
    return {
        "subscriber": subscriber,
        "group_name": preferring.name_of_group(g.session, subscriber.group_id),
        "where": tastes.say_where(taste_of(subscriber)),
        "weekday": weekly.WEEKDAYS[subscriber.weekday],
        "kind_words": tastes.EVENT_KINDS,
    }
