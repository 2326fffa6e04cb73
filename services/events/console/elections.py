"""The list of elections: organisers look, administrators change it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from shared import access
from shared.asking import asked_again
from shared.web import read_form

from ..operations import elections
from ..rules import elections as rules
from ..schemas.elections import ElectionForm, ElectionTitleForm

ELECTIONS = Blueprint("console_elections", __name__)


@ELECTIONS.get("/organise/elections")
@access.needs("signed_in")
def list_elections() -> str:
    """All elections by day and, for administrators, the form for one more."""
    return list_page({})


@ELECTIONS.post("/organise/elections")
@access.needs("administrator", group=access.the_network)
def add_election() -> Response:
    """Add an election by its id."""
    form = read_form(ElectionForm(), list_page)
    with asked_again(list_page):
        if elections.is_known(g.session, form["id"]):
            raise ValidationError({"id": [rules.ElectionWasAlreadyAdded().sentence]})
        elections.add_election(g.session, form, now=g.now)
    return redirect(url_for("console_elections.list_elections"), 303)


@ELECTIONS.get("/organise/elections/<election_id>")
@access.needs("administrator", group=access.the_network)
def show_election(election_id: str) -> str:
    """One election: its title, and a way to take it off the list."""
    return election_page(election_id, {})


@ELECTIONS.post("/organise/elections/<election_id>")
@access.needs("administrator", group=access.the_network)
def rename_election(election_id: str) -> Response:
    """Give an election another title."""
    form = read_form(ElectionTitleForm(), lambda errors: election_page(election_id, errors))
    elections.rename_election(g.session, election_id, title=form["title"], now=g.now)
    return redirect(url_for("console_elections.list_elections"), 303)


@ELECTIONS.post("/organise/elections/<election_id>/remove")
@access.needs("administrator", group=access.the_network)
def remove_election(election_id: str) -> Response:
    """Take an election off the list."""
    elections.remove_election(g.session, election_id, now=g.now)
    return redirect(url_for("console_elections.list_elections"), 303)


def list_page(errors: dict[str, Any]) -> str:
    """Show the list and the form."""
    return render_template(
        "events/console/elections.html",
        elections=elections.list_elections(g.session),
        form=ElectionForm(),
        errors=errors,
        typed=request.form,
    )


def election_page(election_id: str, errors: dict[str, Any]) -> str:
    """Show one election."""
    election = elections.find_election(g.session, election_id)
    return render_template(
        "events/console/election.html",
        election=election,
        form=ElectionTitleForm(),
        errors=errors,
        typed=request.form if errors else {"title": election.title},
    )
