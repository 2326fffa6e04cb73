"""People, their sign-ups, and copies of the groups, events and shifts they sign up for."""

import sqlalchemy as sa
from alembic import op

from shared.columns import BigKey, UtcDateTime

revision = "signups_0001"
down_revision = None
branch_labels = ("signups",)

LIVE = sa.text("state IN ('placed', 'waiting')")


def upgrade() -> None:
    op.create_table(
        "groups",
        sa.Column("id", BigKey, autoincrement=False, nullable=False),
        sa.Column("revision", BigKey, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("privacy_url", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_groups"),
    )
    op.create_table(
        "events",
        sa.Column("id", BigKey, autoincrement=False, nullable=False),
        sa.Column("revision", BigKey, nullable=False),
        sa.Column("group_id", BigKey, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("contact_name", sa.Text, nullable=False),
        sa.Column("contact_email", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_events_group_id"),
    )
    op.create_index("ix_events_group_id", "events", ["group_id"])
    op.create_table(
        "shifts",
        sa.Column("id", BigKey, autoincrement=False, nullable=False),
        sa.Column("event_id", BigKey, nullable=False),
        sa.Column("revision", BigKey, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("postcode", sa.Text, nullable=False),
        sa.Column("starts_at", UtcDateTime, nullable=False),
        sa.Column("ends_at", UtcDateTime, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("capacity", sa.Integer),
        sa.Column("closes_at", UtcDateTime, nullable=False),
        sa.Column("cancelled", sa.Boolean, nullable=False),
        sa.Column("taken", sa.Integer, nullable=False, server_default="0"),
        sa.Column("waiting", sa.Integer, nullable=False, server_default="0"),
        sa.Column("places_revision", BigKey, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_shifts"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_shifts_event_id"),
        sa.CheckConstraint("taken >= 0 AND waiting >= 0", name=op.f("ck_shifts_totals")),
        sa.CheckConstraint("capacity IS NULL OR capacity >= 1", name=op.f("ck_shifts_capacity")),
    )
    op.create_index("ix_shifts_event_id", "shifts", ["event_id"])
    op.create_table(
        "people",
        sa.Column("id", BigKey, autoincrement=True, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_people_email", "people", ["email"])
    op.create_table(
        "signups",
        sa.Column("id", BigKey, autoincrement=True, nullable=False),
        sa.Column("revision", BigKey, nullable=False),
        sa.Column("shift_id", BigKey, nullable=False),
        sa.Column("person_id", BigKey),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("party", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("postcode", sa.Text, nullable=False),
        sa.Column("review", sa.Text, nullable=False, server_default=""),
        sa.Column("link_number", sa.Integer, nullable=False, server_default="1"),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_signups"),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name="fk_signups_shift_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_signups_person_id"),
        sa.CheckConstraint(
            "state IN ('pending', 'placed', 'waiting', 'cancelled', 'closed')",
            name=op.f("ck_signups_state"),
        ),
        sa.CheckConstraint("party BETWEEN 1 AND 20", name=op.f("ck_signups_party")),
        sa.CheckConstraint("(state = 'pending') = (review <> '')", name=op.f("ck_signups_review")),
        sa.CheckConstraint(
            "(state = 'pending') = (person_id IS NULL)", name=op.f("ck_signups_person")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_signups_live",
        "signups",
        ["shift_id", "person_id"],
        unique=True,
        postgresql_where=LIVE,
        sqlite_where=LIVE,
    )
    op.create_index("ix_signups_waiting", "signups", ["shift_id", "state", "id"])
    op.create_index("ix_signups_person_id", "signups", ["person_id"])
    op.create_table(
        "consents",
        sa.Column("id", BigKey, autoincrement=True, nullable=False),
        sa.Column("signup_id", BigKey, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("wording", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("given_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
        sa.ForeignKeyConstraint(["signup_id"], ["signups.id"], name="fk_consents_signup_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_consents_signup_id", "consents", ["signup_id"])
    op.create_table(
        "ledger",
        sa.Column("id", BigKey, autoincrement=True, nullable=False),
        sa.Column("shift_id", BigKey, nullable=False),
        sa.Column("signup_id", BigKey, nullable=False),
        sa.Column("change", sa.Integer, nullable=False),
        sa.Column("taken_after", sa.Integer, nullable=False),
        sa.Column("capacity_then", sa.Integer),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger"),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name="fk_ledger_shift_id"),
        sa.ForeignKeyConstraint(["signup_id"], ["signups.id"], name="fk_ledger_signup_id"),
        sa.CheckConstraint(
            "change <= 0 OR capacity_then IS NULL OR taken_after <= capacity_then",
            name=op.f("ck_ledger_given_while_free"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ledger_shift_id", "ledger", ["shift_id"])
    op.create_index("ix_ledger_signup_id", "ledger", ["signup_id"])


def downgrade() -> None:
    for table in ("ledger", "consents", "signups", "people", "shifts", "events", "groups"):
        op.drop_table(table)
