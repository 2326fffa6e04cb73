"""Where postcodes lie, and what places are called."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.columns import BigKey, UtcDateTime

revision = "events_0004"
down_revision = "events_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of geography."""
    create_postcodes()
    create_postcode_parts()
    create_place_names()


def create_postcodes() -> None:
    """The ONS Postcode Directory, in editions."""
    op.create_table(
        "postcode_editions",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("postcodes", sa.Integer, server_default="0", nullable=False),
        sa.Column("begun_at", UtcDateTime, nullable=False),
        sa.Column("finished_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_postcode_editions"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "postcodes",
        sa.Column("edition_id", BigKey, nullable=False),
        sa.Column("postcode", sa.Text, nullable=False),
        sa.Column("latitude", sa.Float, nullable=False),
        sa.Column("longitude", sa.Float, nullable=False),
        sa.Column("constituency_code", sa.Text, nullable=False),
        sa.Column("authority_code", sa.Text, nullable=False),
        sa.Column("ward_code", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["postcode_editions.id"], name="fk_postcodes_edition_id"
        ),
        sa.PrimaryKeyConstraint("edition_id", "postcode", name="pk_postcodes"),
        sqlite_with_rowid=False,
    )


def create_postcode_parts() -> None:
    """What lies in which constituency, by districts and sectors."""
    op.create_table(
        "postcode_parts",
        sa.Column("edition_id", BigKey, nullable=False),
        sa.Column("part", sa.Text, nullable=False),
        sa.Column("constituency_code", sa.Text, nullable=False),
        sa.Column("postcodes", sa.Integer, nullable=False),
        sa.Column("latitude", sa.Float, nullable=False),
        sa.Column("longitude", sa.Float, nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["postcode_editions.id"], name="fk_postcode_parts_edition_id"
        ),
        sa.PrimaryKeyConstraint(
            "edition_id", "part", "constituency_code", name="pk_postcode_parts"
        ),
    )
    op.create_index("ix_postcode_parts_constituency_code", "postcode_parts", ["constituency_code"])


def create_place_names() -> None:
    """Constituencies, authorities and wards."""
    op.create_table(
        "place_names",
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_place_names"),
    )
    op.create_index("ix_place_names_kind_name", "place_names", ["kind", "name"])
