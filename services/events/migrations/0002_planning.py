"""Areas, joining, campaigns, elections, series, co-hosts, and what events and shifts gained."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.columns import BigKey, UtcDateTime

revision = "events_0002"
down_revision = "events_0001"
branch_labels = None
depends_on = None


KINDS = (
    "kind IN ('action_day', 'campaign_and_train', 'training', 'lesson', 'jobs_club',"
    " 'community_project', 'fundraising', 'meeting')"
)


def upgrade() -> None:
    """Add what planning needs."""
    change_groups()
    create_areas_and_requests()
    create_campaigns()
    create_series()
    change_events()
    change_shifts()
    create_co_hosts()


def create_areas_and_requests() -> None:
    """Where groups are at home, and new ones that ask to join."""
    op.create_table(
        "group_areas",
        sa.Column("group_id", BigKey, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("code", sa.Text, server_default="", nullable=False),
        sa.CheckConstraint("kind IN ('constituency', 'authority')", name="ck_group_areas_kind"),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_group_areas_group_id"),
        sa.PrimaryKeyConstraint("group_id", "kind", "name", name="pk_group_areas"),
    )
    op.create_index("ix_group_areas_code", "group_areas", ["code"])
    op.create_table(
        "join_requests",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("area", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("parent_id", BigKey),
        sa.Column("contact_name", sa.Text, nullable=False),
        sa.Column("contact_email", sa.Text, nullable=False),
        sa.Column("privacy_url", sa.Text, nullable=False),
        sa.Column("imprint", sa.Text, nullable=False),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.Column("decided_at", UtcDateTime),
        sa.Column("reason", sa.Text, server_default="", nullable=False),
        sa.Column("group_id", BigKey),
        sa.CheckConstraint(
            "state IN ('asked', 'approved', 'declined')", name="ck_join_requests_state"
        ),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_join_requests_group_id"),
        sa.ForeignKeyConstraint(["parent_id"], ["groups.id"], name="fk_join_requests_parent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_join_requests"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_join_requests_state", "join_requests", ["state"])


def create_campaigns() -> None:
    """What events belong to."""
    op.create_table(
        "elections",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_elections"),
    )
    op.create_index("ix_elections_day", "elections", ["day"])
    op.create_table(
        "campaigns",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("revision", BigKey, nullable=False),
        sa.Column("group_id", BigKey, nullable=False),
        sa.Column("election_id", sa.Text),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("goal_kind", sa.Text, nullable=False),
        sa.Column("goal", sa.Integer, nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=False),
        sa.Column("published_at", UtcDateTime),
        sa.CheckConstraint(
            "goal_kind IN ('signups', 'conversations', 'events')", name="ck_campaigns_goal_kind"
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'published', 'archived')", name="ck_campaigns_status"
        ),
        sa.CheckConstraint("ends_on >= starts_on", name="ck_campaigns_ends_after_start"),
        sa.CheckConstraint("goal >= 1", name="ck_campaigns_goal"),
        sa.CheckConstraint(
            "status <> 'published' OR published_at IS NOT NULL", name="ck_campaigns_published_at"
        ),
        sa.ForeignKeyConstraint(["election_id"], ["elections.id"], name="fk_campaigns_election_id"),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_campaigns_group_id"),
        sa.PrimaryKeyConstraint("id", name="pk_campaigns"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_campaigns_election_id", "campaigns", ["election_id"])
    op.create_index("ix_campaigns_group_id", "campaigns", ["group_id"])


def create_series() -> None:
    """Rules from which events are made."""
    op.create_table(
        "series",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("group_id", BigKey, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("ended_at", UtcDateTime),
        sa.Column("events_cancelled", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_series_group_id"),
        sa.PrimaryKeyConstraint("id", name="pk_series"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_series_group_id", "series", ["group_id"])


def create_co_hosts() -> None:
    """Other groups of an event."""
    op.create_table(
        "co_hosts",
        sa.Column("event_id", BigKey, nullable=False),
        sa.Column("group_id", BigKey, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.CheckConstraint("state IN ('asked', 'accepted', 'declined')", name="ck_co_hosts_state"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_co_hosts_event_id"),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_co_hosts_group_id"),
        sa.PrimaryKeyConstraint("event_id", "group_id", name="pk_co_hosts"),
    )
    op.create_index("ix_co_hosts_group_id", "co_hosts", ["group_id"])


def change_groups() -> None:
    """Say more of a group, and of which other it is a part."""
    with op.batch_alter_table("groups", table_kwargs={"sqlite_autoincrement": True}) as groups:
        groups.add_column(sa.Column("parent_id", BigKey))
        for name in ("about", "website", "reply_email", "representative_name"):
            groups.add_column(text_column(name))
        for name in ("representative_role", "area_postcode", "embed_sites"):
            groups.add_column(text_column(name))
        groups.add_column(sa.Column("area_miles", sa.Integer))
        groups.add_column(sa.Column("latitude", sa.Float))
        groups.add_column(sa.Column("longitude", sa.Float))
        groups.create_foreign_key("fk_groups_parent_id", "groups", ["parent_id"], ["id"])
        groups.create_check_constraint(
            "ck_groups_area_miles", "area_miles IS NULL OR area_miles BETWEEN 1 AND 500"
        )
    op.create_index("ix_groups_parent_id", "groups", ["parent_id"])


def change_events() -> None:
    """Say more of an event, and what it belongs to."""
    with op.batch_alter_table("events", table_kwargs={"sqlite_autoincrement": True}) as events:
        events.drop_constraint("ck_events_kind", type_="check")
        events.create_check_constraint("ck_events_kind", KINDS)
        events.add_column(sa.Column("campaign_id", BigKey))
        events.add_column(sa.Column("election_id", sa.Text))
        for name, default in (("bring", ""), ("accessibility", ""), ("online_url", "")):
            events.add_column(text_column(name, default))
        events.add_column(text_column("mode", "in_person"))
        events.add_column(text_column("address_shown", "public"))
        events.add_column(sa.Column("archived_at", UtcDateTime))
        events.add_column(sa.Column("series_id", BigKey))
        events.add_column(sa.Column("series_day", sa.Date))
        events.add_column(
            sa.Column("series_changed", sa.Boolean, server_default=sa.false(), nullable=False)
        )
        events.add_column(
            sa.Column("series_adjusted", sa.Boolean, server_default=sa.false(), nullable=False)
        )
        events.create_foreign_key("fk_events_campaign_id", "campaigns", ["campaign_id"], ["id"])
        events.create_foreign_key("fk_events_election_id", "elections", ["election_id"], ["id"])
        events.create_foreign_key("fk_events_series_id", "series", ["series_id"], ["id"])
        events.create_unique_constraint(
            "uq_events_series_id_series_day", ["series_id", "series_day"]
        )
        events.create_check_constraint("ck_events_mode", "mode IN ('in_person', 'online', 'both')")
        events.create_check_constraint(
            "ck_events_address_shown", "address_shown IN ('public', 'signed_up')"
        )
    op.create_index("ix_events_campaign_id", "events", ["campaign_id"])
    op.create_index("ix_events_election_id", "events", ["election_id"])


def change_shifts() -> None:
    """Say where a shift lies, what is done there, who leads it and what it brought."""
    with op.batch_alter_table("shifts", table_kwargs={"sqlite_autoincrement": True}) as shifts:
        for name in ("constituency_code", "authority_code", "located", "work", "needs"):
            shifts.add_column(text_column(name))
        for name in ("lead_name", "lead_email"):
            shifts.add_column(text_column(name))
        shifts.add_column(sa.Column("latitude", sa.Float))
        shifts.add_column(sa.Column("longitude", sa.Float))
        shifts.add_column(sa.Column("slot", sa.Integer, server_default="0", nullable=False))
        shifts.add_column(sa.Column("conversations", sa.Integer))
        shifts.add_column(sa.Column("announced_start", UtcDateTime))
        shifts.create_check_constraint("ck_shifts_work", "work IN ('', 'training', 'campaigning')")
        shifts.create_check_constraint(
            "ck_shifts_conversations", "conversations IS NULL OR conversations >= 0"
        )
    op.execute(
        "UPDATE shifts SET announced_start = starts_at"
        " WHERE event_id IN (SELECT id FROM events WHERE published_at IS NOT NULL)"
    )
    op.create_index("ix_shifts_constituency_code", "shifts", ["constituency_code"])
    op.create_index("ix_shifts_latitude_longitude_day", "shifts", ["latitude", "longitude", "day"])


def text_column(name: str, default: str = "") -> sa.Column[str]:
    """Return a column of text that rows of before fill with `default`."""
    return sa.Column(name, sa.Text, server_default=default, nullable=False)
