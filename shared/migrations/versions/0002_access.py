"""Copies of who may do what: memberships, ended sessions, tokens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.columns import BigKey, UtcDateTime

revision = "shared_0002"
down_revision = "shared_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what every service needs to know of access."""
    create_tables()


def create_tables() -> None:
    """Memberships, ended sessions and tokens."""
    op.create_table(
        "memberships",
        sa.Column("organiser_id", BigKey, autoincrement=False, nullable=False),
        sa.Column("group_id", BigKey, autoincrement=False, nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("revision", BigKey, nullable=False),
        sa.PrimaryKeyConstraint("organiser_id", "group_id", name="pk_memberships"),
    )
    op.create_index("ix_memberships_group_id", "memberships", ["group_id"])
    op.create_table(
        "ended_sessions",
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("session_id", name="pk_ended_sessions"),
    )
    op.create_index("ix_ended_sessions_expires_at", "ended_sessions", ["expires_at"])
    op.create_table(
        "tokens",
        sa.Column("id", BigKey, autoincrement=True, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("group_id", BigKey, nullable=False),
        sa.Column("rights", sa.Text, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("revoked_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.UniqueConstraint("hash", name="uq_tokens_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tokens_group_id", "tokens", ["group_id"])
