"""Uploaded lists of events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.columns import BigKey, UtcDateTime

revision = "events_0005"
down_revision = "events_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of imports."""
    create_imports()
    create_import_rows()


def create_imports() -> None:
    """Files, and what came of them."""
    op.create_table(
        "imports",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("group_id", BigKey, nullable=False),
        sa.Column("organiser_id", BigKey),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("publish", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("total", sa.Integer, server_default="0", nullable=False),
        sa.Column("done", sa.Integer, server_default="0", nullable=False),
        sa.Column("wrong", sa.Integer, server_default="0", nullable=False),
        sa.Column("notes", sa.JSON, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("lease_until", UtcDateTime),
        sa.Column("applied_at", UtcDateTime),
        sa.CheckConstraint(
            "state IN ('uploaded', 'checked', 'due', 'applied', 'failed', 'undone')",
            name="ck_imports_state",
        ),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_imports_group_id"),
        sa.ForeignKeyConstraint(
            ["organiser_id"], ["organisers.id"], name="fk_imports_organiser_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_imports_group_id", "imports", ["group_id"])
    op.create_index("ix_imports_state", "imports", ["state"])


def create_import_rows() -> None:
    """What each row would do, or did, and its problems."""
    op.create_table(
        "import_rows",
        sa.Column("import_id", BigKey, nullable=False),
        sa.Column("row", sa.Integer, nullable=False),
        sa.Column("event_key", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("problems", sa.JSON, nullable=False),
        sa.Column("typed", sa.JSON, nullable=False),
        sa.Column("event_id", BigKey),
        sa.Column("shift_id", BigKey),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name="fk_import_rows_import_id"),
        sa.PrimaryKeyConstraint("import_id", "row", name="pk_import_rows"),
    )
