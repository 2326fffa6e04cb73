"""Where a shift is and when, kept with its day in one index: a search walks along it alone."""

from __future__ import annotations

from alembic import op

revision = "events_0007"
down_revision = "events_0006"
branch_labels = None
depends_on = None

NAME = "ix_shifts_day_event_id"
BESIDES = ["latitude", "longitude", "starts_at", "ends_at", "cancelled"]


def upgrade() -> None:
    """Add to the index what a search asks of each shift that it passes."""
    op.drop_index(NAME, "shifts")
    op.create_index(NAME, "shifts", ["day", "event_id"], postgresql_include=BESIDES)


def downgrade() -> None:
    """Keep the days and the events alone."""
    op.drop_index(NAME, "shifts")
    op.create_index(NAME, "shifts", ["day", "event_id"])
