"""How people sign up for an event: proof of the address, and what happens when it is full."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "events_0006"
down_revision = "events_0005"
branch_labels = None
depends_on = None

CHOICES = {
    "verification": ("soft", "'off', 'soft', 'strict'"),
    "promotion": ("by_time", "'by_time', 'at_once', 'offers', 'by_hand'"),
    "when_full": ("wait", "'wait', 'refuse'"),
}
"""Columns, what rows from before have there, and what may stand there."""


def upgrade() -> None:
    """Let each event say how people sign up for it."""
    with op.batch_alter_table("events", table_kwargs={"sqlite_autoincrement": True}) as events:
        for name, (default, choices) in CHOICES.items():
            events.add_column(sa.Column(name, sa.Text, server_default=default, nullable=False))
            events.create_check_constraint(f"ck_events_{name}", f"{name} IN ({choices})")


def downgrade() -> None:
    """Let all events be as they usually are."""
    with op.batch_alter_table("events", table_kwargs={"sqlite_autoincrement": True}) as events:
        for name in CHOICES:
            events.drop_constraint(f"ck_events_{name}", type_="check")
            events.drop_column(name)
