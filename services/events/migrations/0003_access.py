"""Organisers, their ways in, their sessions, and the audit trail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.columns import BigKey, UtcDateTime

revision = "events_0003"
down_revision = "events_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of access."""
    create_organisers()
    create_sign_in()
    create_audit()


def create_organisers() -> None:
    """Who plans events."""
    op.create_table(
        "organisers",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organisers"),
        sa.UniqueConstraint("email", name="uq_organisers_email"),
        sqlite_autoincrement=True,
    )


def create_sign_in() -> None:
    """Mailed links and codes, and sessions."""
    op.create_table(
        "sign_in_links",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("organiser_id", BigKey, nullable=False),
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("code_hash", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, server_default="0", nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("used_at", UtcDateTime),
        sa.ForeignKeyConstraint(
            ["organiser_id"], ["organisers.id"], name="fk_sign_in_links_organiser_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_links"),
        sa.UniqueConstraint("request_id", name="uq_sign_in_links_request_id"),
        sa.UniqueConstraint("token_hash", name="uq_sign_in_links_token_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sign_in_links_expires_at", "sign_in_links", ["expires_at"])
    op.create_index("ix_sign_in_links_organiser_id", "sign_in_links", ["organiser_id"])
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("organiser_id", BigKey, nullable=False),
        sa.Column("browser", sa.Text, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("ended_at", UtcDateTime),
        sa.ForeignKeyConstraint(
            ["organiser_id"], ["organisers.id"], name="fk_sessions_organiser_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_index("ix_sessions_organiser_id", "sessions", ["organiser_id"])


def create_audit() -> None:
    """Who did what."""
    op.create_table(
        "audit_entries",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("organiser_id", BigKey),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("object_kind", sa.Text, nullable=False),
        sa.Column("object_id", sa.Text, nullable=False),
        sa.Column("object_name", sa.Text, nullable=False),
        sa.Column("group_id", BigKey),
        sa.Column("details", sa.Text, server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["organiser_id"], ["organisers.id"], name="fk_audit_entries_organiser_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entries"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_entries_group_id_id", "audit_entries", ["group_id", "id"])
    op.create_index(
        "ix_audit_entries_object_kind_object_id", "audit_entries", ["object_kind", "object_id"]
    )
    op.create_index("ix_audit_entries_organiser_id", "audit_entries", ["organiser_id"])
