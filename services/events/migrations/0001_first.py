"""Groups, events and shifts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.columns import BigKey, UtcDateTime

revision = "events_0001"
down_revision = None
branch_labels = ("events",)
depends_on = None


def upgrade() -> None:
    """Create the tables of the first version."""
    create_groups()
    create_events()
    create_shifts()


def create_groups() -> None:
    """Those who hold events."""
    op.create_table(
        "groups",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("revision", BigKey, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("contact_name", sa.Text, nullable=False),
        sa.Column("contact_email", sa.Text, nullable=False),
        sa.Column("privacy_url", sa.Text, nullable=False),
        sa.Column("imprint", sa.Text, nullable=False),
        sa.Column("signup_notices", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_groups"),
        sa.CheckConstraint(
            "signup_notices IN ('at_once', 'daily', 'off')", name="ck_groups_signup_notices"
        ),
        sqlite_autoincrement=True,
    )


def create_events() -> None:
    """What a group invites to."""
    op.create_table(
        "events",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("revision", BigKey, nullable=False),
        sa.Column("group_id", BigKey, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("contact_name", sa.Text, nullable=False),
        sa.Column("contact_email", sa.Text, nullable=False),
        sa.Column("published_at", UtcDateTime),
        sa.Column("cancel_reason", sa.Text, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_events_group_id"),
        sa.CheckConstraint(
            "kind IN ('action_day', 'campaign_and_train', 'training', 'community_project',"
            " 'fundraising', 'meeting')",
            name="ck_events_kind",
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'published', 'cancelled')", name="ck_events_status"
        ),
        sa.CheckConstraint(
            "status <> 'published' OR published_at IS NOT NULL", name="ck_events_published_at"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_group_id", "events", ["group_id"])


def create_shifts() -> None:
    """The times and meeting points of an event, with the totals copied from signups."""
    op.create_table(
        "shifts",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("event_id", BigKey, nullable=False),
        sa.Column("revision", BigKey, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("postcode", sa.Text, nullable=False),
        sa.Column("constituency", sa.Text, nullable=False),
        sa.Column("starts_at", UtcDateTime, nullable=False),
        sa.Column("ends_at", UtcDateTime, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("capacity", sa.Integer),
        sa.Column("closes_at", UtcDateTime, nullable=False),
        sa.Column("cancelled", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("taken", sa.Integer, server_default="0", nullable=False),
        sa.Column("waiting", sa.Integer, server_default="0", nullable=False),
        sa.Column("places_revision", BigKey, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_shifts"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_shifts_event_id"),
        sa.CheckConstraint("ends_at > starts_at", name="ck_shifts_ends_after_start"),
        sa.CheckConstraint("closes_at <= starts_at", name="ck_shifts_closes_by_start"),
        sa.CheckConstraint("capacity IS NULL OR capacity >= 1", name="ck_shifts_capacity"),
        sa.CheckConstraint("taken >= 0 AND waiting >= 0", name="ck_shifts_totals"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_shifts_event_id", "shifts", ["event_id"])
    op.create_index("ix_shifts_day_event_id", "shifts", ["day", "event_id"])
