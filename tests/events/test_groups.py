"""Founding, changing, moving and finding groups."""

from __future__ import annotations

from typing import Any

import pytest
from marshmallow import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.events.models import AuditEntry, Group, PlaceName
from services.events.operations import groups
from services.events.rules import groups as rules
from services.events.schemas import GroupChanges, NewGroup
from shared.messages import GroupChanged
from shared.refusals import NotThere
from tests.events.making import (
    LATER,
    NOW,
    forget_told,
    make_draft,
    make_event,
    make_group,
    told,
    typed_group,
)


def change(session: Session, group: Group, **typed: Any) -> Group:
    return groups.change_group(session, group.id, GroupChanges().load(typed), now=LATER)


def actions(session: Session, group: Group) -> list[str]:
    """Return what the group's trail says was done."""
    asked = select(AuditEntry.action).filter_by(group_id=group.id).order_by(AuditEntry.id)
    return list(session.scalars(asked))


def load_names(session: Session) -> None:
    """Load the names of two constituencies and a council area."""
    for code, kind, name in (
        ("E14001335", "constituency", "Lincoln"),
        ("E14001388", "constituency", "Newark"),
        ("E07000138", "authority", "Lincoln"),
    ):
        session.add(PlaceName(code=code, kind=kind, name=name))
    session.flush()


def test_a_group_is_founded_with_its_whole_profile(session: Session) -> None:
    details = NewGroup().load(
        typed_group(
            about="We walk.",
            website="https://fosse.example",
            reply_email="answers@fosse.example",
            constituencies=["Lincoln", "Newark", "Lincoln"],
            authorities="North Kesteven\n\nLincoln",
            representative_name="Alex Example",
            representative_role="Candidate for Lincoln",
            embed_sites=["https://Fosse.example/"],
        )
    )
    group = groups.create_group(session, details, now=NOW)
    assert group.constituencies == ["Lincoln", "Newark"]
    assert group.authorities == ["Lincoln", "North Kesteven"]
    assert group.embed_sites == "https://fosse.example"
    (message,) = told(session)
    assert isinstance(message, GroupChanged)
    assert message.group.reply_email == "answers@fosse.example"
    assert message.group.representative_role == "Candidate for Lincoln"
    assert actions(session, group) == ["group.founded"]


def test_areas_get_their_codes_once_names_are_loaded(session: Session) -> None:
    load_names(session)
    group = make_group(session, constituencies=["LINCOLN"], authorities=["lincoln"])
    assert {(area.kind, area.name, area.code) for area in group.areas} == {
        ("constituency", "Lincoln", "E14001335"),
        ("authority", "Lincoln", "E07000138"),
    }


def test_an_unknown_area_is_answered_with_what_was_meant(session: Session) -> None:
    load_names(session)
    group = make_group(session)
    with pytest.raises(ValidationError) as refused:
        change(session, group, constituencies=["Lincon"])
    assert refused.value.messages_dict == {
        "constituencies": ["“Lincon” is not in our list. Did you mean “Lincoln”?"]
    }
    assert group.areas == []


def test_without_a_list_of_names_areas_are_taken_as_typed(session: Session) -> None:
    group = make_group(session, constituencies=["Anytown North"])
    assert [(area.name, area.code) for area in group.areas] == [("Anytown North", "")]


def test_areas_are_replaced_kind_by_kind(session: Session) -> None:
    group = make_group(session, constituencies=["Lincoln", "Newark"], authorities=["Boston"])
    forget_told(session)
    change(session, group, constituencies=["Newark", "Sleaford"])
    session.refresh(group)
    assert group.constituencies == ["Newark", "Sleaford"]
    assert group.authorities == ["Boston"]
    assert len(told(session)) == 1


def test_a_radius_gets_the_coordinates_of_its_postcode(session: Session) -> None:
    group = make_group(session, area_postcode="ln2 1aa", area_miles=10)
    assert group.area_postcode == "LN2 1AA"
    assert group.latitude == pytest.approx(53.2, abs=0.5)
    change(session, group, area_postcode="", area_miles=None)
    assert (group.latitude, group.longitude, group.area_miles) == (None, None, None)


