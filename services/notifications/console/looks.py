"""How a group's mails look: the colour of their buttons and links."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, g, make_response, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from shared import access
from shared.access.who import reaches
from shared.web import read_form

from ..mail.letters import Style
from ..operations import wordings
from ..operations.belonging import find_group, groups_of_group
from ..operations.previewing import preview_mail
from ..rules import colours
from ..schemas import LookForm
from .mails import MAIL_SHOWN_CSP

LOOKS = Blueprint("console_looks", __name__)
LOOK = "/organise/notices/groups/<int:group_id>/look"


@LOOKS.get(LOOK)
@access.needs("viewer", group=groups_of_group)
def show_look(group_id: int) -> Response:
    """Show the colour, and a mail in it."""
    return _page(group_id, {"colour": wordings.colour_of(g.session, group_id)}, {})


@LOOKS.post(LOOK)
@access.needs("organiser", group=groups_of_group)
def change_look(group_id: int) -> AnyResponse:
    """Save the colour; one that cannot be read is refused, and the nearest that can is named."""
    form = read_form(LookForm(), lambda errors: _page(group_id, request.form, errors))
    colour = form["colour"].lower()
    wordings.choose_colour(g.session, group_id, colour, now=g.now)
    return redirect(url_for("console_looks.show_look", group_id=group_id, saved=1), 303)


def _nearest(typed: str) -> str:
    """Return the nearest colour that can be read; nothing for what is no colour."""
    return colours.nearest_readable(typed) if colours.COLOUR.fullmatch(typed) else ""


def _page(group_id: int, typed: Mapping[str, str], errors: dict[str, list[str]]) -> Response:
    group = find_group(g.session, group_id)
    colour = wordings.colour_of(g.session, group_id)
    style = wordings.style_of(g.session, group_id, "confirmation")
    shown = Style(subject=style.subject, words=style.words, colour=colour)
    page = render_template(
        "notifications/look.html",
        group=group,
        tab="mail",
        form=LookForm(),
        typed=typed,
        errors=errors,
        standard=colours.STANDARD,
        colour=colour,
        nearest=_nearest(typed.get("colour", "").lower()) if errors else "",
        preview=preview_mail(g.session, group, "confirmation", shown, now=g.now),
        may_change=reaches(g.who.role_in(group_id), "organiser"),
    )
    answer = make_response(page)
    answer.headers["Content-Security-Policy"] = MAIL_SHOWN_CSP
    return answer
