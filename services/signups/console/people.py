"""The people of a group: a list to search, and one page for each of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from marshmallow import Schema, ValidationError
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from shared import access, times, web
from shared.downloads import csv_answer

from .. import operations
from ..models import Group
from ..operations import people
from ..schemas.people import ManyForm, NoteForm, OneForm, PeopleQuery, TagForm, TrainingForm

CONSOLE = Blueprint("console_people", __name__)
FORMS: dict[str, Schema] = {"words": NoteForm(), "tag": TagForm(), "title": TrainingForm()}
UK = "Europe/London"
FILTERS = ("words", "tag", "training", "event_id", "agreed", "waiting")


@CONSOLE.get("/organise/people")
@access.needs("viewer")
def choose_group() -> AnyResponse | str:
    """Lead to the people of the only group there is to choose, or let somebody choose one."""
    query = select(Group).order_by(Group.name, Group.id)
    if not g.who.is_administrator:
        query = query.where(Group.id.in_(g.who.groups()))
    groups = g.session.scalars(query).all()
    wanted = request.args.get("group", type=int)
    if wanted is not None or len(groups) == 1:
        group_id = groups[0].id if wanted is None else wanted
        return redirect(url_for(".show_people", group_id=group_id), 303)
    return render_template("signups/console/people_groups.html", groups=groups)


@CONSOLE.get("/organise/people/groups/<int:group_id>")
@access.needs("viewer", group=operations.groups_of_group)
def show_people(group_id: int) -> str:
    """A group's people, those who fit what is asked."""
    return people_page(group_id)


@CONSOLE.post("/organise/people/groups/<int:group_id>")
@access.needs("organiser", group=operations.groups_of_group)
def note_of_many(group_id: int) -> AnyResponse:
    """Note a training, or a tag, of all who are ticked in the list."""
    form = web.read_form(ManyForm(), lambda errors: people_page(group_id, errors))
    noted = people.Noted(form["do"], form["noted"], by=g.who.name)
    people.note_of_many(g.session, group_id, form["person_ids"], noted, now=g.now)
    kept = (*FILTERS, "page")
    asked: dict[str, Any] = {name: request.args[name] for name in kept if name in request.args}
    asked["noted"] = len(set(form["person_ids"]))
    return redirect(url_for(".show_people", group_id=group_id, **asked), 303)


