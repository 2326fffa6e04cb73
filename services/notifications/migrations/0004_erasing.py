"""Mails about what is kept of somebody, and the tombstones of those who were erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.columns import UtcDateTime

revision = "notifications_0004"
down_revision = "notifications_0003"
branch_labels = None
depends_on = None

KINDS_BEFORE = (
    "kind IN ('confirmation', 'waiting', 'promoted', 'repeated', 'changed', 'cancelled', 'closed', "
    "'held', 'offered', 'told', 'declined', 'lapsed', 'party_changed', 'switched', 'transferred', "
    "'links', 'new_signup', 'daily_signups', 'sign_in', 'organiser_invited', 'group_requested', "
    "'group_approved', 'group_declined', 'co_host_asked')"
)
KINDS = KINDS_BEFORE.replace("'new_signup'", "'privacy', 'new_signup'")


def upgrade() -> None:
    """Allow the new kind, and make the table."""
    allow(KINDS)
    op.create_table(
        "tombstones",
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("subject", "address", name="pk_tombstones"),
    )
    op.create_index("ix_tombstones_at", "tombstones", ["at"])


def downgrade() -> None:
    """Forget the notices that the version before cannot name."""
    op.drop_table("tombstones")
    op.execute(
        "DELETE FROM mailbox WHERE notice_id IN (SELECT id FROM notices WHERE kind = 'privacy')"
    )
    op.execute("DELETE FROM notices WHERE kind = 'privacy'")
    allow(KINDS_BEFORE)


def allow(kinds: str) -> None:
    """Let notices be of these kinds only."""
    with op.batch_alter_table("notices", table_kwargs={"sqlite_autoincrement": True}) as notices:
        notices.drop_constraint("ck_notices_kind", type_="check")
        notices.create_check_constraint("ck_notices_kind", kinds)
