"""Migrations of tables that are filled already: nothing is lost, and new columns are filled."""

from __future__ import annotations

from collections.abc import Callable

from alembic import command
from sqlalchemy import text

from services.notifications.models import Base
from services.notifications.operations import notices
from shared import migrations
from shared.database import Database

OLD_ROWS = (
    "INSERT INTO groups VALUES (1, 1, 'Friends', 'Robin', 'r@f.example', '', '', 'off')",
    "INSERT INTO events VALUES (3, 1, 1, 'published', 'action_day', 'Out', 'Sam', 's@f.example')",
    "INSERT INTO shifts VALUES (5, 1, 3, 'Square', '', '', '2026-12-05 10:00:00',"
    " '2026-12-05 12:00:00', 'Europe/London', FALSE)",
    "INSERT INTO notices (id, key, kind, subject, revision, state, reason, recipient, details,"
    " message_id, calendar_sequence, attempts, doubts, created_at, due_at)"
    " VALUES (8, 'links:a:0', 'links', 'a', 0, 'due', '', 'ada@posts.example', '{\"x\": 1}',"
    " '6b1f2a523f3a4a4b9d3f1f6f3d0f7a11', 0, 0, 0, '2026-12-01 10:00:00', '2026-12-01 10:00:00')",
    "INSERT INTO suppressed_addresses VALUES ('ada@posts.example', '550', '2026-12-01 10:00:00')",
    "INSERT INTO channels VALUES ('mail', '2026-12-01 10:00:00', '535')",
    "INSERT INTO signups VALUES (9, 1, 3, 5, 'placed', 1, 'Ada', 'ada@posts.example', '', TRUE,"
    " '6b1f2a523f3a4a4b9d3f1f6f3d0f7a12', 0, NULL)",
    "INSERT INTO notices (id, key, kind, subject, revision, signup_id, state, reason, recipient,"
    " details, message_id, calendar_sequence, attempts, doubts, created_at, due_at)"
    " VALUES (9, 'confirmation:signup/9:1', 'confirmation', 'signup/9', 1, 9, 'due', '', '', '{}',"
    " '6b1f2a523f3a4a4b9d3f1f6f3d0f7a13', 0, 0, 0, '2026-12-01 10:00:00', '2026-12-01 10:00:00')",
    "INSERT INTO mailbox (id, notice_id, kept_at, recipient, subject, body)"
    " VALUES (2, 8, '2026-12-01 10:00:00', 'ada@posts.example', 'Links', '')",
)


def go_back(db: Database) -> None:
    """Make the tables anew as the first version had them."""
    with db.engine.connect() as connection:
        Base.metadata.drop_all(connection)
        connection.execute(
            text("DELETE FROM alembic_version WHERE version_num LIKE 'notifications_%'")
        )
        config = migrations._config("notifications")
        config.attributes["connection"] = connection
        command.upgrade(config, "notifications_0001")
        connection.commit()


def test_filled_tables_of_the_first_version_keep_every_row(
    database_of: Callable[[str], Database],
) -> None:
    db = database_of("notifications")
    go_back(db)
    with db.writing() as session:
        for statement in OLD_ROWS:
            session.execute(text(statement.replace(":", "\\:")))

    migrations.migrate(db.engine.url.render_as_string(hide_password=False), "notifications")

    with db.writing() as session:
        notices.name_owners(session, db.now(session))
    with db.reading() as session:
        found = session.execute(
            text(
                "SELECT n.id, n.details, n.expires_at, m.id FROM notices n"
                " JOIN mailbox m ON m.notice_id = n.id"
            )
        ).one()
        concerned = session.execute(
            text("SELECT event_id, group_id FROM notices WHERE id = 9")
        ).one()
        event = session.execute(text("SELECT mode, address_shown, bring FROM events")).one()
        shift = session.execute(text("SELECT work, needs FROM shifts")).one()
        held_back = session.execute(text("SELECT email, covers FROM suppressed_addresses")).one()
        channel = session.execute(text("SELECT name, failures FROM channels")).one()
    assert tuple(held_back) == ("ada@posts.example", "all")
    assert tuple(channel) == ("mail", 1)
    assert tuple(concerned) == (3, 1)
    assert (found[0], found[2], found[3]) == (8, None, 2)
    assert tuple(event) == ("in_person", "public", "")
    assert tuple(shift) == ("", "")
