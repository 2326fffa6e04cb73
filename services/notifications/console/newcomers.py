"""Newcomers: who is to be greeted, who was, and what newcomers are told."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from shared import access, editing
from shared.web import FormNotAccepted, read_form

from ..models import Welcome
from ..operations import newcomers
from ..operations.belonging import find_group, group_of_newcomer, groups_of_group
from ..rules import enquiries as clocks
from ..rules import newcomers as rules
from ..schemas.newcomers import TouchForm, WelcomeForm
from .mailing_pages import may_change
from .sections import find_sections

CONSOLE = Blueprint("console_newcomers", __name__)
NO_BUDDY = "Say who it is; without a name nothing about them stands in the mail."


@CONSOLE.get("/organise/notices/groups/<int:group_id>/newcomers")
@access.needs("viewer", group=groups_of_group)
def list_newcomers(group_id: int) -> str:
    """Show who is new; who waits longest comes first."""
    return list_page(group_id, {})


@CONSOLE.post("/organise/notices/newcomers/<int:newcomer_id>/done")
@access.needs("organiser", group=group_of_newcomer)
def mark_done(newcomer_id: int) -> Response:
    """Note that somebody got in touch."""
    (group_id,) = group_of_newcomer(g.session, newcomer_id)
    form = read_form(TouchForm(), lambda errors: list_page(group_id, errors))
    newcomers.mark_done(g.session, newcomer_id, form["how"], by=g.who.name, now=g.now)
    return redirect(url_for(".list_newcomers", group_id=group_id, said="done"), 303)


@CONSOLE.post("/organise/notices/newcomers/<int:newcomer_id>/reopen")
@access.needs("organiser", group=group_of_newcomer)
def reopen(newcomer_id: int) -> Response:
    """Take that back."""
    (group_id,) = group_of_newcomer(g.session, newcomer_id)
    newcomers.reopen(g.session, newcomer_id)
    return redirect(url_for(".list_newcomers", group_id=group_id, said="reopened"), 303)


@CONSOLE.get("/organise/notices/groups/<int:group_id>/welcome")
@access.needs("viewer", group=groups_of_group)
def show_welcome(group_id: int) -> str:
    """Show what newcomers are told."""
    welcome = newcomers.find_welcome(g.session, group_id)
    return welcome_page(welcome, editing.show(WelcomeForm(), welcome))


@CONSOLE.post("/organise/notices/groups/<int:group_id>/welcome")
@access.needs("organiser", group=groups_of_group)
def save_welcome(group_id: int) -> Response:
    """Store what newcomers are told from now on."""
    welcome = newcomers.find_welcome(g.session, group_id, lock=True)
    edit = editing.read_edit(WelcomeForm(), welcome, lambda shown: welcome_page(welcome, shown))
    need_buddy(welcome, edit)
    newcomers.save_welcome(g.session, welcome, edit.details, by=g.who.name, now=g.now)
    return redirect(url_for(".show_welcome", group_id=group_id, said="saved"), 303)


def need_buddy(welcome: Welcome, edit: editing.Edit) -> None:
    """Show the form again where it says how somebody is found, and neither writer says who."""
    if edit.values["buddy_name"] or not edit.values["buddy_how"]:
        return
    seen = editing.seen_of(WelcomeForm(), welcome)

    def again(errors: dict[str, list[str]]) -> str:
        return welcome_page(welcome, editing.Shown(values=edit.values, seen=seen, errors=errors))

    raise FormNotAccepted({"buddy_name": [NO_BUDDY]}, again)


def list_page(group_id: int, errors: dict[str, list[str]]) -> str:
    """Return the page of a group's newcomers."""
    return render_template(
        "notifications/newcomers.html",
        group=find_group(g.session, group_id),
        sections=find_sections(g.session, group_id, now=g.now),
        found=newcomers.list_newcomers(g.session, group_id),
        is_late=lambda since: clocks.is_late(since, now=g.now),
        due=clocks.CLOCK,
        ways=rules.WAYS,
        errors=errors,
        can_change=may_change(group_id),
        said=request.args.get("said"),
    )


def welcome_page(welcome: Welcome, shown: editing.Shown) -> str:
    """Return the page on which an organiser says what newcomers are told."""
    return render_template(
        "notifications/welcome.html",
        group=find_group(g.session, welcome.group_id),
        welcome=welcome,
        form=WelcomeForm(),
        shown=shown,
        errors=shown.errors,
        usual=rules.USUAL_DAY,
        can_change=may_change(welcome.group_id),
        said=request.args.get("said"),
    )
