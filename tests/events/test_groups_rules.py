"""What is decided about groups without any database."""

from __future__ import annotations

import pytest

from services.events.rules import groups as rules


@pytest.mark.parametrize(
    "typed, origin",
    [
        ("https://www.example.org", "https://www.example.org"),
        ("https://www.example.org/", "https://www.example.org"),
        ("HTTPS://WWW.Example.org", "https://www.example.org"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("https://example.org:443", "https://example.org"),
        ("http://example.org:80/", "http://example.org"),
    ],
)
def test_an_origin_is_written_as_browsers_send_it(typed: str, origin: str) -> None:
    assert rules.origin_of(typed) == origin


@pytest.mark.parametrize(
    "typed",
    [
        "example.org",
        "ftp://example.org",
        "https://example.org/page",
        "https://example.org?x=1",
        "https://example.org#x",
        "https://robin@example.org",
        "https://*.example.org",
        "https://example.org; script-src *",
        "https://[::1",
        "https://",
        "*",
    ],
)
def test_what_is_more_or_less_than_an_origin_is_refused(typed: str) -> None:
    with pytest.raises(rules.NotAnOrigin):
        rules.origin_of(typed)


KNOWN = {
    rules.plain(name): name
    for name in ("Lincoln", "Newark", "Stoke-on-Trent Central", "Cities of London & Westminster")
}


@pytest.mark.parametrize(
    "typed, name",
    [
        ("lincoln", "Lincoln"),
        ("Stoke on Trent  central", "Stoke-on-Trent Central"),
        ("Cities of London and Westminster", "Cities of London & Westminster"),
        ("Lincon", ""),
    ],
)
def test_a_name_is_known_however_it_is_spelt(typed: str, name: str) -> None:
    assert rules.match_name(typed, KNOWN) == name


def test_what_was_probably_meant_is_offered() -> None:
    assert rules.similar_names("Lincon", KNOWN) == ["Lincoln"]
    assert rules.similar_names("Stoke-on-Trent", KNOWN) == ["Stoke-on-Trent Central"]
    assert rules.similar_names("Xyz", KNOWN) == []
    assert "Did you mean “Lincoln”?" in rules.did_you_mean("Lincon", ["Lincoln"])
    assert "Check how it is written" in rules.did_you_mean("Xyz", [])


def test_a_group_is_no_part_of_itself() -> None:
    rules.check_parent(1, [2, 3])
    with pytest.raises(rules.GroupIsAPartOfItself):
        rules.check_parent(1, [2, 1])


def test_a_request_is_decided_once() -> None:
    rules.check_undecided("asked")
    with pytest.raises(rules.RequestWasApproved):
        rules.check_undecided("approved")
    with pytest.raises(rules.RequestWasDeclined):
        rules.check_undecided("declined")


@pytest.mark.parametrize(
    "facts, done",
    [
        ({}, [False, False, False, False]),
        ({"about": "We", "imprint": "Us", "has_area": True}, [True, False, False, False]),
        ({"about": "We", "imprint": "Us"}, [False, False, False, False]),
        ({"event_id": 1}, [False, True, False, False]),
        ({"event_id": 1, "shifts": 2}, [False, True, True, False]),
        ({"event_id": 1, "shifts": 2, "published": True}, [False, True, True, True]),
    ],
)
def test_each_step_of_a_new_group_is_told_from_facts(
    facts: dict[str, object], done: list[bool]
) -> None:
    nothing = {
        "about": "",
        "imprint": "",
        "has_area": False,
        "event_id": None,
        "shifts": 0,
        "published": False,
    }
    beginning = rules.Beginning(**{**nothing, **facts})  # type: ignore[arg-type]
    assert [step.done for step in rules.steps_of(beginning)] == done
