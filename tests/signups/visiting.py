"""Visitors and programs as the tests have them act: they open the form, type, and send it."""

from __future__ import annotations

import html
import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared.database import Database
from tests.signups import making

TOKEN_FIELD = re.compile(r'name="form_token" value="([^"]+)"')


def open_shift(db: Database, **facts: Any) -> int:
    """Let the service hear of a shift in two weeks from now; return its number."""
    with db.writing() as session:
        return making.make_shift(session, now=db.now(session), **facts)


def signs_up(client: FlaskClient, shift: int, **typed: Any) -> TestResponse:
    """Open the form, fill it in and send it; return the answer, without going where it leads."""
    return client.post(f"/sign-up/{shift}", data=filled_in(client, shift, **typed))


def filled_in(client: FlaskClient, shift: int, **typed: Any) -> dict[str, Any]:
    """Open the form and return it filled in; None leaves a field out."""
    form = {
        "name": "Ada Example",
        "email": "ada.example@mail.example",
        "party": "1",
        "consent": "yes",
        "form_token": form_token(client, shift),
        "website": "",
        **typed,
    }
    return {name: value for name, value in form.items() if value is not None}


def form_token(client: FlaskClient, shift: int) -> str:
    """Open the form and return its token."""
    return token_in(client.get(f"/sign-up/{shift}").text)


def token_in(page: str) -> str:
    """Return the token of the form on a page."""
    found = TOKEN_FIELD.search(page)
    assert found, page
    return html.unescape(found[1])


def receipt_of(client: FlaskClient, answer: TestResponse) -> str:
    """Follow a sign-up that was taken to its receipt; return the page."""
    assert answer.status_code == 303, answer.text
    page = client.get(answer.headers["Location"])
    assert page.status_code == 200
    return page.text


def headline(page: str) -> str:
    """Return a page's main heading."""
    found = re.search(r"<h1>(.*?)</h1>", page)
    assert found, page
    return html.unescape(found[1])


def field_error(page: str, name: str) -> str:
    """Return what stands beside a field as its error; empty when there is none."""
    found = re.search(rf'id="field-{name}-error">(.*?)</p>', page, re.DOTALL)
    words = re.sub(r"<[^>]+>", "", found[1]) if found else ""
    return html.unescape(words).replace("Error: ", "").strip()


def my_path(db: Database, shift: int, name: str = "Ada Example") -> str:
    """Return the path of the link in somebody's mail."""
    with db.reading() as session:
        return f"/my/{making.token_of(session, making.signup_of(session, shift, name))}"


class Look:
    """What stands in the database; each question opens it afresh."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def ranks(self, shift: int) -> list[str]:
        """Return who has which state, by rank."""
        return self._ask(lambda session: making.ranks(session, shift))

    def totals(self, shift: int) -> tuple[int, int]:
        """Return places taken and sign-ups waiting."""
        return self._ask(lambda session: making.totals(session, shift))

    def news(self) -> list[str]:
        """Return what was told, totals left out."""
        return self._ask(making.news)

    def review(self, shift: int, name: str = "Ada Example") -> str:
        """Return why somebody's sign-up waits for a review."""
        return self._ask(lambda session: making.signup_of(session, shift, name).review)

    def violations(self) -> list[str]:
        """Return the promises that do not hold."""
        return self._ask(lambda session: making.violations(session, now=self._db.now(session)))

    def _ask(self, question: Any) -> Any:
        with self._db.reading() as session:
            return question(session)
