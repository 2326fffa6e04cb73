"""Measure Muster beside what the machine allows: `make bench`, or python -m tests.bench [--short].

    --short          one short round of everything, to see that it works
    --only PART ...  search, follow, rush, rates, carrier, embedded, compose; default all
    --rounds N       rounds of each arm, in turns

The table goes to standard output, with everything as JSON into bench-results/.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path

# Its own containers, which no test run touches.
os.environ.setdefault("MUSTER_TEST_PROJECT", "muster-bench")

from . import bare, carrying, embedded, mailing, searching, signing_up, whole
from .effort import SHORT, Effort
from .report import Report, Target
from .signing_up import Rush

BARE = ("follow", "rush", "rates", "carrier")
"""Parts that run on processes of this checkout."""
PARTS = ("search", *BARE, "embedded", "compose")
RESULTS = Path(__file__).resolve().parents[2] / "bench-results"


def main() -> None:
    """Run the parts asked for and print what came of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--rounds", type=int)
    asked = parser.parse_args()
    effort = SHORT if asked.short else Effort()
    effort = replace(effort, rounds=asked.rounds) if asked.rounds else effort
    report = Report()
    try:
        run(asked.only, effort, report)
    finally:
        print(report.as_markdown())
        print(f"\nAs JSON: {report.write(RESULTS)}")


def run(parts: tuple[str, ...], effort: Effort, report: Report) -> None:
    """Measure each part."""
    if "embedded" in parts:
        embedded.measure_embedded(effort, report)
    if not {"search", *BARE, "compose"} & set(parts):
        return
    report.progress("starting PostgreSQL and RabbitMQ")
    with whole.carriers_running() as carriers:
        if "search" in parts:
            searching.measure_search(carriers, effort, report)
        if set(BARE) & set(parts):
            measure_bare(parts, carriers, effort, report)
        if "compose" in parts:
            measure_compose(effort, report)


def measure_bare(
    parts: tuple[str, ...], carriers: bare.Carriers, effort: Effort, report: Report
) -> None:
    """Measure on processes of this checkout."""
    report.progress("starting the services as bare processes")
    with bare.running(carriers) as processes:
        system = processes.system
        if "follow" in parts:
            signing_up.follow(system, effort, report, where="bare")
        if "rush" in parts:
            for tries in effort.tries:
                signing_up.rush(system, effort, report, Rush(where="bare", tries=tries))
            last = Rush(where="bare", tries=effort.tries[-1], when_full="refuse")
            signing_up.rush(system, effort, report, last)
        if "rates" in parts:
            scenes = signing_up.make_scenes(system, effort, signing_up.CLIENTS)
            lines = signing_up.make_lines(system, effort)
            system.wait_until_quiet()
            processes.stop_workers()
            signing_up.measure_rates(system, effort, report, where="web alone", scenes=scenes)
            signing_up.measure_lines(system, effort, report, where="web alone", lines=lines)
            system.forget_backlog()
            processes.start_workers()
        if "carrier" in parts:
            given = carrying.make_readers(system)
            processes.stop_workers()
            carrying.measure_carrier(system, carriers, given, effort, report)
            mailing.measure_sender(system, given[1], effort, report)
            mailing.measure_due(system, effort, report)


def measure_compose(effort: Effort, report: Report) -> None:
    """Measure on the system as it is deployed."""
    report.progress("starting the compose system")
    system = whole.start_all()
    report.measure("compose: memory at rest", "MiB", Target(most=1228)).values.append(
        whole.memory()
    )
    signing_up.follow(system, effort, report, where="compose")
    for tries in effort.tries:
        signing_up.rush(system, effort, report, Rush(where="compose", tries=tries))
    scenes = signing_up.make_scenes(system, effort, (8,))
    signing_up.measure_rates(system, effort, report, where="compose", scenes=scenes)


if __name__ == "__main__":
    main()
