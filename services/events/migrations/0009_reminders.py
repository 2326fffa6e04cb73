"""When those with a place at an event are reminded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "events_0009"
down_revision = "events_0008"
branch_labels = None
depends_on = None

USUAL = (
    '[{"days_before": 1, "at": "18:00", "minutes_before": null}, '
    '{"days_before": 0, "at": "08:00", "minutes_before": null}]'
)


def upgrade() -> None:
    """Let each event say when; those from before remind as new ones do."""
    op.add_column("events", sa.Column("reminders", sa.JSON, server_default=USUAL, nullable=False))


def downgrade() -> None:
    """Remind nobody."""
    with op.batch_alter_table("events", table_kwargs={"sqlite_autoincrement": True}) as events:
        events.drop_column("reminders")
