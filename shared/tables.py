"""The tables every service's database has: messages, chores, limits and repeated requests."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text, Uuid

from shared.columns import BigKey, UtcDateTime, new_metadata

METADATA = new_metadata()

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("message_id", Uuid, nullable=False, unique=True),
    Column("name", String(80), nullable=False),
    Column("traceparent", String(55), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    sqlite_autoincrement=True,
)
Index(
    "ix_outbox_unsent",
    OUTBOX.c.id,
    postgresql_where=OUTBOX.c.sent_at.is_(None),
    sqlite_where=OUTBOX.c.sent_at.is_(None),
)
Index("ix_outbox_sent_at", OUTBOX.c.sent_at)

INBOX = Table(
    "inbox",
    METADATA,
    Column("message_id", Uuid, primary_key=True),
    Column("received_at", UtcDateTime, nullable=False, index=True),
)

HELD_MESSAGES = Table(
    "held_messages",
    METADATA,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("message_id", Uuid, nullable=False, unique=True),
    Column("name", String(80), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("state", String(10), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
    Column("held_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)
Index("ix_held_messages_due", HELD_MESSAGES.c.state, HELD_MESSAGES.c.due_at)

CHORES = Table(
    "chores",
    METADATA,
    Column("name", String(80), primary_key=True),
    Column("due_at", UtcDateTime, nullable=False),
)

COUNTERS = Table(
    "counters",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False, index=True),
)

IDEMPOTENCY_KEYS = Table(
    "idempotency_keys",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("answer", Text),
    Column("created_at", UtcDateTime, nullable=False, index=True),
)

NETWORK = 0
"""In place of a group's id: the whole installation, above all groups."""

MEMBERSHIPS = Table(
    "memberships",
    METADATA,
    Column("organiser_id", BigKey, primary_key=True, autoincrement=False),
    Column("group_id", BigKey, primary_key=True, autoincrement=False),
    Column("role", String(20), nullable=False),
    Column("revision", BigKey, nullable=False),
)
Index("ix_memberships_group_id", MEMBERSHIPS.c.group_id)

ENDED_SESSIONS = Table(
    "ended_sessions",
    METADATA,
    Column("session_id", Uuid, primary_key=True),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

TOKENS = Table(
    "tokens",
    METADATA,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("group_id", BigKey, nullable=False, index=True),
    Column("rights", Text, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    sqlite_autoincrement=True,
)
