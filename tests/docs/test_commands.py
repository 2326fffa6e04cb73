"""The README's first command, word for word, on a copy of the project that was never run."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.containers import ENVIRONMENT
from tests.docs.reading import ROOT, command_lines, page
from tests.eventually import eventually

pytestmark = [pytest.mark.journeys, pytest.mark.timeout(300, func_only=False)]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of what is under version control, and nothing else."""
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).exists():
            (tmp_path / "copy" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / "copy" / name)
    return tmp_path / "copy"


@contextmanager
def running(command: str, folder: Path, **settings: str) -> Iterator[list[str]]:
    """Run a command of the README until the block ends; give the lines that it prints."""
    home = folder.parent / "home"
    home.mkdir(exist_ok=True)
    log = folder.parent / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command.split(),
            cwd=folder,
            env={**ENVIRONMENT, "HOME": str(home), **settings},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:

        def is_ready() -> bool:
            assert process.poll() is None, log.read_text()
            return "Muster is ready" in log.read_text()

        eventually(is_ready, timeout=200, every=0.1)
        yield log.read_text().splitlines()
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_the_first_command_serves_the_demo_and_starts_fast_again(copy: Path) -> None:
    first = next(line for line in command_lines(page("README.md")) if line.startswith("make"))
    port = free_port()
    address = f"http://127.0.0.1:{port}"

    with running(first, copy, PORT=str(port)) as said:
        assert any(address in line for line in said)
        schedule = requests.get(address, timeout=10)
        assert schedule.ok
        assert re.search(r'href="/events/\d+"', schedule.text)
        assert requests.get(f"{address}/mail", timeout=10).ok

    with running(first, copy, PORT=str(port), DEMO="0") as said:
        assert not [line for line in said if "packages" in line]
        assert requests.get(address, timeout=10).ok
