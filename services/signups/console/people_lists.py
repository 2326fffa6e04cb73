"""Taking people in from a CSV file: the form, what each row would do, and the way back."""

from __future__ import annotations

from collections import Counter
from contextlib import closing

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from shared import access, paths
from shared.downloads import csv_answer
from shared.web import FormNotAccepted

from .. import operations
from ..operations import people
from ..rules import people_csv as rules

CONSOLE = Blueprint("console_people_lists", __name__)
LIMIT = paths.LARGER_BODIES[paths.IMPORT_OF_PEOPLE]
MOST_SHOWN = 200
EXAMPLE = ("Ada Example", "ada@mail.example", "020 7946 0018", "LN1 3AA", "driver; first-timer")


@CONSOLE.get("/organise/people/groups/<int:group_id>/import")
@access.needs("organiser", group=operations.groups_of_group)
def show_form(group_id: int) -> str:
    """The form that takes a list."""
    return form_page(group_id, {})


@CONSOLE.post("/organise/people/groups/<int:group_id>/import")
@access.needs("organiser", group=operations.groups_of_group, body_limit=LIMIT)
def upload(group_id: int) -> AnyResponse:
    """Take a list, and show what it would do."""
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise rules.ListIsUnreadable("Choose a CSV file.")
        # A larger one lies in a temporary file.
        with closing(file):
            content = file.read()
        found = people.start_import(
            g.session, group_id, name=file.filename, content=content, now=g.now
        )
    except rules.ListIsUnreadable as refusal:
        errors = {"file": [refusal.sentence]}
        raise FormNotAccepted(errors, lambda found: form_page(group_id, found)) from refusal
    return redirect(url_for(".show_import", people_import_id=found.id), 303)


@CONSOLE.get("/organise/people/groups/<int:group_id>/import/template.csv")
@access.needs("organiser", group=operations.groups_of_group)
def send_template(group_id: int) -> Response:
    """A list with the names of the columns and an example."""
    operations.find_group(g.session, group_id)
    return csv_answer("people-to-import", list(rules.COLUMNS), [EXAMPLE])


@CONSOLE.get("/organise/people/imports/<int:people_import_id>")
@access.needs("organiser", group=operations.group_of_people_import)
def show_import(people_import_id: int) -> str:
    """What each row of a list would do, what is wrong first; or what it did."""
    found = people.find_import(g.session, people_import_id)
    rows = people.look_at_rows(g.session, found) if found.body else []
    rows.sort(key=lambda row: (row.action != "problem", row.line))
    return render_template(
        "signups/console/people_import.html",
        group=operations.find_group(g.session, found.group_id),
        tab="people",
        found=found,
        **{"rows": rows[:MOST_SHOWN], "total": len(rows), "actions": rules.ACTIONS},
        counts=Counter(row.action for row in rows),
        said=request.args,
    )


@CONSOLE.post("/organise/people/imports/<int:people_import_id>/apply")
@access.needs("organiser", group=operations.group_of_people_import)
def apply(people_import_id: int) -> AnyResponse:
    """Take the people in."""
    people.apply_import(g.session, people_import_id, now=g.now)
    return redirect(url_for(".show_import", people_import_id=people_import_id), 303)


@CONSOLE.post("/organise/people/imports/<int:people_import_id>/undo")
@access.needs("organiser", group=operations.group_of_people_import)
def undo(people_import_id: int) -> AnyResponse:
    """Forget whom a list brought."""
    stay = people.undo_import(g.session, people_import_id, now=g.now)
    return redirect(url_for(".show_import", people_import_id=people_import_id, stay=stay), 303)


def form_page(group_id: int, errors: dict[str, list[str]]) -> str:
    """Return the page with the form."""
    return render_template(
        "signups/console/people_import_new.html",
        group=operations.find_group(g.session, group_id),
        tab="people",
        errors=errors,
        most_rows=rules.MOST_ROWS,
        most_kib=rules.MOST_BYTES // 1024,
        imports=people.list_imports(g.session, group_id),
    )
