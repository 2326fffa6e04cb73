"""A program signs people up for shifts of its own group only."""

from __future__ import annotations

import pytest
from flask import Flask

from shared.access import NETWORK
from shared.database import Database
from tests.entering import give_token, with_token
from tests.signups.visiting import Look, open_shift

ADA = {"name": "Ada Example", "email": "ada@mail.example", "consent": True}


def sign_up(app: Flask, token: str, shift: int) -> int:
    answer = with_token(app, token).post(
        "/api/signups",
        json={**ADA, "shift_id": shift},
        headers={"Idempotency-Key": f"key-of-{token}"},
    )
    return answer.status_code


@pytest.fixture
def look(db: Database) -> Look:
    return Look(db)


@pytest.mark.parametrize(
    "group_id, rights, status",
    [
        *((1, "sign-up", 201), (NETWORK, "sign-up", 201), (1, "read write sign-up", 201)),
        *((1, "read write", 403), (NETWORK, "read", 403)),
        *((2, "sign-up", 404), (2, "read", 403)),
    ],
)
def test_the_shift_must_be_of_the_tokens_group(
    app: Flask, db: Database, look: Look, group_id: int, rights: str, status: int
) -> None:
    shift = open_shift(db)
    token = give_token(db, "muster_of-one-group", group_id=group_id, rights=rights)
    assert sign_up(app, token, shift) == status
    assert look.totals(shift) == ((1, 0) if status == 201 else (0, 0))


@pytest.mark.parametrize("shift", [4711, 2**62, 2**70])
def test_a_shift_that_is_not_there_is_as_foreign_as_another_groups(
    app: Flask, db: Database, shift: int
) -> None:
    token = give_token(db, "muster_of-one-group", group_id=1, rights="sign-up")
    assert sign_up(app, token, shift) in (400, 404)
