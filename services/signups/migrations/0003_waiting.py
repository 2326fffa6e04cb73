"""Offers, holds, wishes, switches and transfers; people belong to a group."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from shared.columns import BigKey, UtcDateTime

revision = "signups_0003"
down_revision = "signups_0002"
branch_labels = None
depends_on = None

LIVE = sa.text("state IN ('pending', 'placed', 'waiting', 'offered')")
LIVE_BEFORE = sa.text("state IN ('placed', 'waiting')")
OFFERED = sa.text("offer_until IS NOT NULL")
HELD = sa.text("held_until IS NOT NULL")
STATES = (
    "state IN ('pending', 'placed', 'waiting', 'offered', 'cancelled', 'declined', 'lapsed', "
    "'transferred', 'closed')"
)
STATES_BEFORE = "state IN ('pending', 'placed', 'waiting', 'cancelled', 'closed')"


def upgrade() -> None:
    """Widen what is there, then add what is new."""
    widen_events_and_shifts()
    give_people_their_group()
    widen_signups()
    with op.batch_alter_table("ledger", table_kwargs={"sqlite_autoincrement": True}) as ledger:
        ledger.add_column(
            sa.Column("by_hand", sa.Boolean, server_default=sa.false(), nullable=False)
        )
        ledger.add_column(sa.Column("reason", sa.Text, server_default="", nullable=False))
        ledger.drop_constraint(op.f("ck_ledger_given_while_free"), type_="check")
        ledger.create_check_constraint(
            op.f("ck_ledger_given_while_free"),
            "change <= 0 OR by_hand OR capacity_then IS NULL OR taken_after <= capacity_then",
        )
    create_erasures()


def create_erasures() -> None:
    """Who was forgotten, in numbers."""
    op.create_table(
        "erasures",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("person_ids", sa.JSON, nullable=False),
        sa.Column("signup_ids", sa.JSON, nullable=False),
        sa.Column("addresses", sa.JSON, nullable=False),
        sa.Column("events_done_at", UtcDateTime),
        sa.Column("notifications_done_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
    )
    op.create_index("ix_erasures_at", "erasures", ["at"])


def widen_events_and_shifts() -> None:
    """What organisers want of an event's sign-ups, and where its shifts are."""
    with op.batch_alter_table("events") as events:
        events.add_column(sa.Column("verification", sa.Text, server_default="soft", nullable=False))
        events.add_column(sa.Column("promotion", sa.Text, server_default="by_time", nullable=False))
        events.add_column(
            sa.Column("waiting_list", sa.Boolean, server_default=sa.true(), nullable=False)
        )
        events.create_check_constraint(
            op.f("ck_events_verification"), "verification IN ('off', 'soft', 'strict')"
        )
        events.create_check_constraint(
            op.f("ck_events_promotion"),
            "promotion IN ('by_time', 'at_once', 'offers', 'by_hand')",
        )
    op.add_column("shifts", sa.Column("latitude", sa.Float))
    op.add_column("shifts", sa.Column("longitude", sa.Float))


def give_people_their_group() -> None:
    """Who signed up with two groups becomes two people: each group answers for its own."""
    with op.batch_alter_table("people", table_kwargs={"sqlite_autoincrement": True}) as people:
        people.add_column(sa.Column("group_id", BigKey))
        people.add_column(sa.Column("phone", sa.Text, server_default="", nullable=False))
        people.add_column(sa.Column("postcode", sa.Text, server_default="", nullable=False))
        people.add_column(sa.Column("verified_at", UtcDateTime))
    group_of_signup = """
        SELECT events.group_id FROM signups
        JOIN shifts ON shifts.id = signups.shift_id
        JOIN events ON events.id = shifts.event_id
        WHERE signups.person_id = people.id
        ORDER BY signups.id LIMIT 1
    """
    op.execute(f"UPDATE people SET group_id = ({group_of_signup})")  # noqa: S608
    op.execute("DELETE FROM people WHERE group_id IS NULL")
    op.execute(
        """
        INSERT INTO people (group_id, email, name, created_at)
        SELECT DISTINCT events.group_id, people.email, people.name, people.created_at
        FROM people
        JOIN signups ON signups.person_id = people.id
        JOIN shifts ON shifts.id = signups.shift_id
        JOIN events ON events.id = shifts.event_id
        WHERE events.group_id <> people.group_id
        """
    )
    op.execute(
        """
        UPDATE signups SET person_id = (
            SELECT MIN(own.id) FROM people AS own, people AS first, shifts, events
            WHERE first.id = signups.person_id
              AND shifts.id = signups.shift_id AND events.id = shifts.event_id
              AND own.group_id = events.group_id
              AND own.email = first.email AND own.name = first.name
        ) WHERE person_id IS NOT NULL
        """
    )
    with op.batch_alter_table("people", table_kwargs={"sqlite_autoincrement": True}) as people:
        people.alter_column("group_id", existing_type=BigKey, nullable=False)
        people.create_foreign_key(op.f("fk_people_group_id"), "groups", ["group_id"], ["id"])
    op.create_index("ix_people_group_id_email", "people", ["group_id", "email"])


