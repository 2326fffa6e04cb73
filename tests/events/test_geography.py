"""Where postcodes lie: read however they were typed, and told as well as it is known."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from services.events.geography import (
    AREAS,
    constituencies_of,
    distance_miles,
    locate,
    read_postcode,
)
from services.events.models import KnownPostcode, PlaceName, PostcodeEdition, PostcodePart
from tests.events.making import NOW

LETTERS = """
AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH
EN EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M
ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST
SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE
""".split()  # noqa: SIM905 - with a hundred quotes nobody would see one that is missing


@pytest.mark.parametrize(
    "typed, key, sector, outward, shown",
    [
        ("LN2 1AA", "LN21AA", "LN2 1", "LN2", "LN2 1AA"),
        ("  ln21aa ", "LN21AA", "LN2 1", "LN2", "LN2 1AA"),
        ("l n 2  1-a a", "LN21AA", "LN2 1", "LN2", "LN2 1AA"),
        ("LN2\u00a01AA", "LN21AA", "LN2 1", "LN2", "LN2 1AA"),
        ("LN2 IAA", "LN21AA", "LN2 1", "LN2", "LN2 1AA"),
        ("EC1A 1BB", "EC1A1BB", "EC1A 1", "EC1A", "EC1A 1BB"),
        ("m1 1ae", "M11AE", "M1 1", "M1", "M1 1AE"),
        ("M601NW", "M601NW", "M60 1", "M60", "M60 1NW"),
        ("LN2 1", "", "LN2 1", "LN2", "LN2 1"),
        ("LN2 1A", "", "LN2 1", "LN2", "LN2 1"),
        ("ln2", "", "", "LN2", "LN2"),
        ("LN 2", "", "", "LN2", "LN2"),
        ("LN", "", "", "", "LN"),
    ],
)
def test_a_postcode_is_read_however_it_was_typed(
    typed: str, key: str, sector: str, outward: str, shown: str
) -> None:
    found = read_postcode(typed)
    assert found is not None
    assert (found.key, found.sector, found.outward, str(found)) == (key, sector, outward, shown)


@pytest.mark.parametrize("typed", ["", " ", "-", "12345", "Lincoln", "LN2 1AA 3", "日本", "A" * 99])
def test_what_is_no_postcode_is_a_place_nobody_knows(session: Session, typed: str) -> None:
    assert read_postcode(typed) is None
    assert locate(session, typed) is None
    assert constituencies_of(session, typed) == []


def test_digits_without_a_space_may_be_a_district_or_the_beginning_of_a_postcode() -> None:
    typed = read_postcode("LN21")
    assert typed is not None
    assert typed.parts == ["LN21", "LN2 1"]


def test_all_124_areas_are_there() -> None:
    assert sorted(AREAS) == sorted(LETTERS)
    assert len(AREAS) == 124


@pytest.mark.parametrize("letters", LETTERS)
def test_every_area_lies_where_its_country_does(letters: str) -> None:
    area = AREAS[letters]
    south, west, north, east = {
        "Crown dependencies": (49.0, -5.0, 54.5, -2.0),
        "Northern Ireland": (54.0, -8.2, 55.4, -5.4),
        "Scotland": (54.6, -7.7, 60.9, -0.7),
        "Wales": (51.3, -5.4, 53.5, -2.6),
        "London": (51.28, -0.52, 51.7, 0.34),
    }.get(area.region, (49.9, -6.5, 55.9, 1.8))
    assert south < area.latitude < north
    assert west < area.longitude < east


def test_without_data_a_postcode_lies_somewhere_in_its_area(session: Session) -> None:
    found = locate(session, "LN2 1AA")
    assert found is not None
    assert found.exactness == "area"
    assert found.words == "the Lincoln area"
    assert found.is_approximate
    assert constituencies_of(session, "LN2 1AA") == []
    assert locate(session, "QQ1 1AA") is None


def test_distances_are_those_of_the_map() -> None:
    assert distance_miles(51.5074, -0.1278, 53.4808, -2.2426) == pytest.approx(163, abs=1)
    assert distance_miles(51.5, -0.1, 51.5, -0.1) == 0


def test_loaded_postcodes_are_located_exactly_and_named(session: Session) -> None:
    load_lincoln(session)
    found = locate(session, "ln2 1aa")
    assert found is not None
    assert (found.latitude, found.longitude, found.exactness) == (53.2, -0.5, "postcode")
    assert (found.constituency_code, found.constituency) == ("E14001334", "Lincoln")
    assert (found.authority_code, found.authority) == ("E07000138", "Lincoln")
    assert found.words == "LN2 1AA"


def test_a_postcode_that_is_not_loaded_lies_in_the_middle_of_its_sector(session: Session) -> None:
    load_lincoln(session)
    for typed in ("LN2 1ZZ", "LN2 1", "LN21"):
        found = locate(session, typed)
        assert found is not None
        assert found.exactness == "district"
        assert found.words == "around LN2 1"
        assert found.latitude == pytest.approx(53.23)
        assert found.constituency_code == ""


def test_the_constituency_of_the_postcode_itself_leads(session: Session) -> None:
    load_lincoln(session)
    ranked = constituencies_of(session, "LN2 1AB")
    assert [(one.code, one.share) for one in ranked] == [
        ("E14001253", 0.3),
        ("E14001334", 0.7),
        ("E14001447", 0.1),
    ]
    assert ranked[1].name == "Lincoln"
    assert ranked[2].name == ""


def test_a_postcode_in_part_has_its_constituencies_by_share(session: Session) -> None:
    load_lincoln(session)
    assert [one.code for one in constituencies_of(session, "LN2")] == [
        "E14001334",
        "E14001253",
        "E14001447",
    ]
    assert [one.share for one in constituencies_of(session, "LN2 1ZZ")][:2] == [0.7, 0.3]


def test_a_load_that_was_not_finished_is_no_part_of_any_answer(session: Session) -> None:
    load_lincoln(session)
    session.add(PostcodeEdition(id=2, source="half.zip", begun_at=NOW))
    session.flush()
    session.add(known(2, "LN21AA", 10.0))
    session.flush()
    found = locate(session, "LN2 1AA")
    assert found is not None
    assert found.latitude == 53.2


def load_lincoln(session: Session) -> None:
    """Load two postcodes and what lies around them."""
    session.add(PostcodeEdition(id=1, source="onspd.zip", begun_at=NOW, finished_at=NOW))
    session.add(PlaceName(code="E14001334", kind="constituency", name="Lincoln"))
    session.add(PlaceName(code="E07000138", kind="authority", name="Lincoln"))
    session.flush()
    session.add(known(1, "LN21AA", 53.2))
    session.add(known(1, "LN21AB", 53.3, constituency="E14001253"))
    for part, code, count, latitude in (
        ("LN2 1", "E14001334", 7, 53.2),
        ("LN2 1", "E14001253", 3, 53.3),
        ("LN2", "E14001334", 60, 53.2),
        ("LN2", "E14001253", 30, 53.3),
        ("LN2", "E14001447", 10, 53.4),
    ):
        session.add(
            PostcodePart(
                edition_id=1,
                part=part,
                constituency_code=code,
                postcodes=count,
                latitude=latitude,
                longitude=-0.5,
            )
        )
    session.flush()


def known(
    edition: int, postcode: str, latitude: float, constituency: str = "E14001334"
) -> KnownPostcode:
    return KnownPostcode(
        edition_id=edition,
        postcode=postcode,
        latitude=latitude,
        longitude=-0.5,
        constituency_code=constituency,
        authority_code="E07000138",
        ward_code="E05010784",
    )
