"""What organisers write: mailings, enquiries and their answers, newcomers, and who organises."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.columns import BigKey, UtcDateTime

revision = "notifications_0007"
down_revision = "notifications_0006"
branch_labels = None
depends_on = None

OF_MAILING = sa.text("kind = 'mailing'")
WAITING = sa.text("send_at IS NOT NULL")
OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    """Make the tables, and let the notices of one mailing be found."""
    for name in ("representative_name", "representative_role"):
        op.add_column("groups", sa.Column(name, sa.Text, server_default="", nullable=False))
    op.create_index(
        "ix_notices_mailing",
        "notices",
        ["subject", "state"],
        postgresql_where=OF_MAILING,
        sqlite_where=OF_MAILING,
    )
    op.create_index("ix_signups_event_id", "signups", ["event_id"])
    create_organisers()
    create_mailings()
    create_enquiries()
    create_newcomers()


def create_organisers() -> None:
    """Where owners are told of what waits, and organisers try out what they wrote."""
    op.create_table(
        "organisers",
        sa.Column("organiser_id", BigKey, autoincrement=False, nullable=False),
        sa.Column("group_id", BigKey, autoincrement=False, nullable=False),
        sa.Column("revision", BigKey, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("organiser_id", "group_id", name="pk_organisers"),
    )
    op.create_index("ix_organisers_group_id", "organisers", ["group_id"])


def create_mailings() -> None:
    """What is written to many."""
    op.create_table(
        "mailings",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("group_id", BigKey, nullable=False),
        sa.Column("event_id", BigKey, nullable=False),
        sa.Column("shift_id", BigKey),
        sa.Column("audience", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("send_at", UtcDateTime),
        sa.Column("left_at", UtcDateTime),
        sa.Column("written_by", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mailings"),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_mailings_group_id"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_mailings_event_id"),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name="fk_mailings_shift_id"),
        sa.CheckConstraint("audience IN ('coming', 'waiting', 'all')", name="ck_mailings_audience"),
        sa.CheckConstraint("purpose IN ('practical', 'invitation')", name="ck_mailings_purpose"),
        sa.CheckConstraint(
            "state IN ('draft', 'scheduled', 'sending', 'sent', 'stopped')",
            name="ck_mailings_state",
        ),
        sa.CheckConstraint(
            "(state = 'scheduled') = (send_at IS NOT NULL)", name="ck_mailings_scheduled"
        ),
        sa.CheckConstraint(
            "(state IN ('sending', 'sent', 'stopped')) = (left_at IS NOT NULL)",
            name="ck_mailings_left",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_mailings_group_id", "mailings", ["group_id"])
    op.create_index("ix_mailings_event_id", "mailings", ["event_id"])
    op.create_index(
        "ix_mailings_send_at",
        "mailings",
        ["send_at"],
        postgresql_where=WAITING,
        sqlite_where=WAITING,
    )


def create_enquiries() -> None:
    """What people ask a group, and what they are answered."""
    op.create_table(
        "enquiries",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("nonce", sa.Text, nullable=False),
        sa.Column("group_id", BigKey, nullable=False),
        sa.Column("event_id", BigKey),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("suspicion", sa.Text, nullable=False),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.Column("late_told_at", UtcDateTime),
        sa.Column("done_at", UtcDateTime),
        sa.Column("done_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_enquiries"),
        sa.UniqueConstraint("nonce", name="uq_enquiries_nonce"),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_enquiries_group_id"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_enquiries_event_id"),
        sa.CheckConstraint(
            "state IN ('suspect', 'open', 'answered', 'elsewhere')", name="ck_enquiries_state"
        ),
        sa.CheckConstraint(
            "(state IN ('answered', 'elsewhere')) = (done_at IS NOT NULL)", name="ck_enquiries_done"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_enquiries_group_id", "enquiries", ["group_id", "state"])
    op.create_index("ix_enquiries_asked_at", "enquiries", ["asked_at"])
    op.create_table(
        "enquiry_answers",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("enquiry_id", BigKey, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("answered_by", sa.Text, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_enquiry_answers"),
        sa.ForeignKeyConstraint(
            ["enquiry_id"], ["enquiries.id"], name="fk_enquiry_answers_enquiry_id"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_enquiry_answers_enquiry_id", "enquiry_answers", ["enquiry_id"])


def create_newcomers() -> None:
    """Who is new with a group, and what newcomers are told there."""
    op.create_table(
        "newcomers",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("group_id", BigKey, nullable=False),
        sa.Column("signup_id", BigKey, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.Column("late_number", BigKey),
        sa.Column("done_at", UtcDateTime),
        sa.Column("done_by", sa.Text, nullable=False),
        sa.Column("done_how", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_newcomers"),
        sa.UniqueConstraint("signup_id", name="uq_newcomers_signup_id"),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_newcomers_group_id"),
        sa.ForeignKeyConstraint(["signup_id"], ["signups.id"], name="fk_newcomers_signup_id"),
        sa.CheckConstraint("state IN ('open', 'done')", name="ck_newcomers_state"),
        sa.CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="ck_newcomers_done"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_newcomers_group_id", "newcomers", ["group_id", "state"])
    op.create_index(
        "ix_newcomers_open", "newcomers", ["since"], postgresql_where=OPEN, sqlite_where=OPEN
    )
    op.create_table(
        "welcomes",
        sa.Column("group_id", BigKey, autoincrement=False, nullable=False),
        sa.Column("the_day", sa.Text, nullable=False),
        sa.Column("buddy_name", sa.Text, nullable=False),
        sa.Column("buddy_how", sa.Text, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("group_id", name="pk_welcomes"),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_welcomes_group_id"),
    )


def downgrade() -> None:
    """Drop what was written."""
    for table in (
        "welcomes",
        "newcomers",
        "enquiry_answers",
        "enquiries",
        "mailings",
        "organisers",
    ):
        op.drop_table(table)
    op.drop_index("ix_signups_event_id", "signups")
    op.drop_index("ix_notices_mailing", "notices")
    for name in ("representative_name", "representative_role"):
        op.drop_column("groups", name)
