"""What organisers keep about people: notes, tags, trainings, merges, imports; and sent mails."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.columns import BigKey, UtcDateTime

revision = "signups_0005"
down_revision = "signups_0004"
branch_labels = None
depends_on = None

TABLES = ("notices", "people_imports", "told_apart", "merges")
TABLES_OF_PEOPLE = ("trainings_done", "person_tags", "person_notes")


def upgrade() -> None:
    """Add the tables, all empty."""
    with op.batch_alter_table("people", table_kwargs={"sqlite_autoincrement": True}) as people:
        people.add_column(sa.Column("merged_into", BigKey))
        people.create_foreign_key(op.f("fk_people_merged_into"), "people", ["merged_into"], ["id"])
    op.create_index("ix_people_merged_into", "people", ["merged_into"])
    create_tables_of_people()
    create_merges()
    op.create_table(
        "people_imports",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("group_id", BigKey, nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        *by_and_at(),
        sa.Column("applied_at", UtcDateTime),
        sa.Column("undone_at", UtcDateTime),
        sa.Column("made", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people_imports"),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_people_imports_group_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_people_imports_group_id", "people_imports", ["group_id"])
    op.create_table(
        "notices",
        sa.Column("id", BigKey, autoincrement=False, nullable=False),
        sa.Column("signup_id", BigKey, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.CheckConstraint("state IN ('sent', 'failed')", name="ck_notices_state"),
    )
    op.create_index("ix_notices_signup_id", "notices", ["signup_id"])


def by_and_at() -> list[sa.Column[object]]:
    """Return the columns that say who did it, and when."""
    return [
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
    ]


def create_tables_of_people() -> None:
    """Notes, tags and trainings."""
    op.create_table(
        "person_notes",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("person_id", BigKey, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        *by_and_at(),
        sa.PrimaryKeyConstraint("id", name="pk_person_notes"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_person_notes_person_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_person_notes_person_id", "person_notes", ["person_id"])
    op.create_table(
        "person_tags",
        sa.Column("person_id", BigKey, nullable=False),
        sa.Column("tag", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "tag", name="pk_person_tags"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_person_tags_person_id"),
    )
    op.create_table(
        "trainings_done",
        sa.Column("person_id", BigKey, nullable=False),
        sa.Column("training", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        *by_and_at(),
        sa.PrimaryKeyConstraint("person_id", "training", name="pk_trainings_done"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_trainings_done_person_id"),
    )


def create_merges() -> None:
    """Who is one, and who is two."""
    op.create_table(
        "merges",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("kept_id", BigKey, nullable=False),
        sa.Column("gone_id", BigKey, nullable=False),
        sa.Column("signup_ids", sa.JSON, nullable=False),
        sa.Column("person_ids", sa.JSON, nullable=False),
        *by_and_at(),
        sa.Column("undone_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_merges"),
        sa.ForeignKeyConstraint(["kept_id"], ["people.id"], name="fk_merges_kept_id"),
        sa.ForeignKeyConstraint(["gone_id"], ["people.id"], name="fk_merges_gone_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_merges_kept_id", "merges", ["kept_id"])
    op.create_index("ix_merges_gone_id", "merges", ["gone_id"])
    op.create_table(
        "told_apart",
        sa.Column("one_id", BigKey, nullable=False),
        sa.Column("other_id", BigKey, nullable=False),
        *by_and_at(),
        sa.PrimaryKeyConstraint("one_id", "other_id", name="pk_told_apart"),
        sa.ForeignKeyConstraint(["one_id"], ["people.id"], name="fk_told_apart_one_id"),
        sa.ForeignKeyConstraint(["other_id"], ["people.id"], name="fk_told_apart_other_id"),
    )


def downgrade() -> None:
    """Forget all of it; who was merged is two again, each with the sign-ups as they are."""
    for table in (*TABLES, *TABLES_OF_PEOPLE):
        op.drop_table(table)
    op.drop_index("ix_people_merged_into", "people")
    with op.batch_alter_table("people", table_kwargs={"sqlite_autoincrement": True}) as people:
        people.drop_constraint("fk_people_merged_into", type_="foreignkey")
        people.drop_column("merged_into")
