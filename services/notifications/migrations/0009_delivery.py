"""Two streams of mail, paces and breakers of channels, bounces, complaints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.columns import BigKey, UtcDateTime

revision = "notifications_0009"
down_revision = "notifications_0008"
branch_labels = None
depends_on = None

PENDING = sa.text("due_at IS NOT NULL")
PENDING_ASK = sa.text("due_at IS NOT NULL AND kind IN ('schedule', 'mailing')")
PENDING_NEWS = sa.text("due_at IS NOT NULL AND NOT (kind IN ('schedule', 'mailing'))")
KINDS = "kind IN ('hard', 'soft', 'complained', 'unknown')"
SENT = sa.text("sent_at IS NOT NULL")


def upgrade() -> None:
    """Make the tables, and the indexes by which due notices and those of a bounce are found."""
    make_index("ix_notices_due_news", ["due_at", "id"], where=PENDING_NEWS)
    make_index("ix_notices_due_asks", ["due_at", "id"], where=PENDING_ASK)
    make_index("ix_notices_sent_at", ["sent_at"], where=SENT)
    op.create_index("ix_notices_message_id", "notices", ["message_id"])
    op.drop_index("ix_notices_due_at", "notices")
    one = sa.Column("failures", sa.Integer, server_default=sa.text("1"), nullable=False)
    op.add_column("channels", one)
    with op.batch_alter_table("suppressed_addresses") as suppressed:
        suppressed.add_column(sa.Column("covers", sa.Text, server_default="all", nullable=False))
        suppressed.create_check_constraint(
            "ck_suppressed_addresses_covers", "covers IN ('all', 'asks')"
        )
        suppressed.drop_constraint("pk_suppressed_addresses", type_="primary")
        suppressed.create_primary_key("pk_suppressed_addresses", ["email", "covers"])
    create_paces()
    create_bounces()


def downgrade() -> None:
    """Forget what the version before does not know."""
    op.drop_table("bounces")
    op.drop_table("paces")
    op.execute("DELETE FROM suppressed_addresses WHERE covers = 'asks'")
    with op.batch_alter_table("suppressed_addresses") as suppressed:
        suppressed.drop_constraint("pk_suppressed_addresses", type_="primary")
        suppressed.create_primary_key("pk_suppressed_addresses", ["email"])
        suppressed.drop_constraint("ck_suppressed_addresses_covers", type_="check")
        suppressed.drop_column("covers")
    with op.batch_alter_table("channels") as channels:
        channels.drop_column("failures")
    make_index("ix_notices_due_at", ["due_at", "id"], where=PENDING)
    for name in ("message_id", "sent_at", "due_asks", "due_news"):
        op.drop_index(f"ix_notices_{name}", "notices")


def make_index(name: str, columns: list[str], *, where: sa.TextClause) -> None:
    """Make an index of some notices alone."""
    op.create_index(name, "notices", columns, postgresql_where=where, sqlite_where=where)


def create_paces() -> None:
    """How far limits per second are used up."""
    op.create_table(
        "paces",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("next_at", UtcDateTime, nullable=False),
        sa.Column("planned_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_paces"),
    )
    op.create_index("ix_paces_planned_at", "paces", ["planned_at"])


def create_bounces() -> None:
    """Mails that came back, and complaints."""
    op.create_table(
        "bounces",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("notice_id", BigKey),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_bounces"),
        sa.UniqueConstraint("fingerprint", name="uq_bounces_fingerprint"),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name="fk_bounces_notice_id", ondelete="SET NULL"
        ),
        sa.CheckConstraint(KINDS, name="ck_bounces_kind"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_bounces_notice_id", "bounces", ["notice_id"])
    op.create_index("ix_bounces_at", "bounces", ["at"])
    op.create_index("ix_bounces_address_at", "bounces", ["address", "at"])
