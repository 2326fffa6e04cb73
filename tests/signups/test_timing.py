"""Nobody learns from a page whether an address is known: not by its words, not by its time."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from statistics import median
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.signups import links
from services.signups.app import create_app
from services.signups.operations import changing, signing_up
from shared.database import Database
from tests.apps import app_on
from tests.conftest import DatabaseOf
from tests.signups.making import FREELY, make_settings
from tests.signups.visiting import Look, headline, open_shift, signs_up

TRIES = 400
A_DIFFERENCE = 0.005
"""Seconds between medians from which on somebody could tell."""

FULL = {"capacity": 1}
WITH_ROOM: dict[str, Any] = {"capacity": None}
STRANGERS = count(1000)

Answer = Callable[[str], str]
"""Send a form for one address and return the page that comes of it; the sending is measured."""

pytestmark = pytest.mark.timeout(240)


class Asking:
    """Somebody who tries addresses and looks at their watch."""

    def __init__(self, db: Database) -> None:
        self.db = db
        db.info["settings"] = settings = make_settings(db.url, **FREELY)
        self.client: FlaskClient = app_on(create_app, settings, db).test_client()
        self.took = 0.0

    def signing_up(self, shift: int) -> Answer:
        """Return how one signs up for a shift."""

        def answer(who: str) -> str:
            with self.db.reading() as session:
                token = links.sign_form(session, shift, now=self.db.now(session))
            form = {**typed(who), "form_token": token}
            sent = self.measured(f"/sign-up/{shift}", form)
            assert sent.status_code == 303, sent.text
            return self.client.get(sent.headers["Location"]).text

        return answer

    def looking_for_a_link(self, who: str) -> str:
        """Ask for the mail with one's links."""
        return str(self.measured("/my", {"email": typed(who)["email"]}).text)

    def measured(self, path: str, form: dict[str, str]) -> Any:
        """Send a form and note how long the answer took."""
        began = time.perf_counter()
        answer = self.client.post(path, data=form)
        self.took = time.perf_counter() - began
        return answer


def typed(who: str) -> dict[str, str]:
    """Return a form filled in; all of them are equally long."""
    return {
        "name": f"Ada {who}",
        "email": f"{who}@mail.example",
        "party": "1",
        "consent": "yes",
        "website": "",
    }


def strangers() -> Iterator[str]:
    return (f"p{next(STRANGERS):05}" for _ in iter(int, 1))


KNOWN = [f"p{number:05}" for number in range(20)]


def meet(asking: Asking, shift: int) -> None:
    """Sign up those whose addresses are known afterwards."""
    for who in KNOWN:
        signs_up(asking.client, shift, **typed(who))


def kinds(db: Database) -> Counter[str]:
    """Count what was told."""
    return Counter(news.split()[0] for news in Look(db).news())


def difference(asking: Asking, answer: Answer, tries: int = TRIES) -> float:
    """Ask for known and unknown addresses by turns; return by how much one takes longer."""
    took: dict[bool, list[float]] = {True: [], False: []}
    unknown = strangers()
    for number in range(tries):
        # The one who is first finds the caches colder: by turns that is both.
        for known in (True, False) if number % 2 else (False, True):
            answer(KNOWN[number % len(KNOWN)] if known else next(unknown))
            took[known].append(asking.took)
    return abs(median(took[True]) - median(took[False]))


@pytest.fixture
def asking(database_of: DatabaseOf) -> Asking:
    return Asking(database_of("signups"))


@pytest.fixture
def postgres(postgres_database_of: DatabaseOf, monkeypatch: pytest.MonkeyPatch) -> Asking:
    # Otherwise a known address gets a mail three times only, and no work is done from then on.
    monkeypatch.setattr(changing, "LINKS_PER_HOUR", 10**6)
    return Asking(postgres_database_of("signups"))


@pytest.mark.parametrize("shift, state", [(WITH_ROOM, "place"), (FULL, "waiting list")])
def test_a_known_address_reads_what_an_unknown_one_reads(
    asking: Asking, shift: dict[str, Any], state: str
) -> None:
    number = open_shift(asking.db, **shift)
    meet(asking, number)
    answer, stranger = asking.signing_up(number), next(strangers())

    # The known one first: it changes nothing that the other could read.
    known, unknown = answer(KNOWN[-1]), answer(stranger)

    assert state in headline(known)
    assert known.replace(KNOWN[-1], "") == unknown.replace(stranger, "")


def test_who_lost_a_link_reads_what_a_stranger_reads(asking: Asking) -> None:
    meet(asking, open_shift(asking.db, **WITH_ROOM))
    stranger = next(strangers())

    known, unknown = asking.looking_for_a_link(KNOWN[0]), asking.looking_for_a_link(stranger)

    assert known.replace(KNOWN[0], "") == unknown.replace(stranger, "")
    assert kinds(asking.db)["LinkRequested"] == 1


@pytest.mark.containers
@pytest.mark.parametrize("shift", [WITH_ROOM, FULL], ids=["with room", "full"])
def test_signing_up_takes_as_long_for_a_known_address(
    postgres: Asking, shift: dict[str, Any]
) -> None:
    number = open_shift(postgres.db, **shift)
    meet(postgres, number)

    assert difference(postgres, postgres.signing_up(number)) < A_DIFFERENCE

    news = kinds(postgres.db)
    assert news["SignupRepeated"] == TRIES
    assert news["SignupPlaced"] + news["SignupWaitlisted"] == len(KNOWN) + TRIES


@pytest.mark.containers
def test_a_lost_link_takes_as_long_for_a_known_address(postgres: Asking) -> None:
    meet(postgres, open_shift(postgres.db, **WITH_ROOM))

    assert difference(postgres, postgres.looking_for_a_link) < A_DIFFERENCE

    assert kinds(postgres.db)["LinkRequested"] == TRIES


@pytest.mark.containers
@pytest.mark.parametrize("where", ["tell_repeated", "keep"])
def test_three_hundredths_of_a_second_more_for_one_of_them_are_noticed(
    postgres: Asking, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """The negative control: as if only one of the two waited for a mail server, for example."""
    real = getattr(signing_up, where)

    def slower(*given: Any, **named: Any) -> Any:
        threading.Event().wait(0.03)
        return real(*given, **named)

    monkeypatch.setattr(f"{signing_up.__name__}.{where}", slower)
    shift = open_shift(postgres.db, **WITH_ROOM)
    meet(postgres, shift)

    assert difference(postgres, postgres.signing_up(shift), tries=40) > A_DIFFERENCE
