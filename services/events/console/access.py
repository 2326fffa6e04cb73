"""Who organises: own sessions, a group's organisers, the network's administrators."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, g, render_template, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from shared import access
from shared.web import read_form

from ..operations import organisers, sessions
from ..operations.belonging import groups_of_group
from ..operations.stored import find_group
from ..rules import access as rules
from ..schemas.access import InvitationForm, PersonForm, RoleForm

ACCESS = Blueprint("console_access", __name__)


@ACCESS.get("/organise/me")
@access.needs("signed_in")
def show_me() -> str:
    """Where somebody is signed in, and what they may do."""
    live = sessions.list_sessions(g.session, g.who.organiser_id, now=g.now)
    return render_template("events/console/me.html", sessions=live)


@ACCESS.post("/organise/me/sessions/<uuid:session_id>/end")
@access.needs("signed_in")
def end_session(session_id: UUID) -> Response:
    """Sign out of another browser."""
    sessions.end_session(g.session, g.who.organiser_id, session_id, now=g.now)
    return redirect("/organise/me", 303)


@ACCESS.post("/organise/me/end-others")
@access.needs("signed_in")
def end_others() -> Response:
    """Sign out everywhere but here."""
    who = g.who
    sessions.end_sessions(g.session, who.organiser_id, but=who.session_id, now=g.now)
    return redirect("/organise/me", 303)


@ACCESS.get("/organise/groups/<int:group_id>/organisers")
@access.needs("viewer", group=groups_of_group)
def show_organisers(group_id: int) -> str:
    """Who may do what in a group; its owners decide."""
    return organisers_page(group_id, {})


@ACCESS.post("/organise/groups/<int:group_id>/organisers")
@access.needs("owner", group=groups_of_group)
def invite(group_id: int) -> Response:
    """Invite somebody by their address."""
    form = read_form(InvitationForm(), again=lambda errors: organisers_page(group_id, errors))
    organisers.invite_organiser(g.session, group_id, organisers.Invited(**form), now=g.now)
    return back(group_id)


@ACCESS.post("/organise/groups/<int:group_id>/organisers/<int:organiser_id>/role")
@access.needs("owner", group=groups_of_group)
def change_role(group_id: int, organiser_id: int) -> Response:
    """Give somebody another role."""
    form = read_form(RoleForm(), again=lambda errors: organisers_page(group_id, errors))
    organisers.change_role(g.session, group_id, organiser_id, form["role"], now=g.now)
    return back(group_id)


@ACCESS.post("/organise/groups/<int:group_id>/organisers/<int:organiser_id>/remove")
@access.needs("owner", group=groups_of_group)
def remove(group_id: int, organiser_id: int) -> Response:
    """Take somebody out of a group, at once and everywhere."""
    organisers.remove_organiser(g.session, group_id, organiser_id, now=g.now)
    return back(group_id)


@ACCESS.get("/organise/network")
@access.needs("administrator")
def show_network() -> str:
    """Who looks after the whole network."""
    return network_page({})


@ACCESS.post("/organise/network/administrators")
@access.needs("administrator")
def add_administrator() -> Response:
    """Add somebody who looks after the network."""
    form = read_form(PersonForm(), again=network_page)
    organisers.add_administrator(g.session, form["email"], name=form["name"], now=g.now)
    return redirect("/organise/network", 303)


@ACCESS.post("/organise/network/administrators/<int:organiser_id>/remove")
@access.needs("administrator")
def remove_administrator(organiser_id: int) -> Response:
    """Take the network out of somebody's hands."""
    organisers.remove_administrator(g.session, organiser_id, now=g.now)
    return redirect("/organise/network", 303)


def back(group_id: int) -> Response:
    """Lead back to the organisers; who removed themselves may no longer see them."""
    still = access.who_asks()
    stays = still is not None and still.has_part_in([group_id])
    return redirect(f"/organise/groups/{group_id}/organisers" if stays else "/organise", 303)


def organisers_page(group_id: int, errors: dict[str, list[str]]) -> str:
    """Return the page of a group's organisers."""
    return render_template(
        "events/console/organisers.html",
        group=find_group(g.session, group_id),
        members=organisers.list_organisers(g.session, group_id),
        form=InvitationForm(),
        typed=request.form,
        errors=errors,
        roles=rules.GROUP_ROLES,
        may_change=g.who.role_in(group_id) in ("owner", "administrator"),
    )


def network_page(errors: dict[str, list[str]]) -> str:
    """Return the page of the network."""
    return render_template(
        "events/console/network.html",
        members=organisers.list_organisers(g.session, access.NETWORK),
        form=PersonForm(),
        typed=request.form,
        errors=errors,
    )
