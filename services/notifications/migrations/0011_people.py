"""People are found by their address in whatever letters it was typed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "notifications_0011"
down_revision = "notifications_0010"
branch_labels = None
depends_on = None

HAS_PLACE = sa.text("state = 'placed'")


def upgrade() -> None:
    """Make one index of addresses in small letters of the two of addresses as they were typed.

    SQLAlchemy does not see it when it reads the tables of SQLite: whoever lets alembic copy
    `signups` has to make it again.
    """
    if op.get_bind().dialect.name == "postgresql":
        # Indexes of very many rows take longer than a statement may.
        op.execute("SET LOCAL statement_timeout = 0")
    op.create_index("ix_signups_lower_email", "signups", [sa.text("lower(email)")])
    op.drop_index("ix_signups_placed_email", "signups")
    op.drop_index("ix_signups_email", "signups")


def downgrade() -> None:
    """Find addresses as they were typed again."""
    op.create_index("ix_signups_email", "signups", ["email"])
    op.create_index(
        "ix_signups_placed_email",
        "signups",
        ["email"],
        postgresql_where=HAS_PLACE,
        sqlite_where=HAS_PLACE,
    )
    op.drop_index("ix_signups_lower_email", "signups")
