"""Mails to organisers, notices that expire, and what events, shifts and groups gained."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.columns import UtcDateTime

revision = "notifications_0002"
down_revision = "notifications_0001"
branch_labels = None
depends_on = None

KINDS = (
    "kind IN ('confirmation', 'waiting', 'promoted', 'repeated', 'changed', 'cancelled', 'closed', "
    "'links', 'new_signup', 'daily_signups', 'sign_in', 'organiser_invited', 'group_requested', "
    "'group_approved', 'group_declined', 'co_host_asked')"
)


def upgrade() -> None:
    """Add what mails of this version need."""
    add_to_copies()
    change_notices()


def add_to_copies() -> None:
    """Keep more of what others tell; the code of the version before leaves it empty."""
    op.add_column("groups", text_column("reply_email"))
    for name in ("bring", "accessibility", "online_url"):
        op.add_column("events", text_column(name))
    op.add_column("events", text_column("mode", "in_person"))
    op.add_column("events", text_column("address_shown", "public"))
    for name in ("work", "needs"):
        op.add_column("shifts", text_column(name))


def change_notices() -> None:
    """Allow the new kinds, and notices that are of no use after their hour."""
    is_ending = sa.text("expires_at IS NOT NULL")
    with op.batch_alter_table("notices", table_kwargs={"sqlite_autoincrement": True}) as notices:
        notices.drop_constraint("ck_notices_kind", type_="check")
        notices.create_check_constraint("ck_notices_kind", KINDS)
        notices.add_column(sa.Column("expires_at", UtcDateTime))
    op.create_index(
        "ix_notices_expires_at",
        "notices",
        ["expires_at"],
        postgresql_where=is_ending,
        sqlite_where=is_ending,
    )


def text_column(name: str, default: str = "") -> sa.Column[str]:
    """Return a column of text that rows written before, and by older code, leave at `default`."""
    return sa.Column(name, sa.Text, server_default=default, nullable=False)
