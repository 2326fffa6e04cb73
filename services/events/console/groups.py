"""A group as its organisers see it: its profile, its parts, and how it begins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from shared import access, editing
from shared.access.who import reaches
from shared.asking import asked_again
from shared.refusals import NotThere
from shared.web import read_form

from ..models import Group
from ..operations import groups
from ..operations.belonging import groups_of_group
from ..operations.stored import find_group
from ..schemas.groups import GroupForm, SubGroupForm

GROUPS = Blueprint("console_groups", __name__)


@GROUPS.get("/organise/groups/<int:group_id>/profile")
@access.needs("viewer", group=groups_of_group)
def show_profile(group_id: int) -> str:
    """What the group says of itself; owners may change it."""
    group = find_group(g.session, group_id)
    return profile_page(group, editing.show(GroupForm(), group))


@GROUPS.post("/organise/groups/<int:group_id>/profile")
@access.needs("owner", group=groups_of_group)
def change_profile(group_id: int) -> Response:
    """Save the profile, together with what somebody else saved meanwhile."""
    group = find_group(g.session, group_id, lock=True)
    edit = editing.read_edit(GroupForm(), group, lambda shown: profile_page(group, shown))
    seen = request.form.get("seen", "")
    typed = editing.Shown(values=request.form, seen=seen)
    with asked_again(lambda errors: profile_page(group, replace(typed, errors=errors))):
        groups.change_group(g.session, group_id, edit.details, now=g.now)
    return redirect(url_for("console_groups.show_profile", group_id=group_id, saved=1), 303)


@GROUPS.get("/organise/groups/<int:group_id>/groups")
@access.needs("viewer", group=groups_of_group)
def list_sub_groups(group_id: int) -> str:
    """The parts of the group."""
    return sub_groups_page(group_id, {})


@GROUPS.post("/organise/groups/<int:group_id>/groups")
@access.needs("owner", group=groups_of_group)
def found_sub_group(group_id: int) -> Response:
    """Found a part of the group; whoever does it owns it."""
    form = read_form(SubGroupForm(), lambda errors: sub_groups_page(group_id, errors))
    part = groups.found_sub_group(
        g.session, group_id, name=form["name"], owner_id=g.who.organiser_id, now=g.now
    )
    return redirect(url_for("console_groups.show_start", group_id=part.id), 303)


@GROUPS.post("/organise/groups/<int:group_id>/groups/<int:part_id>/release")
@access.needs("owner", group=groups_of_group)
def release_sub_group(group_id: int, part_id: int) -> Response:
    """Make a part a group of its own."""
    if find_group(g.session, part_id).parent_id != group_id:
        raise NotThere
    groups.move_group(g.session, part_id, parent_id=None, now=g.now)
    return redirect(url_for("console_groups.list_sub_groups", group_id=group_id), 303)


@GROUPS.get("/organise/groups/<int:group_id>/start")
@access.needs("viewer", group=groups_of_group)
def show_start(group_id: int) -> str:
    """What a new group does until people can find it."""
    group = find_group(g.session, group_id)
    steps, event = groups.list_steps(g.session, group)
    following = next((step for step in steps if not step.done), None)
    links = links_of_steps(group_id, event.id if event else None)
    return render_template(
        "events/console/group_start.html",
        group=group,
        steps=steps,
        following=following,
        links=links,
        event=event,
    )


def links_of_steps(group_id: int, event_id: int | None) -> dict[str, str]:
    """Return where each step is done; those of an event wait until there is one."""
    links = {
        "profile": url_for("console_groups.show_profile", group_id=group_id),
        "event": f"/organise/groups/{group_id}/events/new",
    }
    if event_id is not None:
        links["event"] = f"/organise/events/{event_id}/details"
        links["shifts"] = f"/organise/events/{event_id}/shifts"
        links["publish"] = f"/organise/events/{event_id}"
    return links


def profile_page(group: Group, shown: editing.Shown) -> str:
    """Show the profile as a form."""
    return render_template(
        "events/console/group_profile.html",
        group=group,
        form=GroupForm(),
        shown=shown,
        errors=shown.errors,
        may_change=reaches(g.who.role_in(group.id), "owner"),
    )


def sub_groups_page(group_id: int, errors: dict[str, Any]) -> str:
    """Show the parts of a group and, to owners, the form for a new one."""
    group = find_group(g.session, group_id)
    return render_template(
        "events/console/sub_groups.html",
        group=group,
        parts=groups.list_sub_groups(g.session, group_id),
        form=SubGroupForm(),
        errors=errors,
        typed=request.form,
        may_change=reaches(g.who.role_in(group.id), "owner"),
    )
