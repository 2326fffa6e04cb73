"""Copies of groups, events, shifts and sign-ups; notices; and the local mailbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.columns import BigKey, UtcDateTime

revision = "notifications_0001"
down_revision = None
branch_labels = ("notifications",)
depends_on = None

KINDS = (
    "'confirmation', 'waiting', 'promoted', 'repeated', 'changed', 'cancelled', 'closed', 'links', "
    "'new_signup', 'daily_signups'"
)
STATES = (
    "'planned', 'due', 'sending', 'sent', 'deferred', 'failed', 'suppressed', 'superseded', "
    "'missed', 'uncertain'"
)


def upgrade() -> None:
    """Create the tables of the first version."""
    create_copies_of_events()
    create_copies_of_signups()
    create_notices()
    create_ways_out()


def create_copies_of_events() -> None:
    """The words, times and places of mails."""
    op.create_table(
        "groups",
        sa.Column("id", BigKey, autoincrement=False, nullable=False),
        sa.Column("revision", BigKey, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("contact_name", sa.Text, nullable=False),
        sa.Column("contact_email", sa.Text, nullable=False),
        sa.Column("privacy_url", sa.Text, nullable=False),
        sa.Column("imprint", sa.Text, nullable=False),
        sa.Column("signup_notices", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_groups"),
    )
    op.create_table(
        "events",
        sa.Column("id", BigKey, autoincrement=False, nullable=False),
        sa.Column("revision", BigKey, nullable=False),
        sa.Column("group_id", BigKey, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
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
        sa.Column("revision", BigKey, nullable=False),
        sa.Column("event_id", BigKey, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("postcode", sa.Text, nullable=False),
        sa.Column("starts_at", UtcDateTime, nullable=False),
        sa.Column("ends_at", UtcDateTime, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("cancelled", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_shifts"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_shifts_event_id"),
    )
    op.create_index("ix_shifts_event_id", "shifts", ["event_id"])


def create_copies_of_signups() -> None:
    """As little of a person as a mail needs."""
    op.create_table(
        "signups",
        sa.Column("id", BigKey, autoincrement=False, nullable=False),
        sa.Column("revision", BigKey, nullable=False),
        sa.Column("event_id", BigKey, nullable=False),
        sa.Column("shift_id", BigKey, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("party", sa.Integer, nullable=False),
        sa.Column("first_name", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("had_place", sa.Boolean, nullable=False),
        sa.Column("calendar_uid", sa.Uuid, nullable=False),
        sa.Column("calendar_sequence", sa.Integer, nullable=False),
        sa.Column("daily_notice_key", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_signups"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_signups_event_id"),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name="fk_signups_shift_id"),
    )
    op.create_index("ix_signups_shift_id", "signups", ["shift_id"])
    op.create_index("ix_signups_daily_notice_key", "signups", ["daily_notice_key"])


def create_notices() -> None:
    """What is said to whom, when, and whether it arrived."""
    op.create_table(
        "notices",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("revision", BigKey, nullable=False),
        sa.Column("signup_id", BigKey),
        sa.Column("group_id", BigKey),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
        sa.Column("message_id", sa.Uuid, nullable=False),
        sa.Column("calendar_sequence", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("doubts", sa.Integer, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("due_at", UtcDateTime),
        sa.Column("lease_until", UtcDateTime),
        sa.Column("claim", sa.Uuid),
        sa.Column("began_at", UtcDateTime),
        sa.Column("sent_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint("key", name="uq_notices_key"),
        sa.ForeignKeyConstraint(["signup_id"], ["signups.id"], name="fk_notices_signup_id"),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_notices_group_id"),
        sa.CheckConstraint(f"kind IN ({KINDS})", name="ck_notices_kind"),
        sa.CheckConstraint(f"state IN ({STATES})", name="ck_notices_state"),
        sa.CheckConstraint(
            "(state = 'sending') = (lease_until IS NOT NULL)", name="ck_notices_lease"
        ),
        sa.CheckConstraint(
            "(due_at IS NOT NULL AND state IN ('planned', 'due', 'deferred', 'uncertain')) OR "
            "(due_at IS NULL AND state NOT IN ('planned', 'due', 'deferred'))",
            name="ck_notices_due",
        ),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="ck_notices_sent"),
        sqlite_autoincrement=True,
    )
    for column in ("kind", "signup_id", "state"):
        op.create_index(f"ix_notices_{column}", "notices", [column])
    is_pending, is_leased = sa.text("due_at IS NOT NULL"), sa.text("lease_until IS NOT NULL")
    op.create_index(
        "ix_notices_due_at",
        "notices",
        ["due_at", "id"],
        postgresql_where=is_pending,
        sqlite_where=is_pending,
    )
    op.create_index(
        "ix_notices_lease_until",
        "notices",
        ["lease_until"],
        postgresql_where=is_leased,
        sqlite_where=is_leased,
    )


def create_ways_out() -> None:
    """Addresses that do not exist, the pause of the channel, and the local mailbox."""
    op.create_table(
        "suppressed_addresses",
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("email", name="pk_suppressed_addresses"),
    )
    op.create_table(
        "channels",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("paused_until", UtcDateTime, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_channels"),
    )
    op.create_table(
        "mailbox",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("notice_id", BigKey, nullable=False),
        sa.Column("kept_at", UtcDateTime, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mailbox"),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name="fk_mailbox_notice_id"),
        sa.UniqueConstraint("notice_id", name="uq_mailbox_notice_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_mailbox_kept_at", "mailbox", ["kept_at"])
