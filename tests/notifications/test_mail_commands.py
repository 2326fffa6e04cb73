"""What ops type about what came back, and about addresses that are held back."""

from __future__ import annotations

import json

from click.testing import CliRunner, Result

from services.notifications.commands.mail import mail
from services.notifications.operations import bounces, suppressing
from shared.database import Database

from .making import NOW, receive
from .returned import as_mail, bounced
from .suppressed import held_back
from .test_erasing import erased

ADA = "ada@posts.example"


def types(muster: CliRunner, *words: str) -> Result:
    return muster.invoke(mail, words, catch_exceptions=False)


def hold_back(db: Database, email: str = ADA, covers: str = "all") -> None:
    with db.writing() as session:
        suppressing.suppress(session, email, covers, "550 5.1.1 unknown", now=NOW)


def test_what_came_back_is_counted_and_what_names_nobody_listed(
    db: Database, muster: CliRunner
) -> None:
    with db.writing() as session:
        for raw in (bounced(), as_mail(f"Subject: Away: {ADA}\n\nI am away")):
            bounces.keep_mail(session, raw, now=NOW)

    shown = types(muster, "bounces").output

    assert "     2  name no notice of ours" in shown
    assert "Undelivered Mail Returned to Sender" in shown
    assert "Away: (address)" in shown
    assert "@" not in shown
    counted = json.loads(types(muster, "bounces", "--json").output)
    assert (counted["hard"], counted["unknown"], len(counted["unknown_newest"])) == (0, 2, 2)


def test_addresses_that_are_held_back_are_listed(db: Database, muster: CliRunner) -> None:
    assert types(muster, "suppressed", "list").output == "No address is held back.\n"
    hold_back(db)
    hold_back(db, "ben@posts.example", "asks")

    rows = json.loads(types(muster, "suppressed", "list", "--json").output)

    assert {row["address"]: row["covers"] for row in rows} == {
        ADA: "all",
        "ben@posts.example": "asks",
    }
    assert types(muster, "suppressed", "list", "--page", "2").output == "No address is held back.\n"


def test_an_address_is_let_have_mail_again(db: Database, muster: CliRunner) -> None:
    hold_back(db)

    assert types(muster, "suppressed", "lift", ADA.upper()).exit_code == 0

    with db.reading() as session:
        assert held_back(session, ADA) == ""
    refused = types(muster, "suppressed", "lift", ADA)
    assert refused.exit_code == 1
    assert "This address is not held back." in refused.output


def test_who_was_erased_is_shown_without_the_address_and_lifted_by_it(
    db: Database, muster: CliRunner
) -> None:
    hold_back(db)
    receive(db, erased())

    assert "@" not in types(muster, "suppressed", "list").output
    assert types(muster, "suppressed", "lift", ADA).exit_code == 0
