"""Organisers who are signed in, for the tests of the console."""

from __future__ import annotations

from typing import Any

from flask import Flask

from services.events.models import Organiser
from shared.database import Database, insert
from tests.entering import SignedInClient, signed_in
from tests.events.making import NOW


def organiser_of(
    app: Flask, db: Database, *roles: tuple[int, str], organiser_id: int = 1
) -> SignedInClient:
    """Return the browser of somebody who is known here and holds these roles."""
    db.info["settings"] = app.config["SETTINGS"]
    # Far from the ids that the database gives to those whom the tests let in.
    number = 1000 + organiser_id
    row = {
        "id": number,
        "email": f"organiser{organiser_id}@fosse.example",
        "name": f"Organiser {organiser_id}",
        "created_at": NOW,
    }
    table: Any = Organiser.__table__
    with db.writing() as session:
        session.execute(insert(session, table).on_conflict_do_nothing(), row)
    return signed_in(app, db, *roles, organiser_id=number, name=row["name"])  # type: ignore[arg-type]


def text_of(answer: Any) -> str:
    """Return a page's text as a reader sees it, with plain spaces."""
    return str(answer.get_data(as_text=True)).replace("\u00a0", " ")
