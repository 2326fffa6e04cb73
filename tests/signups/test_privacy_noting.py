"""An erasure outlives a restore: it is noted outside the databases, and applied again."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.signups.commands import COMMANDS
from services.signups.models import Erasure, Person, Signup
from services.signups.operations import privacy
from shared import addresses, messages
from shared.database import Database
from tests.entering import SESSION_PUBLIC_KEY
from tests.signups import making
from tests.signups.making import LATER, NOW, make_shift, told, violations

ADDRESS = "ada.example@mail.example"


@pytest.fixture
def file(db: Database, tmp_path: Path) -> Path:
    """Where the service of these tests notes erasures."""
    path = tmp_path / "erasures.jsonl"
    db.info["settings"] = making.make_settings(db.url, erasures_path=str(path))
    return path


def sign_up_ada(db: Database) -> int:
    """Let Ada sign up; return the shift."""
    with db.writing() as session:
        shift = make_shift(session, capacity=5)
        making.sign_up(session, shift, "Ada Example")
    return shift


def erase(session: Session, name: str = "Ada Example") -> None:
    people = session.scalars(select(Person).where(Person.name == name)).all()
    privacy.erase_people(session, people, now=LATER)


def note_for(session: Session, person_id: int, address: str, **facts: object) -> str:
    """Return a line as the erasure of this person would have left it."""
    return json.dumps(
        {
            "id": "5b0f6f3c-6f0a-4c57-9f43-0a8e2a1f7c21",
            "at": LATER.isoformat(),
            "person_ids": [person_id],
            "signup_ids": [1],
            "addresses": [addresses.digest(address, key="a" * 40)],
            **facts,
        }
    )


def apply(db: Database) -> int:
    with db.writing() as session:
        return privacy.apply_noted(session, now=LATER + timedelta(hours=1))


def names_in(db: Database) -> list[str]:
    with db.reading() as session:
        return list(session.scalars(select(Person.name).order_by(Person.id)))


def test_an_erasure_is_noted_in_numbers_only(db: Database, file: Path) -> None:
    sign_up_ada(db)

    with db.writing() as session:
        erase(session)

    (line,) = file.read_text().splitlines()
    noted = json.loads(line)
    assert (noted["person_ids"], noted["signup_ids"]) == ([1], [1])
    assert noted["addresses"] == [addresses.digest(ADDRESS, key="a" * 40)]
    # The id is at random, and "ada" is hexadecimal, too.
    assert "ada" not in line.lower().replace(noted["id"], "")
    assert file.stat().st_mode & 0o077 == 0


def test_whom_a_restore_brings_back_is_erased_again(db: Database, file: Path) -> None:
    shift = sign_up_ada(db)
    with db.writing() as session:
        erase(session)
        kept = file.read_text()
        # As a restored database has it: the erasure never happened.
        session.rollback()
    assert names_in(db) == ["Ada Example"]
    file.write_text(kept)

    assert apply(db) == 1

    assert names_in(db) == []
    with db.reading() as session:
        (news,) = told(session, messages.PersonErased)
        assert news.signup_ids == (1,)
        assert making.totals(session, shift) == (0, 0)
        assert violations(session) == []
    assert apply(db) == 0
    assert file.read_text() == kept


def test_the_others_are_told_even_if_nobody_came_back_here(db: Database, file: Path) -> None:
    with db.writing() as session:
        make_shift(session)
        file.write_text(note_for(session, 77, ADDRESS) + "\n")

    assert apply(db) == 1

    with db.reading() as session:
        assert len(told(session, messages.PersonErased)) == 1


def test_a_number_that_is_anothers_by_now_stays(db: Database, file: Path) -> None:
    sign_up_ada(db)
    with db.writing() as session:
        file.write_text(note_for(session, 1, "eve@mail.example") + "\n")

    apply(db)

    assert names_in(db) == ["Ada Example"]


def test_who_signed_up_anew_since_stays(db: Database, file: Path) -> None:
    sign_up_ada(db)
    with db.writing() as session:
        before = (NOW - timedelta(days=1)).isoformat()
        file.write_text(note_for(session, 1, ADDRESS, at=before) + "\n")

    apply(db)

    assert names_in(db) == ["Ada Example"]


def test_a_line_that_was_torn_spoils_no_other(db: Database, file: Path) -> None:
    sign_up_ada(db)
    file.write_text('{"id":"5b0f6f3c-6f0a-4c57')

    with db.writing() as session:
        erase(session)
        session.rollback()

    assert apply(db) == 1
    assert names_in(db) == []


def test_without_a_place_for_the_file_erasing_works_all_the_same(db: Database) -> None:
    sign_up_ada(db)

    with db.writing() as session:
        erase(session)

    assert names_in(db) == []


def test_an_erasure_whose_note_cannot_be_written_does_not_happen(
    db: Database, tmp_path: Path
) -> None:
    sign_up_ada(db)
    gone = tmp_path / "not-mounted" / "erasures.jsonl"
    db.info["settings"] = making.make_settings(db.url, erasures_path=str(gone))

    with pytest.raises(FileNotFoundError), db.writing() as session:
        erase(session)

    assert names_in(db) == ["Ada Example"]
    with db.reading() as session:
        assert session.scalars(select(Erasure)).all() == []


@pytest.mark.parametrize("database_of", ["sqlite"], indirect=True)
def test_ops_list_and_apply_them(db: Database, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "DATABASE_URL": db.url,
        "SECRET_KEY": "s" * 40,
        "ADDRESS_KEY": "a" * 40,
        "ERASURES_PATH": str(file),
        "SESSION_PUBLIC_KEY": SESSION_PUBLIC_KEY,
    }.items():
        monkeypatch.setenv(name, value)

    def muster(*typed: str) -> str:
        done = CliRunner().invoke(click.Group(commands=list(COMMANDS)), typed)
        assert done.exit_code == 0, (done.output, done.exception)
        return done.output

    assert "Nobody was erased" in muster("erasures", "list")
    sign_up_ada(db)
    with db.writing() as session:
        erase(session)
        session.rollback()
    assert "to be applied" in muster("erasures", "list")
    assert muster("erasures", "apply") == "1 applied.\n"
    assert muster("erasures", "apply") == "There was nothing to apply.\n"
    assert "waits for the other services" in muster("erasures", "list")
    with db.reading() as session:
        assert session.scalars(select(Signup.name)).all() == [""]
