"""What a form asks besides, what was answered, where people came from, and floods of forms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.columns import UtcDateTime

revision = "signups_0004"
down_revision = "signups_0003"
branch_labels = None
depends_on = None

NEW = {
    "groups": {"sites": sa.text("'[]'")},
    "events": {"questions": sa.text("'[]'")},
    "signups": {"answers": sa.text("'[]'"), "utm": sa.text("'{}'")},
}
"""Columns of JSON, with what rows from before have there."""


def upgrade() -> None:
    """Add the columns; nobody was asked anything before."""
    for table, columns in NEW.items():
        for name, empty in columns.items():
            op.add_column(table, sa.Column(name, sa.JSON, server_default=empty, nullable=False))
    op.add_column("shifts", sa.Column("flood_until", UtcDateTime))
    op.add_column("consents", sa.Column("origin", sa.Text, server_default="", nullable=False))


def downgrade() -> None:
    """Forget what was answered."""
    op.drop_column("consents", "origin")
    op.drop_column("shifts", "flood_until")
    for table, columns in NEW.items():
        for name in columns:
            op.drop_column(table, name)
