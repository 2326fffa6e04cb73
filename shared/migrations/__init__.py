"""Migrations: the carrier's tables here, each service's own in its folder, one runner for all."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from shared.database import Database

HERE = Path(__file__).parent
SERVICES = HERE.parent.parent / "services"


def migrate(url: str, service: str) -> None:
    """Bring the database at `url` to what this version of `service` needs.

    It does nothing when nothing is missing.
    """
    db = Database(url)
    try:
        with db.engine.connect() as connection:
            if db.dialect == "sqlite":
                # Rebuilding a parent table with foreign keys on would fail or empty its children.
                # Said to the driver: within a transaction, which SQLAlchemy begins, it is no use.
                connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
            config = _config(service)
            config.attributes["connection"] = connection
            command.upgrade(config, "heads")
            connection.commit()
            _check_foreign_keys(db)
    finally:
        db.close()


def _config(service: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "newline")
    config.set_main_option(
        "version_locations", f"{HERE / 'versions'}\n{SERVICES / service / 'migrations'}"
    )
    return config


def _check_foreign_keys(db: Database) -> None:
    if db.dialect == "sqlite":
        with db.reading() as session:
            broken = session.execute(text("PRAGMA foreign_key_check")).all()
            if broken:
                raise RuntimeError(f"the migration left rows without their parents: {broken[:5]}")
