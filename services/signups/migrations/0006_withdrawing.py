"""When people take back what they agreed to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.columns import UtcDateTime

revision = "signups_0006"
down_revision = "signups_0005"
branch_labels = None
depends_on = None

ANSWERS = ("withdrawn_at", "renewed_at")


def upgrade() -> None:
    """Add the columns; nobody took anything back before."""
    for name in ANSWERS:
        op.add_column("consents", sa.Column(name, UtcDateTime))


def downgrade() -> None:
    """Forget who took something back."""
    for name in reversed(ANSWERS):
        op.drop_column("consents", name)
