"""Mails of reminders, the weekly schedule, what organisers write, and newcomers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "notifications_0005"
down_revision = "notifications_0004"
branch_labels = None
depends_on = None

KINDS_BEFORE = (
    "kind IN ('confirmation', 'waiting', 'promoted', 'repeated', 'changed', 'cancelled', 'closed', "
    "'held', 'offered', 'told', 'declined', 'lapsed', 'party_changed', 'switched', 'transferred', "
    "'links', 'privacy', 'new_signup', 'daily_signups', 'sign_in', 'organiser_invited', "
    "'group_requested', 'group_approved', 'group_declined', 'co_host_asked')"
)
KINDS = KINDS_BEFORE.replace(
    "'co_host_asked'",
    "'co_host_asked', 'reminder', 'schedule_confirm', 'schedule', 'schedule_test', 'mailing', "
    "'mailing_test', 'enquiry', 'enquiry_answer', 'enquiry_late', 'welcome', 'newcomer', "
    "'newcomer_late'",
)
ASKS = sa.text("kind IN ('schedule', 'mailing')")


def upgrade() -> None:
    """Allow the new kinds, and find what somebody was asked lately."""
    allow(KINDS)
    op.create_index(
        "ix_notices_asks", "notices", ["recipient"], postgresql_where=ASKS, sqlite_where=ASKS
    )


def downgrade() -> None:
    """Forget the notices that the version before cannot name."""
    op.drop_index("ix_notices_asks", "notices")
    unknown = f"SELECT id FROM notices WHERE NOT ({KINDS_BEFORE})"  # noqa: S608
    op.execute(f"DELETE FROM mailbox WHERE notice_id IN ({unknown})")  # noqa: S608
    op.execute(f"DELETE FROM notices WHERE NOT ({KINDS_BEFORE})")  # noqa: S608
    allow(KINDS_BEFORE)


def allow(kinds: str) -> None:
    """Let notices be of these kinds only."""
    with op.batch_alter_table("notices", table_kwargs={"sqlite_autoincrement": True}) as notices:
        notices.drop_constraint("ck_notices_kind", type_="check")
        notices.create_check_constraint("ck_notices_kind", kinds)
