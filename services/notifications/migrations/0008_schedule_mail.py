"""The weekly schedule mail: subscribers, news, places, runs; and where shifts are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.columns import BigKey, UtcDateTime

revision = "notifications_0008"
down_revision = "notifications_0007"
branch_labels = None
depends_on = None

IS_ON_THE_WAY = sa.text("next_due_at IS NOT NULL")
IS_SCHEDULE = sa.text("kind = 'schedule'")
SHORT = ("email", "address", "first_name", "token", "postcode")
PLACES = {"latitude": sa.Float, "longitude": sa.Float, "capacity": sa.Integer}


def upgrade() -> None:
    """Add the tables, all empty; of shifts known before it is heard with their next change."""
    for name, kind in PLACES.items():
        op.add_column("shifts", sa.Column(name, kind))
    create_subscribers()
    create_news()
    create_runs()


def create_subscribers() -> None:
    """Who gets the mail, what they want to hear of, and what they agreed to."""
    op.create_table(
        "subscribers",
        sa.Column("id", BigKey, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in SHORT),
        *(sa.Column(name, sa.Float) for name in ("latitude", "longitude")),
        sa.Column("is_rough", sa.Boolean, nullable=False),
        sa.Column("miles", sa.Integer, nullable=False),
        sa.Column("kinds", sa.JSON, nullable=False),
        sa.Column("online", sa.Boolean, nullable=False),
        sa.Column("group_id", BigKey),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("weekday", "hour")),
        sa.Column("wording", sa.Text, nullable=False),
        sa.Column("wording_version", sa.Integer, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        *(sa.Column(name, UtcDateTime, nullable=False) for name in ("agreed_at", "requested_at")),
        *(
            sa.Column(name, UtcDateTime)
            for name in (
                *("confirmed_at", "ended_at", "paused_until"),
                *("next_due_at", "considered_until", "looked_at"),
            )
        ),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscribers"),
        sa.UniqueConstraint("email", name="uq_subscribers_email"),
        sa.UniqueConstraint("token", name="uq_subscribers_token"),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_subscribers_group_id"),
        sa.CheckConstraint(
            "(next_due_at IS NOT NULL) = (confirmed_at IS NOT NULL AND ended_at IS NULL)",
            name="ck_subscribers_due",
        ),
        sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="ck_subscribers_place"),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="ck_subscribers_weekday"),
        sa.CheckConstraint("hour BETWEEN 0 AND 23", name="ck_subscribers_hour"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_subscribers_address", "subscribers", ["address"])
    op.create_index(
        "ix_subscribers_next_due_at",
        "subscribers",
        ["next_due_at", "id"],
        postgresql_where=IS_ON_THE_WAY,
        sqlite_where=IS_ON_THE_WAY,
    )


def create_news() -> None:
    """What became new or different, and how full shifts are."""
    op.create_table(
        "news",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("shift_id", BigKey, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("before", sa.JSON, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_news"),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name="fk_news_shift_id"),
        sa.CheckConstraint(
            "kind IN ('new', 'moved', 'cancelled', 'reopened')", name="ck_news_kind"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_news_at", "news", ["at"])
    op.create_table(
        "shift_places",
        sa.Column("shift_id", BigKey, autoincrement=False, nullable=False),
        sa.Column("places_revision", BigKey, nullable=False),
        sa.Column("taken", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("shift_id", name="pk_shift_places"),
    )


def create_runs() -> None:
    """How far each day's mails have come."""
    op.create_table(
        "schedule_runs",
        sa.Column("day", BigKey, autoincrement=False, nullable=False),
        *(sa.Column(name, UtcDateTime, nullable=False) for name in ("began_at", "worked_at")),
        *(
            sa.Column(name, sa.Integer, nullable=False)
            for name in ("planned", "silent", "spared", "sent")
        ),
        sa.PrimaryKeyConstraint("day", name="pk_schedule_runs"),
    )
    op.create_index(
        "ix_notices_schedule",
        "notices",
        ["revision", "state"],
        postgresql_where=IS_SCHEDULE,
        sqlite_where=IS_SCHEDULE,
    )


def downgrade() -> None:
    """Forget who subscribed, and what was new."""
    op.drop_index("ix_notices_schedule", "notices")
    for table in ("schedule_runs", "shift_places", "news", "subscribers"):
        op.drop_table(table)
    for name in reversed(PLACES):
        op.drop_column("shifts", name)