def widen_signups() -> None:
    """Offers, holds, wishes, and where somebody came from."""
    op.drop_index("uq_signups_live", "signups")
    with op.batch_alter_table("signups", table_kwargs={"sqlite_autoincrement": True}) as signups:
        for column in signup_columns():
            signups.add_column(column)
        for name in ("state", "review", "person"):
            signups.drop_constraint(op.f(f"ck_signups_{name}"), type_="check")
        for name, condition in {
            "state": STATES,
            "wish": "wish IN ('usual', 'place', 'ask', 'not_on_the_day')",
            "pending": "(state = 'pending') = (review <> '' OR held_until IS NOT NULL)",
            "offered": "(state = 'offered') = (offer_until IS NOT NULL)",
            "person": "(review <> '' OR erased_at IS NOT NULL) = (person_id IS NULL)",
        }.items():
            signups.create_check_constraint(op.f(f"ck_signups_{name}"), condition)
        for name in ("replaces_id", "friend_of"):
            signups.create_foreign_key(op.f(f"fk_signups_{name}"), "signups", [name], ["id"])
    op.create_index("ix_signups_replaces_id", "signups", ["replaces_id"])
    for name, columns, rows, unique in (
        ("uq_signups_live", ["shift_id", "person_id"], LIVE, True),
        ("ix_signups_offer_until", ["offer_until"], OFFERED, False),
        ("ix_signups_held_until", ["held_until"], HELD, False),
    ):
        op.create_index(
            name,
            "signups",
            columns,
            unique=unique,
            postgresql_where=rows,
            sqlite_where=rows,
        )


def signup_columns() -> list[sa.Column[Any]]:
    """Return what a sign-up has besides."""
    words = {"wish": "usual"}
    return [
        *(sa.Column(name, UtcDateTime) for name in ("held_until", "offer_until", "skipped_since")),
        *(sa.Column(name, UtcDateTime) for name in ("late_told_at", "verified_at", "erased_at")),
        *(sa.Column(name, BigKey) for name in ("replaces_id", "friend_of")),
        *(
            sa.Column(name, sa.Integer, server_default="0", nullable=False)
            for name in ("skips", "transfer_number", "transfers")
        ),
        *(
            sa.Column(name, sa.Text, server_default=words.get(name, ""), nullable=False)
            for name in ("wish", "doubt", "attending", "source", "reason")
        ),
    ]


def downgrade() -> None:
    """Go back, as far as the earlier tables can hold what there is; live offers become waiting."""
    op.drop_table("erasures")
    narrow_ledger_and_signups()
    with op.batch_alter_table("people", table_kwargs={"sqlite_autoincrement": True}) as people:
        people.drop_index("ix_people_group_id_email")
        people.drop_constraint("fk_people_group_id", type_="foreignkey")
        for name in ("verified_at", "postcode", "phone", "group_id"):
            people.drop_column(name)
    for name in ("longitude", "latitude"):
        op.drop_column("shifts", name)
    with op.batch_alter_table("events") as events:
        for name in ("promotion", "verification"):
            events.drop_constraint(op.f(f"ck_events_{name}"), type_="check")
        for name in ("waiting_list", "promotion", "verification"):
            events.drop_column(name)


def narrow_ledger_and_signups() -> None:
    """Let states that are not known there end as what comes nearest."""
    for name in ("uq_signups_live", "ix_signups_offer_until", "ix_signups_held_until"):
        op.drop_index(name, "signups")
    op.drop_index("ix_signups_replaces_id", "signups")
    op.execute(
        "DELETE FROM consents WHERE signup_id IN (SELECT id FROM signups WHERE review <> '')"
    )
    op.execute(
        "DELETE FROM ledger WHERE signup_id IN (SELECT id FROM signups WHERE person_id IS NULL)"
    )
    op.execute("DELETE FROM signups WHERE review <> '' OR person_id IS NULL")
    with op.batch_alter_table("signups", table_kwargs={"sqlite_autoincrement": True}) as signups:
        for name in ("state", "wish", "pending", "offered", "person"):
            signups.drop_constraint(op.f(f"ck_signups_{name}"), type_="check")
        for name in ("replaces_id", "friend_of"):
            signups.drop_constraint(f"fk_signups_{name}", type_="foreignkey")
        for column in signup_columns():
            signups.drop_column(column.name)
    op.execute("UPDATE signups SET state = 'placed' WHERE state IN ('pending', 'offered')")
    op.execute(
        "UPDATE signups SET state = 'cancelled' "
        "WHERE state IN ('declined', 'lapsed', 'transferred')"
    )
    with op.batch_alter_table("signups", table_kwargs={"sqlite_autoincrement": True}) as signups:
        signups.create_check_constraint(op.f("ck_signups_state"), STATES_BEFORE)
        signups.create_check_constraint(
            op.f("ck_signups_review"), "(state = 'pending') = (review <> '')"
        )
        signups.create_check_constraint(
            op.f("ck_signups_person"), "(state = 'pending') = (person_id IS NULL)"
        )
    op.create_index(
        "uq_signups_live",
        "signups",
        ["shift_id", "person_id"],
        unique=True,
        postgresql_where=LIVE_BEFORE,
        sqlite_where=LIVE_BEFORE,
    )
    with op.batch_alter_table("ledger", table_kwargs={"sqlite_autoincrement": True}) as ledger:
        ledger.drop_constraint(op.f("ck_ledger_given_while_free"), type_="check")
        ledger.drop_column("reason")
        ledger.drop_column("by_hand")
