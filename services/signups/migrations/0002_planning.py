"""How people meet, who may know the address, what a shift is for, and whom a group stands with."""

import sqlalchemy as sa
from alembic import op

revision = "signups_0002"
down_revision = "signups_0001"

ADDED = {
    "groups": {"representative_name": "", "representative_role": ""},
    "events": {"kind": "", "mode": "in_person", "online_url": "", "address_shown": "public"},
    "shifts": {"work": "", "needs": ""},
}
"""Tables, columns, and what rows from before, and those that older code writes, have there."""


def upgrade() -> None:
    for table, columns in ADDED.items():
        for name, default in columns.items():
            op.add_column(table, sa.Column(name, sa.Text, server_default=default, nullable=False))


def downgrade() -> None:
    for table, columns in ADDED.items():
        for name in columns:
            op.drop_column(table, name)
