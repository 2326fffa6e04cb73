"""Groups' own wordings and colours, the tries of each notice, and a ledger that is found fast."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.columns import BigKey, UtcDateTime

revision = "notifications_0010"
down_revision = "notifications_0009"
branch_labels = None
depends_on = None

IS_CURRENT = sa.text("replaced_at IS NULL")
WITHOUT_GROUP = sa.text("signup_id IS NOT NULL AND group_id IS NULL")


def upgrade() -> None:
    """Make the tables, and let notices say which event and group they concern.

    Those that are here already are told by a chore, some thousands at a time: in one statement it
    would take minutes, and senders would wait for it.
    """
    if op.get_bind().dialect.name == "postgresql":
        # Indexes of very many rows take longer than a statement may.
        op.execute("SET LOCAL statement_timeout = 0")
    create_wordings()
    create_tries()
    with op.batch_alter_table("notices", table_kwargs={"sqlite_autoincrement": True}) as notices:
        notices.add_column(sa.Column("event_id", BigKey))
        notices.create_foreign_key("fk_notices_event_id", "events", ["event_id"], ["id"])
    create_indexes()


def create_wordings() -> None:
    """What groups say in their own words, and the colour of their buttons."""
    op.create_table(
        "wordings",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("group_id", BigKey, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("replaced_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_wordings"),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_wordings_group_id"),
        sa.CheckConstraint("subject <> '' AND words <> ''", name="ck_wordings_not_empty"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_wordings_group_id", "wordings", ["group_id"])
    op.create_index(
        "uq_wordings_current",
        "wordings",
        ["group_id", "kind"],
        unique=True,
        postgresql_where=IS_CURRENT,
        sqlite_where=IS_CURRENT,
    )
    op.create_table(
        "looks",
        sa.Column("group_id", BigKey, autoincrement=False, nullable=False),
        sa.Column("colour", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("group_id", name="pk_looks"),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_looks_group_id"),
        sa.CheckConstraint("colour LIKE '#______'", name="ck_looks_colour"),
    )


def create_tries() -> None:
    """What came of each try that did not send a notice."""
    op.create_table(
        "tries",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("notice_id", BigKey, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("meaning", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tries"),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name="fk_tries_notice_id", ondelete="CASCADE"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tries_notice_id", "tries", ["notice_id"])


def create_indexes() -> None:
    """Find the newest notices of a group, an event, an address and a name."""
    op.create_index("ix_notices_group_id", "notices", ["group_id", "id"])
    op.create_index("ix_notices_event_id", "notices", ["event_id", "id"])
    op.create_index("ix_notices_recipient", "notices", ["recipient"])
    op.create_index("ix_notices_created_at", "notices", ["created_at"])
    op.create_index(
        "ix_notices_without_group",
        "notices",
        ["id"],
        postgresql_where=WITHOUT_GROUP,
        sqlite_where=WITHOUT_GROUP,
    )
    op.create_index("ix_signups_email", "signups", ["email"])
    op.create_index("ix_signups_first_name", "signups", ["first_name"])


def downgrade() -> None:
    """Forget what the version before does not know."""
    for name in ("first_name", "email"):
        op.drop_index(f"ix_signups_{name}", "signups")
    for name in ("without_group", "created_at", "recipient", "event_id", "group_id"):
        op.drop_index(f"ix_notices_{name}", "notices")
    for table in ("tries", "looks", "wordings"):
        op.drop_table(table)
    with op.batch_alter_table("notices", table_kwargs={"sqlite_autoincrement": True}) as notices:
        notices.drop_constraint("fk_notices_event_id", type_="foreignkey")
        notices.drop_column("event_id")
