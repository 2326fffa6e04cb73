"""Importing events and shifts from a CSV file: looked at first, applied as a whole, undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, Response, g, jsonify, make_response, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from shared import access, paths
from shared.downloads import csv_answer
from shared.web import FormNotAccepted

from ..models import Import
from ..operations import imports
from ..operations.belonging import groups_of_group, groups_of_import
from ..operations.stored import find_group
from ..rules import import_columns
from ..rules import imports as rules
from ..schemas.imports import UploadForm

IMPORTS = Blueprint("imports", __name__)
BUSY = ("uploaded", "due")
NO_FILE = "Choose a CSV file."


@IMPORTS.get("/organise/groups/<int:group_id>/import")
@access.needs("organiser", group=groups_of_group)
def show_form(group_id: int) -> str:
    """The form that takes a list, what its columns mean, and earlier imports."""
    return form_page(group_id, {})


@IMPORTS.post("/organise/groups/<int:group_id>/import")
@access.needs(
    "organiser", group=groups_of_group, body_limit=paths.LARGER_BODIES[paths.IMPORT_OF_EVENTS]
)
def upload(group_id: int) -> AnyResponse:
    """Take in a list."""
    file = request.files.get("file")
    with refused_beside("file", lambda errors: form_page(group_id, errors)):
        if file is None or not file.filename:
            raise rules.ListIsUnreadable(NO_FILE)
        found = imports.start_import(
            g.session, group_id, name=file.filename, content=file.read(), now=g.now
        )
    return redirect(url_for("imports.show_import", import_id=found.id), 303)


@IMPORTS.get("/organise/groups/<int:group_id>/import/template.csv")
@access.needs("organiser", group=groups_of_group)
def send_template(group_id: int) -> Response:
    """A list with the names of the columns and two examples."""
    find_group(g.session, group_id)
    header, *examples = import_columns.template_rows()
    return csv_answer("events-to-import", header, examples)


@IMPORTS.get("/organise/imports/<int:import_id>")
@access.needs("organiser", group=groups_of_import)
def show_import(import_id: int) -> Response:
    """What each row would do, or did; while a worker is at it, how far it is."""
    found = imports.find_import(g.session, import_id)
    page = min(max(request.args.get("page", default=1, type=int), 1), 1000)
    only = request.args.get("only", "")
    rows, more = imports.read_rows(g.session, import_id, page=page, action=only)
    return make_response(
        render_template(
            "events/console/import.html",
            group=found.group,
            tab="import",
            found=found,
            busy=found.state in BUSY,
            counts=imports.count_actions(g.session, import_id),
            actions=rules.ACTIONS,
            can_be_undone=imports.can_be_undone(g.session, found),
            **{"rows": rows, "more": more, "page": page, "only": only},
        )
    )


@IMPORTS.get("/organise/imports/<int:import_id>/progress.json")
@access.needs("organiser", group=groups_of_import)
def show_progress(import_id: int) -> Response:
    """How far a worker is, for the script of the page."""
    found = imports.find_import(g.session, import_id)
    return jsonify(busy=found.state in BUSY, done=found.done, total=found.total, words=words(found))


@IMPORTS.post("/organise/imports/<int:import_id>/apply")
@access.needs("organiser", group=groups_of_import)
def apply(import_id: int) -> AnyResponse:
    """Let a worker apply an import."""
    imports.ask_to_apply(g.session, import_id, publish="publish" in request.form, now=g.now)
    return redirect(url_for("imports.show_import", import_id=import_id), 303)


@IMPORTS.post("/organise/imports/<int:import_id>/undo")
@access.needs("organiser", group=groups_of_import)
def undo(import_id: int) -> AnyResponse:
    """Delete the drafts that an import made."""
    imports.undo_import(g.session, import_id, now=g.now)
    return redirect(url_for("imports.show_import", import_id=import_id), 303)


def form_page(group_id: int, errors: dict[str, list[str]]) -> str:
    """Return the page with the form."""
    return render_template(
        "events/console/import_new.html",
        group=find_group(g.session, group_id),
        errors=errors,
        form=UploadForm(),
        columns=import_columns.COLUMNS,
        most_rows=rules.MOST_ROWS,
        imports=imports.list_imports(g.session, group_id),
    )


@contextmanager
def refused_beside(field: str, again: Callable[[dict[str, list[str]]], Any]) -> Iterator[None]:
    """Show the form again with what was refused beside the field that it is about."""
    try:
        yield
    except rules.ListIsUnreadable as refusal:
        raise FormNotAccepted({field: [refusal.sentence]}, again) from refusal


@IMPORTS.app_template_global("import_words")
def words(found: Import) -> str:
    """Say in a sentence what a worker is doing with an import."""
    if found.done < found.total:
        return f"{found.done:,} of {found.total:,} rows checked"
    writing = "All rows are checked. Now they are written, all at once or not at all."
    return writing if found.state == "due" else "All rows are checked."
