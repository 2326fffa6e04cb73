"""When people are reminded, since when they have a place, and what was said in another's mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.columns import BigKey, UtcDateTime

revision = "notifications_0006"
down_revision = "notifications_0005"
branch_labels = None
depends_on = None

USUAL = (
    '[{"days_before": 1, "at": "18:00", "minutes_before": null}, '
    '{"days_before": 0, "at": "08:00", "minutes_before": null}]'
)
HAS_PLACE = sa.text("state = 'placed'")


def upgrade() -> None:
    """Keep what reminders are planned by; find the places of one person."""
    op.add_column("events", sa.Column("reminders", sa.JSON, server_default=USUAL, nullable=False))
    op.add_column("signups", sa.Column("placed_at", UtcDateTime))
    op.add_column("notices", sa.Column("told_in", BigKey))
    op.create_index(
        "ix_signups_placed_email",
        "signups",
        ["email"],
        postgresql_where=HAS_PLACE,
        sqlite_where=HAS_PLACE,
    )


def downgrade() -> None:
    """Forget the reminders that the version before does not send."""
    op.execute(
        "DELETE FROM mailbox WHERE notice_id IN (SELECT id FROM notices WHERE kind = 'reminder')"
    )
    op.execute("DELETE FROM notices WHERE kind = 'reminder'")
    op.drop_index("ix_signups_placed_email", "signups")
    with op.batch_alter_table("notices", table_kwargs={"sqlite_autoincrement": True}) as notices:
        notices.drop_column("told_in")
    with op.batch_alter_table("signups") as signups:
        signups.drop_column("placed_at")
    with op.batch_alter_table("events") as events:
        events.drop_column("reminders")
