"""A process whose part fails ends as a whole; one that is asked to stop finishes first."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from shared.processes import Crew
from tests.entering import SESSION_KEY, SESSION_PUBLIC_KEY

SERVICES = ("events", "signups", "notifications")


def test_a_thread_that_fails_takes_the_process_with_it() -> None:
    crew, other_ended = Crew(), threading.Event()

    def work_until_stopped() -> None:
        crew.stop.wait(30)
        other_ended.set()

    crew.start("other", work_until_stopped)
    crew.start("failing", lambda: [][0])

    assert crew.wait() == 1
    assert other_ended.is_set()


def test_a_thread_that_ends_unexpectedly_is_a_failure_too() -> None:
    crew = Crew()

    crew.start("short", lambda: None)

    assert crew.wait() == 1


def test_threads_finish_what_is_in_hand_when_asked_to_stop() -> None:
    crew, done = Crew(), []

    def work() -> None:
        crew.stop.wait(30)
        done.append("finished")

    crew.start("worker", work)
    crew.stop.set()

    assert crew.wait() == 0
    assert done == ["finished"]


def run(service: str, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a service's program with these settings and no others."""
    return subprocess.run(
        [sys.executable, "-m", f"services.{service}", *arguments],
        env={"PATH": os.environ["PATH"], **settings},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


@pytest.mark.parametrize("service", SERVICES)
def test_a_missing_setting_stops_the_start_and_names_itself(service: str) -> None:
    done = run(service, "web", SECRET_KEY="s" * 32, ADDRESS_KEY="a" * 32, AMQP_URL="http://wrong")

    assert done.returncode != 0
    assert "DATABASE_URL: is missing" in done.stderr
    assert "SESSION_PUBLIC_KEY: is missing" in done.stderr
    assert "AMQP_URL: must begin with amqp://" in done.stderr
    assert "SECRET_KEY" not in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_process_is_told_which_ones_there_are() -> None:
    assert "web | worker | migrate" in run("events", "dance").stderr


def settings_for(folder: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": f"sqlite:///{folder}/events.sqlite",
        "SESSION_KEY": SESSION_KEY,
        "SESSION_PUBLIC_KEY": SESSION_PUBLIC_KEY,
    }


def test_migrating_is_a_process_of_its_own(tmp_path: Path) -> None:
    done = run("events", "migrate", **settings_for(tmp_path))

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "events.sqlite").exists()


def test_a_worker_without_its_broker_keeps_trying_and_stops_when_asked(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    run("events", "migrate", **settings)
    process = subprocess.Popen(
        [sys.executable, "-m", "services.events", "worker"],
        env={"PATH": os.environ["PATH"], "AMQP_URL": "amqp://127.0.0.1:1/", **settings},
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr
        lines = iter(process.stderr.readline, "")
        assert next(line for line in lines if "queue events" in line)
        process.send_signal(signal.SIGTERM)

        assert process.wait(40) == 0


SIGNALLED = """
import sys
from shared.processes import Crew
from tests.entering import SESSION_KEY, SESSION_PUBLIC_KEY

crew = Crew()
crew.stop_on_signals()
for number in range(8):
    crew.start(str(number), lambda: [None for _ in iter(lambda: crew.stop.wait(0.001), True)])
print("ready", flush=True)
sys.exit(crew.wait())
"""


def test_a_process_asked_to_stop_again_and_again_stops() -> None:
    for _ in range(3):
        with subprocess.Popen([sys.executable, "-c", SIGNALLED], stdout=subprocess.PIPE) as process:
            assert process.stdout
            assert process.stdout.readline()
            for _ in range(2000):
                process.send_signal(signal.SIGTERM)
            try:
                assert process.wait(10) == 0
            finally:
                process.kill()
