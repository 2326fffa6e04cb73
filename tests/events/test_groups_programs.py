"""What programs and scripts do with groups and elections."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.events.models import PlaceName
from shared.database import Database
from tests.events.making import typed_group
from tests.events.test_commands import GROUP, Muster, muster  # noqa: F401 - a fixture

PROFILE = {
    "about": "We walk.",
    "website": "https://fosse.example",
    "reply_email": "answers@fosse.example",
    "representative_name": "Alex Example",
    "representative_role": "Candidate for Lincoln",
    "area_postcode": "LN2 1AA",
    "area_miles": 5,
    "embed_sites": ["https://fosse.example"],
}


def test_a_program_founds_a_group_with_its_whole_profile(program: FlaskClient) -> None:
    typed = typed_group(**PROFILE, constituencies=["Lincoln"], authorities=["North Kesteven"])
    group: Any = program.post("/api/groups", json=typed).json
    assert {name: group[name] for name in PROFILE} == PROFILE
    assert group["areas"] == [
        {"kind": "constituency", "name": "Lincoln", "code": ""},
        {"kind": "authority", "name": "North Kesteven", "code": ""},
    ]
    part: Any = program.post("/api/groups", json=typed_group(parent_id=group["id"])).json
    assert part["parent_id"] == group["id"]
    assert program.post("/api/groups", json=typed_group(parent_id=4711)).status_code == 404


def test_a_program_changes_areas_and_hears_what_was_meant(
    program: FlaskClient, db: Database
) -> None:
    program.post("/api/groups", json=typed_group())
    with db.writing() as session:
        session.add(PlaceName(code="E14001335", kind="constituency", name="Lincoln"))
    found: Any = program.patch("/api/groups/1", json={"constituencies": ["lincoln"]}).json
    assert found["areas"] == [{"kind": "constituency", "name": "Lincoln", "code": "E14001335"}]
    refused = program.patch("/api/groups/1", json={"constituencies": ["Lincon"]})
    assert refused.status_code == 400
    problem: Any = refused.json
    assert problem["errors"][0]["pointer"] == "/constituencies"
    assert "Did you mean “Lincoln”?" in problem["errors"][0]["detail"]


@pytest.mark.parametrize(
    "typed, pointer",
    [
        ({"embed_sites": ["fosse"]}, "/embed_sites"),
        ({"constituencies": "x" * 201}, "/constituencies"),
        ({"area_miles": 5, "area_postcode": ""}, "/area_postcode"),
        ({"parent_id": 1}, "/parent_id"),
    ],
)
def test_what_a_program_may_not_change_is_named(
    program: FlaskClient, typed: dict[str, Any], pointer: str
) -> None:
    program.post("/api/groups", json=typed_group())
    refused: Any = program.patch("/api/groups/1", json=typed)
    assert refused.status_code == 400
    assert [one["pointer"] for one in refused.json["errors"]] == [pointer]


def test_a_script_founds_changes_and_moves_groups(muster: Muster) -> None:  # noqa: F811
    areas = ("--constituency", "Lincoln", "--constituency", "Newark", "--authority", "Boston")
    group = json.loads(muster(*GROUP, *areas, "--embed-site", "https://fosse.example/", "--json"))
    assert {area["name"] for area in group["areas"]} == {"Boston", "Lincoln", "Newark"}
    assert group["embed_sites"] == ["https://fosse.example"]
    changed = json.loads(muster("group", "change", "1", "--about", "We walk.", "--json"))
    assert (changed["about"], len(changed["areas"])) == ("We walk.", 3)
    assert json.loads(muster(*GROUP, "--parent-id", "1", "--json"))["parent_id"] == 1
    assert json.loads(muster("group", "move", "2", "--json"))["parent_id"] is None
    muster("group", "move", "2", "--under", "1")
    assert "a part of itself" in muster("group", "move", "1", "--under", "2", fails=True)
    assert "embed-site" in muster("group", "change", "1", "--embed-site", "fosse", fails=True)
    assert "nothing with that number" in muster("group", "move", "4711", fails=True)


def test_a_script_adds_and_lists_elections(muster: Muster) -> None:  # noqa: F811
    assert "There are no elections" in muster("election", "list")
    added = muster("election", "add", "local.lincoln.2027-05-06")
    assert added == "Election local.lincoln.2027-05-06, 2027-05-06: Local elections, Lincoln\n"
    muster("election", "add", "parl.2029-05-03", "--title", "General election")
    listed = json.loads(muster("election", "list", "--json"))
    assert [one["title"] for one in listed] == ["Local elections, Lincoln", "General election"]
    assert "already" in muster("election", "add", "parl.2029-05-03", fails=True)
    assert "Democracy Club" in muster("election", "add", "lincoln", fails=True)