def people_page(group_id: int, wrong: dict[str, list[str]] | None = None) -> str:
    """Return the list of people, with what was wrong with a form on it."""
    asked, errors = read_query()
    wanted = wanted_of(asked)
    form, choices = PeopleQuery(), people.list_choices(g.session, group_id)
    total = people.count_people(g.session, group_id, wanted, now=g.now)
    page = asked["page"]
    return render_template(
        "signups/console/people.html",
        group=operations.find_group(g.session, group_id),
        tab="people",
        found=people.list_people(g.session, group_id, wanted, page=page, now=g.now),
        **{"total": total, "page": page, "pages": max(1, -(-total // people.PAGE))},
        **{"form": form, "choices": choices, "errors": errors | (wrong or {})},
        **{"typed": request.args, "sent": request.form, "many": ManyForm()},
        noted=request.args.get("noted", 0, type=int),
        tags=[(tag, tag) for tag in choices.tags],
        events=[(event[0], f"{event[1]}, {times.day(event[2], UK)}") for event in choices.events],
        filters={name: request.args[name] for name in FILTERS if request.args.get(name)},
        to_review=sum(operations.count_pending(g.session, group_id).values()),
        can_change=may_change(group_id),
    )


@CONSOLE.get("/organise/people/groups/<int:group_id>/people.csv")
@access.needs("viewer", group=operations.groups_of_group)
def send_people(group_id: int) -> Response:
    """Those of a group's people who fit what is asked, to take along."""
    group = operations.find_group(g.session, group_id)
    asked, _ = read_query()
    rows = people.list_rows(g.session, group_id, wanted_of(asked), now=g.now)
    return csv_answer(f"people-of-{group.name}", people.COLUMNS, rows)


@CONSOLE.get("/organise/people/groups/<int:group_id>/duplicates")
@access.needs("viewer", group=operations.groups_of_group)
def show_duplicates(group_id: int) -> str:
    """Entries that may be one person."""
    return render_template(
        "signups/console/duplicates.html",
        group=operations.find_group(g.session, group_id),
        tab="people",
        pairs=people.list_pairs(g.session, group_id),
        can_change=may_change(group_id),
        said=request.args,
    )


@CONSOLE.get("/organise/people/<int:person_id>")
@access.needs("viewer", group=operations.group_of_person)
def show_person(person_id: int) -> AnyResponse | str:
    """All that a group knows of somebody; who was merged is found under their one entry."""
    owner = people.owner_of_entry(g.session, person_id)
    if owner != person_id:
        return redirect(url_for(".show_person", person_id=owner))
    return person_page(person_id)


@CONSOLE.post("/organise/people/<int:person_id>/notes")
@access.needs("organiser", group=operations.group_of_person)
def add_note(person_id: int) -> AnyResponse:
    """Write a note."""
    typed = read(person_id, NoteForm())
    people.add_note(g.session, person_id, typed["words"], by=g.who.name, now=g.now)
    return back(person_id, "notes")


@CONSOLE.post("/organise/people/<int:person_id>/notes/drop")
@access.needs("organiser", group=operations.group_of_person)
def drop_note(person_id: int) -> AnyResponse:
    """Delete a note."""
    people.drop_note(g.session, person_id, read(person_id, OneForm())["number"])
    return back(person_id, "notes")


@CONSOLE.post("/organise/people/<int:person_id>/tags")
@access.needs("organiser", group=operations.group_of_person)
def add_tag(person_id: int) -> AnyResponse:
    """Give a tag."""
    people.add_tag(g.session, person_id, read(person_id, TagForm())["tag"])
    return back(person_id, "tags")


@CONSOLE.post("/organise/people/<int:person_id>/tags/drop")
@access.needs("organiser", group=operations.group_of_person)
def drop_tag(person_id: int) -> AnyResponse:
    """Take a tag off."""
    people.drop_tag(g.session, person_id, read(person_id, TagForm())["tag"])
    return back(person_id, "tags")


@CONSOLE.post("/organise/people/<int:person_id>/trainings")
@access.needs("organiser", group=operations.group_of_person)
def mark_training(person_id: int) -> AnyResponse:
    """Note that somebody completed a training."""
    title = read(person_id, TrainingForm())["title"]
    people.mark_training(g.session, person_id, title, by=g.who.name, now=g.now)
    return back(person_id, "trainings")


@CONSOLE.post("/organise/people/<int:person_id>/trainings/drop")
@access.needs("organiser", group=operations.group_of_person)
def unmark_training(person_id: int) -> AnyResponse:
    """Take that back."""
    people.unmark_training(g.session, person_id, read(person_id, TrainingForm())["title"])
    return back(person_id, "trainings")


@CONSOLE.post("/organise/people/<int:person_id>/merge")
@access.needs("organiser", group=operations.group_of_person)
def merge(person_id: int) -> AnyResponse:
    """Make another entry of the same group one with this person."""
    other = read(person_id, OneForm())["number"]
    people.merge_people(g.session, person_id, other, by=g.who.name, now=g.now)
    return redirect(url_for(".show_person", person_id=person_id, merged=1), 303)


@CONSOLE.post("/organise/people/<int:person_id>/part")
@access.needs("organiser", group=operations.group_of_person)
def undo_merge(person_id: int) -> AnyResponse:
    """Part two entries again."""
    number = read(person_id, OneForm())["number"]
    gone = people.undo_merge(g.session, person_id, number, now=g.now)
    return redirect(url_for(".show_person", person_id=gone, parted=1), 303)


@CONSOLE.post("/organise/people/<int:person_id>/apart")
@access.needs("organiser", group=operations.group_of_person)
def tell_apart(person_id: int) -> AnyResponse:
    """Note that another entry is somebody else."""
    other = read(person_id, OneForm())["number"]
    people.tell_apart(g.session, person_id, other, by=g.who.name, now=g.now)
    (group_id,) = operations.group_of_person(g.session, person_id)
    return redirect(url_for(".show_duplicates", group_id=group_id, apart=1), 303)


def read_query() -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Return what is asked, and what of it was wrong and is left out."""
    try:
        return dict(PeopleQuery().load(request.args)), {}
    except ValidationError as error:
        right: dict[str, Any] = {
            name: value for name, value in request.args.items() if name not in error.messages_dict
        }
        return dict(PeopleQuery().load(right)), error.messages_dict


def wanted_of(asked: dict[str, Any]) -> people.Wanted:
    """Return who is looked for."""
    return people.Wanted(**{name: asked[name] for name in FILTERS})


def read(person_id: int, schema: Schema) -> dict[str, Any]:
    """Return what was typed about somebody; what is wrong is said on their page."""
    again: Callable[[dict[str, list[str]]], str] = lambda errors: person_page(  # noqa: E731
        people.owner_of_entry(g.session, person_id), errors
    )
    typed: dict[str, Any] = web.read_form(schema, again)
    return typed


def back(person_id: int, part: str) -> AnyResponse:
    """Lead back to a part of somebody's page."""
    owner = people.owner_of_entry(g.session, person_id)
    return redirect(url_for(".show_person", person_id=owner, _anchor=part), 303)


def person_page(person_id: int, errors: dict[str, list[str]] | None = None) -> str:
    """Return somebody's page."""
    known = people.show_person(g.session, person_id)
    group_id = known.person.group_id
    return render_template(
        "signups/console/person.html",
        known=known,
        person=known.person,
        is_unreached=bool(operations.unreached_people(g.session, [person_id])),
        group=operations.find_group(g.session, group_id),
        tab="people",
        fields={name: form.fields[name] for name, form in FORMS.items()},
        errors=errors or {},
        typed=request.form,
        said=request.args,
        can_change=may_change(group_id),
    )


def may_change(group_id: int) -> bool:
    """Tell whether whoever asks may do more than look."""
    return g.who.is_administrator or group_id in g.who.groups("organiser")
