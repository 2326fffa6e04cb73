"""What a group's mails say: each kind with its standard words, its own, and how it looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, g, make_response, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from shared import access, editing
from shared.access.who import reaches
from shared.web import CSP, read_form

from ..mail.letters import Style
from ..models import Group
from ..operations import wordings
from ..operations.belonging import find_group, groups_of_group
from ..operations.previewing import preview_mail
from ..rules.kinds import KINDS
from ..rules.occasions import OCCASIONS
from ..rules.standard_words import STANDARD, allowed_in
from ..rules.wordings import MEANINGS, Wording
from ..schemas import AgainForm, WordingForm
from .sections import find_sections

MAILS = Blueprint("console_mails", __name__)
ALL = "/organise/notices/groups/<int:group_id>/mails"
UNSAVED = "Your own words, not saved yet"
ONE = f"{ALL}/<any({', '.join(STANDARD)}):kind>"
MAIL_SHOWN_CSP = CSP.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
"""A mail's own styles stand in it, and its frame is held to the policy of the page around it."""


@MAILS.get(ALL)
@access.needs("viewer", group=groups_of_group)
def list_mails(group_id: int) -> str:
    """List the kinds of mail to people, and which of them the group changed."""
    return render_template(
        "notifications/mails.html",
        group=find_group(g.session, group_id),
        sections=find_sections(g.session, group_id, now=g.now),
        tab="mail",
        kinds={kind: KINDS[kind] for kind in STANDARD},
        occasions=OCCASIONS,
        own=wordings.list_wordings(g.session, group_id),
        colour=wordings.colour_of(g.session, group_id),
    )


@MAILS.get(ONE)
@access.needs("viewer", group=groups_of_group)
def show_mail(group_id: int, kind: str) -> Response:
    """Show what a kind of mail says, and how it looks."""
    group = find_group(g.session, group_id)
    wording = wordings.wording_of(g.session, group_id, kind)
    return _page(group, kind, editing.show(WordingForm(kind), wording), wording)


@MAILS.post(ONE)
@access.needs("organiser", group=groups_of_group)
def change_mail(group_id: int, kind: str) -> AnyResponse:
    """Save the words, together with what somebody else saved meanwhile."""
    group = wordings.lock_group(g.session, group_id)
    stored = wordings.wording_of(g.session, group_id, kind)
    edit = editing.read_edit(
        WordingForm(kind), stored, lambda shown: _page(group, kind, shown, stored)
    )
    wording = Wording(**{**vars(stored), **edit.details})
    wordings.reword(g.session, group_id, kind, wording, now=g.now)
    return _back(group_id, kind, "saved")


@MAILS.post(f"{ONE}/preview")
@access.needs("organiser", group=groups_of_group)
def preview(group_id: int, kind: str) -> Response:
    """Show how the mail would look with the words that were typed; nothing is stored."""
    group = find_group(g.session, group_id)
    seen = request.form.get("seen", "")

    def again(errors: dict[str, list[str]]) -> Response:
        shown = editing.Shown(values=request.form, seen=seen, errors=errors)
        return _page(group, kind, shown, wordings.wording_of(g.session, group_id, kind))

    typed = Wording(**read_form(WordingForm(kind), again))
    return _page(group, kind, editing.Shown(values=request.form, seen=seen), typed, is_try=True)


@MAILS.post(f"{ONE}/standard")
@access.needs("organiser", group=groups_of_group)
def return_to_standard(group_id: int, kind: str) -> AnyResponse:
    """Go back to the standard words."""
    wordings.lock_group(g.session, group_id)
    wordings.return_to_standard(g.session, group_id, kind, now=g.now)
    return _back(group_id, kind, "standard")


@MAILS.post(f"{ONE}/again")
@access.needs("organiser", group=groups_of_group)
def use_again(group_id: int, kind: str) -> AnyResponse:
    """Go back to words of before."""
    wordings.lock_group(g.session, group_id)
    chosen = AgainForm().load(request.form)
    wordings.use_again(g.session, group_id, kind, chosen["wording_id"], now=g.now)
    return _back(group_id, kind, "saved")


def _back(group_id: int, kind: str, done: str) -> AnyResponse:
    words: dict[str, Any] = {done: 1}
    return redirect(url_for("console_mails.show_mail", group_id=group_id, kind=kind, **words), 303)


def _heading(kind: str, shown: editing.Shown, stored: Wording) -> str:
    """Say whose words stand in the form, and whether they are saved."""
    words = _words_of(shown.values)
    if words == _words_of(vars(STANDARD[kind])):
        return "The standard words"
    return "Your own words" if words == _words_of(vars(stored)) else UNSAVED


def _words_of(values: Mapping[str, str]) -> list[list[str]]:
    """Return the words of a wording; browsers end its lines in their own way."""
    return [values.get(name, "").split() for name in ("subject", "words")]


def _page(
    group: Group, kind: str, shown: editing.Shown, wording: Wording, *, is_try: bool = False
) -> Response:
    """Show the form beside the standard words, above it the mail as `wording` has it."""
    colour = wordings.colour_of(g.session, group.id)
    stored = wordings.wording_of(g.session, group.id, kind)
    style = Style(subject=wording.subject, words=wording.words, colour=colour)
    page = render_template(
        "notifications/mail_words.html",
        group=group,
        tab="mail",
        kind=kind,
        about=KINDS[kind],
        occasion=OCCASIONS[kind],
        form=WordingForm(kind),
        shown=shown,
        errors=shown.errors,
        standard=STANDARD[kind],
        is_standard=stored == STANDARD[kind],
        heading=_heading(kind, shown, stored),
        placeholders={name: MEANINGS[name] for name in allowed_in(kind)},
        preview=preview_mail(g.session, group, kind, style, now=g.now),
        is_try=is_try,
        earlier=wordings.list_earlier(g.session, group.id, kind),
        may_change=reaches(g.who.role_in(group.id), "organiser"),
    )
    answer = make_response(page)
    answer.headers["Content-Security-Policy"] = MAIL_SHOWN_CSP
    return answer
