"""What a form and a program may say of a person."""

from __future__ import annotations

import pytest

from services.signups.schemas import SignupDetails


@pytest.mark.parametrize(
    "name",
    [
        *("win.example", "Ada win.example/now", "http://x", "WWW.x", "a@b", "t.me/win", "<b>Ada"),
        *("Grüße.example", "xn--win.example"),
    ],
)
def test_a_name_is_no_place_for_advertising(name: str) -> None:
    found = SignupDetails().validate({"name": name, "email": "ada@mail.example"})

    assert found == {"name": ["Enter your name without web or email addresses."]}


@pytest.mark.parametrize(
    "name", ["J.Smith", "J. R. R. Tolkien", "St. John", "O’Neill-Jones", "Ada", "李", "Martin Jr."]
)
def test_people_may_have_the_names_they_have(name: str) -> None:
    assert SignupDetails().validate({"name": name, "email": "ada@mail.example"}) == {}
