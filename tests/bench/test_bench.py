"""The bench works, in its shortest form; its times are judged by people, on a quiet machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.bench import carrying, embedded, mailing, searching, signing_up
from tests.bench.bare import Carriers, running
from tests.bench.effort import SHORT
from tests.bench.report import Measure, Report, Target
from tests.bench.signing_up import Rush


@pytest.mark.containers
@pytest.mark.timeout(180)
def test_a_short_run_measures_the_bare_processes_beside_their_raw_arms(
    postgres_url: Callable[[str], str], rabbit: Any, tmp_path: Path
) -> None:
    report = Report(say=lambda _text: None)
    carriers = Carriers(new_database=postgres_url, amqp_url=rabbit.url_of)

    with running(carriers) as processes:
        system = processes.system
        for when_full in ("wait", "refuse"):
            many = Rush(where="bare", tries=SHORT.tries[0], when_full=when_full)
            signing_up.rush(system, SHORT, report, many)
        scenes = signing_up.make_scenes(system, SHORT, (2,))
        readers = carrying.make_readers(system)
        processes.stop_workers()
        signing_up.measure_rates(system, SHORT, report, where="web alone", scenes=scenes)
        carrying.measure_carrier(system, carriers, readers, SHORT, report)
        mailing.measure_sender(system, readers[1], SHORT, report)
        mailing.measure_due(system, SHORT, report)

    written = json.loads(report.write(tmp_path).read_text())
    figures = {measure["what"]: measure for measure in written["measures"]}
    assert all(measure["median"] > 0 for measure in compared(figures))
    assert all(min(measure["raw"]) > 0 for measure in compared(figures))
    assert [m["met"] for what, m in figures.items() if what.endswith(": placed")] == [True, True]


@pytest.mark.containers
@pytest.mark.timeout(120)
def test_a_short_run_measures_a_search(postgres_url: Callable[[str], str]) -> None:
    report = Report(say=lambda _text: None)
    carriers = Carriers(new_database=postgres_url, amqp_url=lambda _service: "")

    searching.measure_search(carriers, SHORT, report)

    soon, rate = report.measures.values()
    assert soon.target is not None
    assert len(soon.values) == len(rate.values) == 1
    assert rate.values[0] > 0


def compared(figures: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the measures that have a raw arm."""
    found = [measure for measure in figures.values() if measure["raw"]]
    assert len(found) == 7, list(figures)
    return found


def test_a_short_run_measures_embedded_mode() -> None:
    report = Report(say=lambda _text: None)

    embedded.measure_embedded(SHORT, report)

    assert [len(measure.values) for measure in report.measures.values()] == [1, 1]


def test_a_ratio_is_the_median_of_the_rounds_own() -> None:
    measure = Measure(
        what="sign-ups", unit="/s", target=Target(least=0.5, of_ratio=True), values=[40, 60, 10]
    )
    measure.raw = [100, 100, 100]

    assert measure.ratio == 0.4
    assert measure.is_met is False