@pytest.mark.parametrize(
    "typed, field",
    [
        ({"area_postcode": "LN2 1AA"}, "area_miles"),
        ({"area_miles": 10}, "area_postcode"),
        ({"area_postcode": "LN2 1AA", "area_miles": 501}, "area_miles"),
        ({"website": "fosse"}, "website"),
        ({"reply_email": "fosse"}, "reply_email"),
        ({"embed_sites": ["https://fosse.example/page"]}, "embed_sites"),
        ({"embed_sites": [f"https://{number}.example" for number in range(21)]}, "embed_sites"),
        ({"constituencies": [1]}, "constituencies"),
        ({"constituencies": {"a": "b"}}, "constituencies"),
        ({"constituencies": ["x" * 201]}, "constituencies"),
    ],
)
def test_what_is_wrong_with_a_profile_is_named(typed: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        NewGroup().load(typed_group(**typed))
    assert list(refused.value.messages_dict) == [field]


def test_a_change_is_told_once_and_noted_with_what_changed(session: Session) -> None:
    group = make_group(session)
    forget_told(session)
    change(session, group, about="We walk.", name=group.name)
    change(session, group, about="We walk.")
    assert len(told(session)) == 1
    entry = session.scalars(select(AuditEntry).filter_by(action="group.changed")).one()
    assert entry.details == "about"


def test_a_sub_group_begins_with_what_its_parent_has(session: Session) -> None:
    parent = make_group(session)
    part = groups.found_sub_group(session, parent.id, name="Ward 1", owner_id=None, now=NOW)
    assert (part.parent_id, part.imprint) == (parent.id, parent.imprint)
    assert groups.list_sub_groups(session, parent.id) == [part]
    assert actions(session, parent) == ["group.founded", "sub_group.founded"]


def test_groups_are_moved_but_never_in_a_circle(session: Session) -> None:
    top, middle, bottom = (make_group(session, name=name) for name in ("Top", "Middle", "Bottom"))
    groups.move_group(session, middle.id, parent_id=top.id, now=NOW)
    groups.move_group(session, bottom.id, parent_id=middle.id, now=NOW)
    session.expire_all()
    with pytest.raises(rules.GroupIsAPartOfItself):
        groups.move_group(session, top.id, parent_id=bottom.id, now=NOW)
    with pytest.raises(rules.GroupIsAPartOfItself):
        groups.move_group(session, top.id, parent_id=top.id, now=NOW)
    with pytest.raises(NotThere):
        groups.move_group(session, top.id, parent_id=4711, now=NOW)
    assert groups.move_group(session, middle.id, parent_id=None, now=NOW).parent_id is None


def test_groups_are_found_by_words_of_name_and_area(session: Session) -> None:
    make_group(session, name="Fosse Neighbours", constituencies=["Lincoln"])
    make_group(session, name="River Friends", authorities=["Newark and Sherwood"])

    def found(words: str) -> list[str]:
        return [group.name for group in groups.search_groups(session, words=words)[0]]

    assert found("") == ["Fosse Neighbours", "River Friends"]
    assert found("fosse") == ["Fosse Neighbours"]
    assert found("newark friends") == ["River Friends"]
    assert found("100%") == []


def test_many_groups_come_a_page_at_a_time(session: Session) -> None:
    for number in range(groups.PAGE + 1):
        make_group(session, name=f"Group {number:02}")
    first, more = groups.search_groups(session)
    last, no_more = groups.search_groups(session, page=2)
    assert (len(first), more, len(last), no_more) == (groups.PAGE, True, 1, False)


def test_a_new_group_is_led_to_its_first_event(session: Session) -> None:
    group = make_group(session)

    def done() -> list[bool]:
        return [step.done for step in groups.list_steps(session, group)[0]]

    assert done() == [False, False, False, False]
    change(session, group, about="We walk.", constituencies=["Lincoln"])
    make_draft(session, group_id=group.id, shifts=[])
    assert done() == [True, True, False, False]
    make_event(session, group_id=group.id)
    assert done() == [True, True, True, True]
