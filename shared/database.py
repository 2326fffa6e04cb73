"""One service's database: its transactions, and what its errors mean."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, delete, event, func, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

LOCK_TIMEOUT_MS = 2000
STATEMENT_TIMEOUT_MS = 5000
DELETED_AT_A_TIME = 5000
SQLITE_AWAY = ("SQLITE_CANTOPEN", "SQLITE_FULL", "SQLITE_IOERR")
ASK_TIME = select(func.clock_timestamp())


class Database:
    """The database at `url`, with at most `pool_size` connections of this process.

    What stands in `info` is found in the `info` of every session: what operations need to know of
    the process they run in, like its settings.
    """

    def __init__(self, url: str, *, pool_size: int = 5) -> None:
        self.info: dict[str, Any] = {}
        self.url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        self.dialect = "sqlite" if self.url.startswith("sqlite") else "postgresql"
        self._writer = threading.Lock()
        self.engine = (
            _sqlite_engine(self.url)
            if self.dialect == "sqlite"
            else _postgres_engine(self.url, pool_size)
        )

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that changes nothing.

        PostgreSQL refuses to write in it, and each statement sees what is committed at its start,
        as it does in any transaction here; so there is none, which saves beginning and ending it.
        On SQLite all statements see the same, and what was written is thrown away at the end.
        """
        with self._connect(writing=False) as connection, Session(connection) as session:
            session.info.update(self.info, now=connection.info.pop("now"))
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session that commits at the end, or rolls back when an error leaves the block.

        On SQLite the write lock is taken at once (BEGIN IMMEDIATE), so that what was read stays
        true until the commit. SQLite itself lets who waits for it ask again and again, the longest
        waiting least often; so the threads of this process wait for each other here.
        """
        with (
            self._turn(),
            self._connect(writing=True) as connection,
            Session(
                connection, expire_on_commit=False, join_transaction_mode="control_fully"
            ) as session,
        ):
            session.info.update(self.info, now=connection.info.pop("now"))
            yield session
            session.commit()

    def now(self, session: Session) -> datetime:
        """Return when this session's transaction began by the database's clock, in UTC."""
        now: datetime = session.info["now"]
        return now

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for this process's other writers, on SQLite and no longer than SQLite would."""
        mine = self.dialect == "sqlite" and self._writer.acquire(timeout=LOCK_TIMEOUT_MS / 1000)
        try:
            yield
        finally:
            if mine:
                self._writer.release()

    def _connect(self, *, writing: bool) -> Connection:
        """Open a connection, begin and ask the time; a connection that has died is replaced."""
        connection = self.engine.connect()
        try:
            connection.info["now"] = self._begin(connection, writing=writing)
        except OperationalError as error:
            connection.close()
            if not error.connection_invalidated:
                raise
            connection = self.engine.connect()
            connection.info["now"] = self._begin(connection, writing=writing)
        return connection

    def _begin(self, connection: Connection, *, writing: bool) -> datetime:
        connection.info["writing"] = writing
        if self.dialect == "sqlite":
            connection.begin()
            return datetime.now(UTC)
        driver: Any = connection.connection.dbapi_connection
        if driver.autocommit == writing:
            driver.autocommit = not writing
        now: datetime = connection.execute(ASK_TIME).scalar_one()
        return now.astimezone(UTC)

    def answers(self) -> bool:
        """Tell whether the database can be asked right now."""
        try:
            with self.reading() as session:
                session.execute(text("SELECT 1"))
        except (OperationalError, PoolTimeout):
            return False
        return True

    def empty_log(self) -> None:
        """Bring what SQLite wrote to its log into the file and empty the log, if nobody reads.

        What was deleted stands in the log until then, and in every copy of the folder.
        """
        if self.dialect == "sqlite":
            with self._turn(), self.engine.connect() as connection:
                # Who writes meanwhile waits; a reader who takes longer is left in peace.
                connection.exec_driver_sql("PRAGMA busy_timeout=50")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()
                connection.exec_driver_sql(f"PRAGMA busy_timeout={LOCK_TIMEOUT_MS}")

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


def next_revision(current: int | None, now: datetime) -> int:
    """Return a revision newer than `current`.

    It counts Unix milliseconds, so that it grows past a restore too.
    """
    return max((current or 0) + 1, int(now.timestamp() * 1000))


def is_away(error: BaseException) -> bool:
    """Tell whether `error` says that the database cannot be reached, not that it refused."""
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = sqlstate(error)
    lite = getattr(error.orig, "sqlite_errorname", None)
    gone = state is None and lite is None and isinstance(error, OperationalError)
    gone = gone or (lite or "").startswith(SQLITE_AWAY)
    return error.connection_invalidated or gone or (state or "").startswith(("08", "57P", "53"))


def is_lock_timeout(error: BaseException) -> bool:
    """Tell whether `error` says that a lock was not to be had in time."""
    return isinstance(error, DBAPIError) and (
        sqlstate(error) in ("55P03", "57014") or "database is locked" in str(error.orig)
    )


def is_deadlock(error: BaseException) -> bool:
    """Tell whether `error` says that this transaction was ended to let another one go on."""
    return isinstance(error, DBAPIError) and sqlstate(error) in ("40P01", "40001")


def is_unusable(error: BaseException) -> bool:
    """Tell whether `error` is the database's state rather than the fault of the work in hand."""
    return is_away(error) or is_lock_timeout(error) or is_deadlock(error)


def delete_where(session: Session, table: Table, condition: Any) -> None:
    """Delete the rows of a table that fit, some thousands in a statement.

    However many they are, no statement takes as long as STATEMENT_TIMEOUT_MS.
    """
    (key,) = table.primary_key.columns
    some = select(key).where(condition).limit(DELETED_AT_A_TIME)
    deleted: Any = None
    while deleted is None or deleted.rowcount == DELETED_AT_A_TIME:
        deleted = session.execute(delete(table).where(key.in_(some)))


def insert(session: Session, table: Table) -> Any:
    """Return this database's own INSERT into `table`, which knows ON CONFLICT."""
    return insert_for(dialect_of(session), table)


def dialect_of(session: Session) -> str:
    """Return the name of the session's kind of database, as `insert_for` takes it."""
    return session.get_bind().dialect.name


def insert_for(dialect: str, table: Table) -> Any:
    """Return the INSERT of one kind of database, for statements that are made once and kept.

    Making a statement takes longer than running it.
    """
    return (postgresql if dialect == "postgresql" else sqlite).insert(table)


def sqlstate(error: DBAPIError) -> str | None:
    """Return PostgreSQL's five-character error code, where there is one."""
    return getattr(error.orig, "sqlstate", None)


def _postgres_engine(url: str, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=0,
        # The connection used last is the warmest: its statements are prepared, its pages at hand.
        pool_use_lifo=True,
        pool_timeout=LOCK_TIMEOUT_MS / 1000,
        connect_args={
            "connect_timeout": 3,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": 10_000,
            "options": f"-c lock_timeout={LOCK_TIMEOUT_MS}"
            f" -c statement_timeout={STATEMENT_TIMEOUT_MS}"
            " -c timezone=UTC -c default_transaction_read_only=on",
        },
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # What is written, is written in a transaction; only they may.
        connection.read_only = False

    return engine


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(
        url, pool_size=30, hide_parameters=True, connect_args={"timeout": LOCK_TIMEOUT_MS / 1000}
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # Python's own handling of transactions would begin them late and without the write lock.
        connection.isolation_level = None
        connection.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
            # What is deleted is overwritten: people who were erased are not in the file's gaps.
            "PRAGMA secure_delete=ON;"
        )

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        writing = connection.info.pop("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine
