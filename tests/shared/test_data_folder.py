"""Embedded mode's folder DATA: sign-ups, mails and secrets lie there, for its owner alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_AND_WRITE = """
import os, sqlite3
from services.__main__ import prepare_embedded
prepare_embedded()
sqlite3.connect(os.environ["DATA"] + "/events.sqlite").execute("CREATE TABLE people (name TEXT)")
"""


def test_nobody_else_may_look_into_what_embedded_mode_writes(tmp_path: Path) -> None:
    data = tmp_path / "data"

    subprocess.run(
        [sys.executable, "-c", START_AND_WRITE],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATA": str(data)},
        umask=0o022,
        check=True,
    )

    made = [data, *data.iterdir()]
    assert {"data", "events.sqlite", "secret-key"} <= {path.name for path in made}
    assert [path.name for path in made if path.stat().st_mode & 0o077] == []


def test_a_command_works_on_a_folder_that_was_never_started(tmp_path: Path) -> None:
    def muster(*typed: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "services", *typed],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "DATA": str(tmp_path / "data")},
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    added = muster("administrator", "add", "ada@example.org", "--name", "Ada Okafor")

    assert "ada@example.org" in added
    assert "Ada Okafor" in muster("administrator", "list")
    assert "No message is held." in muster("parked", "list")
