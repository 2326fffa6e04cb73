"""What an event's sign-up form asks besides."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "events_0008"
down_revision = "events_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let each event have questions of its own; at first it has none."""
    op.add_column(
        "events", sa.Column("questions", sa.JSON, server_default=sa.text("'[]'"), nullable=False)
    )


def downgrade() -> None:
    """Ask nothing besides."""
    with op.batch_alter_table("events", table_kwargs={"sqlite_autoincrement": True}) as events:
        events.drop_column("questions")
