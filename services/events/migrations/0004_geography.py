"""Where postcodes lie, and what places are called."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "events_0004"
down_revision = "events_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of geography."""
    create_geography()


def create_geography() -> None:
    """Postcodes and names."""
    op.create_table(
        "postcodes",
        sa.Column("postcode", sa.Text, nullable=False),
        sa.Column("latitude", sa.Float, nullable=False),
        sa.Column("longitude", sa.Float, nullable=False),
        sa.Column("constituency_code", sa.Text, nullable=False),
        sa.Column("authority_code", sa.Text, nullable=False),
        sa.Column("ward_code", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("postcode", name="pk_postcodes"),
    )
    op.create_index("ix_postcodes_constituency_code", "postcodes", ["constituency_code"])
    op.create_table(
        "place_names",
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_place_names"),
    )
    op.create_index("ix_place_names_kind_name", "place_names", ["kind", "name"])
