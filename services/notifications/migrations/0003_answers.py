"""Mails about offers, holds, switches and transfers."""

from __future__ import annotations

from alembic import op

revision = "notifications_0003"
down_revision = "notifications_0002"
branch_labels = None
depends_on = None

KINDS = (
    "kind IN ('confirmation', 'waiting', 'promoted', 'repeated', 'changed', 'cancelled', 'closed', "
    "'held', 'offered', 'told', 'declined', 'lapsed', 'party_changed', 'switched', 'transferred', "
    "'links', 'new_signup', 'daily_signups', 'sign_in', 'organiser_invited', 'group_requested', "
    "'group_approved', 'group_declined', 'co_host_asked')"
)
KINDS_BEFORE = (
    "kind IN ('confirmation', 'waiting', 'promoted', 'repeated', 'changed', 'cancelled', 'closed', "
    "'links', 'new_signup', 'daily_signups', 'sign_in', 'organiser_invited', 'group_requested', "
    "'group_approved', 'group_declined', 'co_host_asked')"
)


def upgrade() -> None:
    """Allow the new kinds."""
    allow(KINDS)


def downgrade() -> None:
    """Forget the notices that the version before cannot name."""
    op.execute(f"DELETE FROM notices WHERE NOT ({KINDS_BEFORE})")  # noqa: S608
    allow(KINDS_BEFORE)


def allow(kinds: str) -> None:
    """Let notices be of these kinds only."""
    with op.batch_alter_table("notices", table_kwargs={"sqlite_autoincrement": True}) as notices:
        notices.drop_constraint("ck_notices_kind", type_="check")
        notices.create_check_constraint("ck_notices_kind", kinds)
