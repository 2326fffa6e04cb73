"""Run all tests as `make test` does: part by part, each with its budget, and add them up.

    python tests/run.py [check] [fast] [containers] [journeys] [browser] [foreign] [faults]

On Debian as root what is missing on the machine (Chromium, fonts, Node.js, a Docker engine) is
installed first. Elsewhere a part whose needs are missing is left out, and said to be; with CI=true
that counts as a failure, as does every skipped test.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
IN_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")
IS_DEBIAN_ROOT = os.geteuid() == 0 and Path("/etc/debian_version").exists()
MARKS = ("containers", "journeys", "browser", "foreign", "faults")
BUDGETS = {
    "check": 120,
    "fast": 120,
    "containers": 360,
    "journeys": 300,
    "browser": 240,
    "foreign": 60,
    "faults": 300,
}
"""Seconds a part may take on two cores; past three times that it is stopped and has failed."""

SIDE_BY_SIDE = {"fast": 3, "containers": 2, "browser": 2}
"""Parts in several processes, each with a system of its own; the others share the compose system.
Of the fast part's tests many wait for a deadline, so that a third finds two cores idle."""


@dataclass
class Outcome:
    """What came of one part."""

    name: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0
    remarks: list[str] = field(default_factory=list)


def main(names: list[str]) -> int:
    """Run the parts named, or all; return the exit status."""
    os.chdir(ROOT)
    # Tests are compiled once, not by every process of every part.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    outcomes = []
    try:
        with one_system_for_all_parts():
            for name in names or BUDGETS:
                outcomes.append(run_part(name))
    finally:
        status = sum_up(outcomes)
    return status


@contextmanager
def one_system_for_all_parts() -> Iterator[None]:
    """Let the parts use the containers that the first of them starts; take them down at the end."""
    if "KEEP_STACK" in os.environ:
        yield
        return
    os.environ["KEEP_STACK"] = "1"
    take_down()
    try:
        yield
    finally:
        take_down()


def take_down() -> None:
    project = os.environ.get("MUSTER_TEST_PROJECT", "muster-test")
    listed = ["docker", "ps", "--all", "--quiet", "--filter"]
    label = f"label=com.docker.compose.project={project}"
    if (
        not shutil.which("docker")
        or not subprocess.run([*listed, label], capture_output=True, check=False).stdout
    ):
        return
    down = ["docker", "compose", "-p", project, "down", "--volumes", "--remove-orphans"]
    subprocess.run([*down, "--timeout", "2"], capture_output=True, check=False)


def run_part(name: str) -> Outcome:
    print(f"\n=== {name} ===", flush=True)
    outcome = Outcome(name)
    lacking = provide(name)
    started = time.monotonic()
    if lacking:
        outcome.remarks.append(f"left out: {lacking}")
        outcome.failed += IN_CI
    elif name == "check":
        run_checks(outcome)
    else:
        run_pytest(outcome)
    outcome.seconds = time.monotonic() - started
    if outcome.seconds > BUDGETS[name]:
        outcome.remarks.append(f"over its budget of {BUDGETS[name]} s")
    return outcome


def provide(name: str) -> str:
    """Make sure that the machine has what a part needs; return what is lacking, or nothing."""
    needs: dict[str, tuple[Callable[[], str], ...]] = {
        "containers": (engine,),
        "journeys": (engine,),
        "browser": (chromium,),
        "foreign": (ical_js, spamassassin),
        "faults": (engine,),
    }
    return next(filter(None, (need() for need in needs.get(name, ()))), "")


def engine() -> str:
    """Start a Docker engine and make the base images, both only where they are not there yet."""
    if IS_DEBIAN_ROOT and quietly(ROOT / "deploy/images/engine-up"):
        return "no Docker engine could be started"
    if quietly("docker", "compose", "version") or quietly("docker", "version"):
        return "no Docker engine with Compose answers here"
    if subprocess.call([ROOT / "deploy/images/base-images"], stdin=subprocess.DEVNULL):
        return "the base images could not be had"
    return ""


def chromium() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    if not any(map(shutil.which, names)) and IS_DEBIAN_ROOT:
        print("Installing Chromium and fonts with apt.", flush=True)
        install("chromium", "fonts-dejavu-core", "fonts-liberation")
    return "" if any(map(shutil.which, names)) else "no Chromium is installed"


