"""Running commands of `muster` in the tests, on a database of either kind."""

from __future__ import annotations

from collections.abc import Callable

import click
import pytest
from click.testing import CliRunner

from services.events.commands import COMMANDS
from shared.database import Database
from tests.entering import SESSION_KEY, SESSION_PUBLIC_KEY


def muster_on(db: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return a function that runs a command and gives what it prints."""
    monkeypatch.setenv("DATABASE_URL", db.url.replace("+psycopg", ""))
    monkeypatch.setenv("SESSION_KEY", SESSION_KEY)
    monkeypatch.setenv("SESSION_PUBLIC_KEY", SESSION_PUBLIC_KEY)
    # Tests that start containers may have left settings of theirs.
    for name in ("TRUSTED_PROXIES", "PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)

    def run(*typed: str, fails: bool = False) -> str:
        answer = CliRunner().invoke(click.Group(commands=list(COMMANDS)), typed)
        assert (answer.exit_code != 0) == fails, answer.output
        return answer.output

    return run
