"""Somebody's own sign-up, by the link in their mail, and the way back to it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response as AnyResponse

from shared.web import read_form

from .. import links, operations
from ..rules import naming
from ..schemas import LostLinkForm
from ..schemas.my import CancelForm, PartyForm, SwitchForm, WishForm

MY = Blueprint("my", __name__)
MY.add_app_template_filter(naming.public_names)
MY.add_app_template_filter(naming.full_names)


@MY.get("/my")
def show_lost_link() -> str:
    """The way back for somebody without their link."""
    return lost_link_page({})


@MY.post("/my")
def send_links() -> str:
    """Mail the links to the address given; the answer is the same for every address."""
    form = read_form(LostLinkForm(), again=lost_link_page)
    operations.request_links(g.session, form["email"], ip=request.remote_addr or "", now=g.now)
    return render_template("signups/links_sent.html", email=form["email"])


@MY.get("/my/<token>")
def show_my_signup(token: str) -> str:
    """A sign-up as its owner sees it; looking changes nothing.

    With `answer`, as in the links of mails that ask, the button for that answer stands in front.
    """
    return my_page(token, {})


@MY.get(
    "/my/<token>/<any(cancel,accept,decline,take,confirm,coming,party,wish,switch,transfer):_button>"
)
def go_back_to_my_signup(token: str, _button: str) -> AnyResponse:
    """Lead who reloads the address of a button to the page it stands on."""
    return back_to(token)


@MY.post("/my/<token>/cancel")
def cancel(token: str) -> AnyResponse:
    """End a sign-up by its owner's button."""
    form = read(CancelForm(), token)
    operations.cancel_signup(g.session, token, reason=form["reason"], now=g.now)
    return back_to(token)


@MY.post("/my/<token>/accept")
def accept(token: str) -> AnyResponse:
    """Say yes to an offer."""
    operations.accept_offer(g.session, token, now=g.now)
    return back_to(token)


@MY.post("/my/<token>/decline")
def decline(token: str) -> AnyResponse:
    """Say no to an offer."""
    operations.decline_offer(g.session, token, now=g.now)
    return back_to(token)


@MY.post("/my/<token>/take")
def take(token: str) -> AnyResponse:
    """Take a place that the quickest gets."""
    operations.take_place(g.session, token, now=g.now)
    return back_to(token)


@MY.post("/my/<token>/confirm")
def confirm(token: str) -> AnyResponse:
    """Prove the address, and have what was held for it."""
    operations.confirm(g.session, token, now=g.now)
    return back_to(token)


@MY.post("/my/<token>/coming")
def keep_coming(token: str) -> AnyResponse:
    """Say that one still comes."""
    operations.keep_coming(g.session, token, now=g.now)
    return back_to(token, answer="coming")


@MY.post("/my/<token>/party")
def shrink_party(token: str) -> AnyResponse:
    """Let fewer people come."""
    form = read(PartyForm(), token)
    operations.shrink_party(g.session, token, form["party"], now=g.now)
    return back_to(token)


@MY.post("/my/<token>/wish")
def keep_wish(token: str) -> AnyResponse:
    """Keep what somebody wants when a place comes free."""
    form = read(WishForm(), token)
    operations.keep_wish(g.session, token, form["wish"], now=g.now)
    return back_to(token)


@MY.post("/my/<token>/switch")
def switch(token: str) -> AnyResponse:
    """Go to another shift instead, or wait for it and keep what one has."""
    form = read(SwitchForm(), token)
    new = operations.switch(g.session, token, form["shift_id"], now=g.now)
    return redirect(links.link_to(g.session, new.id, new.link_number), 303)


@MY.post("/my/<token>/transfer")
def open_transfer(token: str) -> AnyResponse:
    """Make a link by which a friend takes the place over; it ends those made before."""
    operations.open_transfer(g.session, token, now=g.now)
    return back_to(token)


@MY.post("/my/<token>/transfer/end")
def close_transfer(token: str) -> AnyResponse:
    """Take the friend's link back."""
    operations.close_transfer(g.session, token, now=g.now)
    return back_to(token)


def my_page(token: str, errors: dict[str, list[str]]) -> str:
    """Show a sign-up to its owner, with what was wrong with a form on it."""
    mine = operations.show_my_signup(g.session, token, now=g.now)
    return render_template(
        "signups/my.html",
        mine=mine,
        token=token,
        errors=errors,
        typed=request.form,
        answer=request.args.get("answer", ""),
        cancel_form=CancelForm(),
        wish_form=WishForm(),
    )


def read(schema: Schema, token: str) -> dict[str, Any]:
    """Return what a form on the page says; with problems the page is shown again."""
    form: dict[str, Any] = read_form(schema, again=lambda errors: my_page(token, errors))
    return form


def back_to(token: str, **query: Any) -> AnyResponse:
    """Lead to the page of a sign-up."""
    return redirect(url_for("my.show_my_signup", token=token, **query), 303)


def lost_link_page(errors: dict[str, list[str]]) -> str:
    """Show the form for a lost link."""
    return render_template(
        "signups/lost_link.html", form=LostLinkForm(), errors=errors, typed=request.form
    )