def ical_js() -> str:
    """Install ical.js; without it the rest of its part is run all the same, so nothing lacks."""
    if not shutil.which("npm") and IS_DEBIAN_ROOT:
        print("Installing Node.js with apt.", flush=True)
        install("nodejs", "npm")
    folder = ROOT / "tests/foreign"
    if shutil.which("npm") and not (folder / "node_modules/ical.js").exists():
        ci = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        quietly(*ci, "--prefix", folder, env=with_certificates_of_the_machine())
    return ""


def spamassassin() -> str:
    """Install SpamAssassin; without it the rest of its part is run all the same."""
    if not shutil.which("spamassassin") and IS_DEBIAN_ROOT:
        print("Installing SpamAssassin with apt.", flush=True)
        install("spamassassin")
    return ""


def with_certificates_of_the_machine() -> dict[str, str]:
    """Return an environment in which Node.js trusts whom the machine trusts, as pip and apt do."""
    bundle = Path("/etc/ssl/certs/ca-certificates.crt")
    trusted = {"NODE_EXTRA_CA_CERTS": str(bundle)} if bundle.exists() else {}
    return {**trusted, **os.environ}


def install(*packages: str) -> None:
    """Install Debian packages; what needs them sees by itself whether they are there."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120", "install", "-y"]
    for command in (["apt-get", "-qq", "update"], [*apt, "--no-install-recommends", *packages]):
        quietly(*command, env=environment)


def quietly(*command: str | Path, env: dict[str, str] | None = None) -> int:
    """Run a command; show what it said only if it failed. Return its exit status."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=env, check=False
        )
    except OSError as error:
        print(error, flush=True)
        return 127
    if done.returncode:
        print((done.stdout + done.stderr)[-2000:], flush=True)
    return done.returncode


def run_checks(outcome: Outcome) -> None:
    for command in (
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "."),
        ("mypy",),
    ):
        print("$", *command, flush=True)
        status = subprocess.call([BIN / command[0], *command[1:]], stdin=subprocess.DEVNULL)
        outcome.passed += status == 0
        outcome.failed += status != 0


def run_pytest(outcome: Outcome) -> None:
    """Run the tests of one mark (`fast`: those without any) and count what came of them."""
    selection = outcome.name if outcome.name in MARKS else f"not ({' or '.join(MARKS)})"
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--durations=5",
            "-m",
            selection,
            f"--junitxml={report}",
        ]
        if outcome.name in SIDE_BY_SIDE:
            command += [f"--numprocesses={SIDE_BY_SIDE[outcome.name]}", "--dist=worksteal"]
        limit = 3 * BUDGETS[outcome.name]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        try:
            status = process.wait(timeout=limit)
        except subprocess.TimeoutExpired:
            # Asked first, so that the fixtures take down what they started.
            process.send_signal(2)
            status = stop(process)
            outcome.remarks.append(f"stopped after {limit} s")
        count(outcome, report)
    if status and not outcome.failed:
        outcome.failed += 1
        outcome.remarks.append(
            "no test found" if status == 5 else f"pytest ended with status {status}"
        )


def stop(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def count(outcome: Outcome, report: Path) -> None:
    if not report.exists():
        return
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):  # noqa: S314 - our own file
        tests, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        outcome.passed += max(tests - skipped - failed, 0)
        outcome.failed += failed + (skipped if IN_CI else 0)
        outcome.skipped += 0 if IN_CI else skipped
        if skipped and IN_CI:
            outcome.remarks.append(f"{skipped} skipped, which counts as failed here")


def sum_up(outcomes: list[Outcome]) -> int:
    print("\n=== all parts ===")
    for part in outcomes:
        numbers = f"{part.passed:5d} passed {part.failed:3d} failed {part.skipped:3d} skipped"
        print(f"{part.name:11s}{numbers} {part.seconds:6.0f} s  {'; '.join(part.remarks)}".rstrip())
    passed, failed = (
        sum(getattr(part, word) for part in outcomes) for word in ("passed", "failed")
    )
    skipped = sum(part.skipped for part in outcomes)
    print(
        f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""),
        flush=True,
    )
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
