"""What the fault tests share: the whole system under load, and a table of what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from tests.containers import RESULTS, Stack
from tests.faults import reporter
from tests.faults.books import Books
from tests.faults.reporter import Report
from tests.journeys.crowd import Crowd
from tests.journeys.people import Organiser

TABLE = RESULTS.parent / "faults.md"


@dataclass
class Trial:
    """One fault under load: a crowd that signs up meanwhile, and the report after it."""

    name: str
    muster: Stack
    books: Books
    rows: dict[str, dict[str, object]]

    def gathers(
        self,
        size: int = 120,
        *,
        places: Sequence[int | None] = (40, None),
        one_gives_up_in: int = 10,
    ) -> Crowd:
        """Return a crowd before a new event: its first shift is soon full, its second never."""
        first, *more = places
        event = Organiser(self.muster).publishes(places=first, more=more)
        return Crowd(self.muster, event, size, one_gives_up_in=one_gives_up_in)

    def reports(self, crowd: Crowd, *, hours_pass: bool = False, timeout: float = 90) -> Report:
        """Wait until nothing is on its way any more, then compare and note the figures."""
        seconds = reporter.wait_for_rest(
            self.books, crowd.gathering.id, timeout=timeout, hours_pass=hours_pass
        )
        found = reporter.report(self.books, crowd.told(), seconds_to_rest=seconds)
        statuses = (f"{count}× {status}" for status, count in sorted(crowd.statuses.items()))
        self.rows[self.name] = {
            "fault": self.name,
            "answers": ", ".join(statuses),
            **found.figures(),
        }
        return found

    def check(self, crowd: Crowd, found: Report, *, repeated_mails: int = 0) -> None:
        """Hold a report against the promises; so many mails may have come twice, with one id."""
        impatient = sum(not one.is_patient for one in crowd.asked)
        assert found.broken == {}
        assert found.acknowledged >= len(crowd.asked) - impatient
        assert found.unclaimed <= impatient
        assert found.repeated_mails <= repeated_mails


@pytest.fixture(scope="session")
def rows() -> Iterator[dict[str, dict[str, object]]]:
    """Return the last figures of each trial, which become a table at the end."""
    found: dict[str, dict[str, object]] = {}
    yield found
    if found:
        TABLE.parent.mkdir(parents=True, exist_ok=True)
        TABLE.write_text(table_of(list(found.values())), encoding="utf-8")


def table_of(rows: list[dict[str, object]]) -> str:
    """Return the rows as a Markdown table."""
    names = list(rows[0])
    lines = [[name.replace("_", " ") for name in names], ["---"] * len(names)]
    lines += [[str(row[name]) for name in names] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


@pytest.fixture
def muster(whole: Stack) -> Stack:
    """Return the system with all its parts well and an empty mail catcher."""
    whole.empty_mailbox()
    return whole


@pytest.fixture
def books(muster: Stack) -> Iterator[Books]:
    """Return what the system writes down; a test that fails leaves the next one nothing held."""
    opened = Books(muster)
    opened.forget_held()
    yield opened
    opened.close()


@pytest.fixture
def trial(
    request: pytest.FixtureRequest,
    muster: Stack,
    books: Books,
    rows: dict[str, dict[str, object]],
) -> Trial:
    """Return what a test needs to break something and count."""
    words = request.node.name.removeprefix("test_").replace("_", " ")
    return Trial(name=words, muster=muster, books=books, rows=rows)
