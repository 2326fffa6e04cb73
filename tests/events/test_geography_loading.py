"""Loading the ONS Postcode Directory and names: all of it or nothing, beside everything else."""

from __future__ import annotations

import json
import threading
import zipfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from services.events.geography import constituencies_of, loading, locate, naming, onspd
from services.events.geography.files import WrongFile
from services.events.models import Event, KnownPostcode, PostcodeEdition, PostcodePart, Shift
from shared.database import Database
from tests.events.commanding import muster_on
from tests.events.making import make_event, typed_shift

HEADER = "pcd,pcd2,pcds,dointr,doterm,oscty,oslaua,osward,pcon,lat,long"
AUGUST = "pcd7,pcd8,pcds,dointr,doterm,cty25cd,lad25cd,wd25cd,pcon24cd,lat,long"
LINCOLN = "E14001334"


def line(
    postcode: str,
    *,
    lat: str = "53.230000",
    long: str = "-0.540000",
    doterm: str = "",
    pcon: str = LINCOLN,
) -> str:
    cells = [postcode, postcode, postcode, "198001", doterm, "E10000019", "E07000138"]
    return ",".join([*cells, "E05010784", pcon, lat, long])


LINES = (
    line("LN1 3AA"),
    line("LN1 3AB", lat="53.240000"),
    line("LN1 3AC", lat="53.250000", pcon="E14001253"),
    line("LN1 3AD", doterm="200512"),
    line("GY1 1AA", lat="99.999999", long="0.000000", pcon="L99999999"),
    line("IM1 1AA", lat="54.150000", long="-4.480000", pcon="M99999999"),
)


def zip_of(path: Path, files: dict[str, Iterable[str]]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as box:
        for name, lines in files.items():
            box.writestr(name, "\r\n".join([*lines, ""]).encode("utf-8-sig"))
    return path


@pytest.fixture
def onspd_zip(tmp_path: Path) -> Path:
    """Return a small directory with what the real one comes with."""
    return zip_of(
        tmp_path / "ONSPD_TEST_2026.zip",
        {
            "User Guide/about.csv": ["Title,Text", "ONSPD,A guide"],
            "Documents/LAD names.csv": ["LAD25CD,LAD25NM", "E07000138,Lincoln"],
            "Data/ONSPD_TEST_2026_UK.csv": [HEADER, *LINES],
            "Data/multi_csv/ONSPD_TEST_2026_UK_LN.csv": [HEADER, line("LN9 9ZZ")],
        },
    )


def load(db: Database, path: Path) -> int:
    return loading.load_directory(db, onspd.open_directory(path), progress=lambda _read: None)


def places(db: Database) -> list[str]:
    with db.reading() as session:
        return list(
            session.scalars(select(KnownPostcode.postcode).order_by(KnownPostcode.postcode))
        )


def test_a_directory_is_loaded_without_what_is_no_place(db: Database, onspd_zip: Path) -> None:
    assert load(db, onspd_zip) == 4
    assert places(db) == ["IM11AA", "LN13AA", "LN13AB", "LN13AC"]
    with db.reading() as session:
        found = locate(session, "ln13ab")
        assert found is not None
        assert (found.latitude, found.longitude, found.exactness) == (53.24, -0.54, "postcode")
        assert [(one.code, round(one.share, 2)) for one in constituencies_of(session, "LN1")] == [
            (LINCOLN, 0.67),
            ("E14001253", 0.33),
        ]
        man = locate(session, "IM1 1AA")
        assert man is not None
        assert man.constituency_code == ""
        assert constituencies_of(session, "IM1 1AA") == []
        middle = locate(session, "LN1 3ZZ")
        assert middle is not None
        assert middle.latitude == pytest.approx(53.24)


@pytest.mark.parametrize(
    "header",
    [
        HEADER,
        AUGUST,
        AUGUST.upper(),
        HEADER.replace("oslaua", "lad23cd").replace("osward", "oswd"),
        # Two years beside each other: the newer one is meant.
        HEADER.replace("oscty", "pcon10cd").replace("pcon,", "pcon24cd,"),
    ],
)
def test_columns_are_found_whatever_year_they_carry(
    sqlite_database_of: Callable[[str], Database], tmp_path: Path, header: str
) -> None:
    db = sqlite_database_of("events")
    load(db, zip_of(tmp_path / "onspd.zip", {"Data/x.csv": [header, *LINES]}))
    with db.reading() as session:
        found = locate(session, "LN1 3AA")
    assert found is not None
    assert (found.constituency_code, found.authority_code) == (LINCOLN, "E07000138")


def test_a_folder_and_the_large_csv_are_read_as_well(
    sqlite_database_of: Callable[[str], Database], onspd_zip: Path, tmp_path: Path
) -> None:
    db = sqlite_database_of("events")
    with zipfile.ZipFile(onspd_zip) as box:
        box.extractall(tmp_path / "unpacked")
    assert load(db, tmp_path / "unpacked") == 4
    assert load(db, tmp_path / "unpacked" / "Data" / "ONSPD_TEST_2026_UK.csv") == 4


def test_a_directory_in_parts_is_read_whole(
    sqlite_database_of: Callable[[str], Database], tmp_path: Path
) -> None:
    parts = {
        f"Data/multi_csv/ONSPD_UK_{area}.csv": [HEADER, line(f"{area}1 1AA")]
        for area in ("AB", "LN", "ZE")
    }
    assert load(sqlite_database_of("events"), zip_of(tmp_path / "parts.zip", parts)) == 3


def test_loading_again_replaces_and_clears_what_was_there(db: Database, tmp_path: Path) -> None:
    load(db, zip_of(tmp_path / "may.zip", {"may.csv": [HEADER, *LINES]}))
    load(db, zip_of(tmp_path / "august.zip", {"august.csv": [AUGUST, line("LN2 1AA")]}))
    with db.reading() as session:
        known = locate(session, "LN2 1AA")
        gone = locate(session, "LN1 3AA")
        assert loading.older_rows(session) == 4
    assert known is not None
    assert known.exactness == "postcode"
    assert gone is not None
    assert gone.exactness == "area"
    loading.clear_older(db, progress=lambda _gone: None)
    assert places(db) == ["LN21AA"]
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(PostcodeEdition)) == 1
        assert session.scalar(select(func.count()).select_from(PostcodePart)) == 2


def test_a_load_that_breaks_off_leaves_all_as_it_was(
    db: Database, onspd_zip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "AT_ONCE", 2)
    load(db, onspd_zip)
    lines = [HEADER, line("LN2 1AA"), line("LN2 1AB"), "LN2 1AC,torn off in the mid"]
    with pytest.raises(WrongFile, match=r"torn\.csv, line 4"):
        load(db, zip_of(tmp_path / "torn.zip", {"torn.csv": lines}))
    with db.reading() as session:
        found = locate(session, "LN2 1AA")
        assert found is not None
        assert found.exactness == "area"
        kept = locate(session, "LN1 3AA")
        assert kept is not None
        assert kept.exactness == "postcode"
    load(db, onspd_zip)
    loading.clear_older(db, progress=lambda _gone: None)
    assert places(db) == ["IM11AA", "LN13AA", "LN13AB", "LN13AC"]


def test_of_two_loads_at_once_the_later_one_wins(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "AT_ONCE", 1)
    early = onspd.open_directory(zip_of(tmp_path / "a.zip", {"a.csv": [HEADER, *LINES]}))
    late = zip_of(tmp_path / "b.zip", {"b.csv": [HEADER, line("LN2 1AA")]})
    began, may_go_on = threading.Event(), threading.Event()
    raised: list[BaseException] = []

    def wait(_read: int) -> None:
        began.set()
        may_go_on.wait(20)

    def load_early() -> None:
        try:
            loading.load_directory(db, early, progress=wait)
        except loading.OtherLoad as error:
            raised.append(error)

    monkeypatch.setattr("services.events.geography.files.CHUNK", 1)
    thread = threading.Thread(target=load_early)
    thread.start()
    assert began.wait(20)
    load(db, late)
    loading.clear_older(db, progress=lambda _gone: None)
    may_go_on.set()
    thread.join(20)
    assert len(raised) == 1
    assert places(db) == ["LN21AA"]


def test_others_write_while_a_load_goes_on(
    db: Database, onspd_zip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "AT_ONCE", 1)
    written = 0

    def write(_read: int) -> None:
        nonlocal written
        with db.writing() as session:
            make_event(session)
        written += 1

    monkeypatch.setattr("services.events.geography.files.CHUNK", 1)
    loading.load_directory(db, onspd.open_directory(onspd_zip), progress=write)
    assert written > 3


@pytest.mark.parametrize(
    "name, content, words",
    [
        ("absent.zip", None, "there is no such file"),
        ("letter.txt", b"hello", "neither a zip nor a CSV"),
        ("empty.csv", b"", "none of its columns"),
        ("other.csv", b"a,b\n1,2\n", "none of its columns"),
        ("half.csv", b"pcds,lat,long\nLN1 3AA,53,0\n", "no column doterm"),
        ("bare.csv", HEADER.encode() + b"\n", "no postcode in use"),
        ("binary.csv", b"\0\xff\xfe" * 99, "none of its columns"),
        ("bad.csv", (HEADER + "\n" + line("LN1 3AA", lat="north")).encode(), "line 2"),
    ],
)
def test_a_wrong_file_is_told_from_a_right_one(
    sqlite_database_of: Callable[[str], Database],
    tmp_path: Path,
    name: str,
    content: bytes | None,
    words: str,
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(WrongFile) as raised:
        load(sqlite_database_of("events"), tmp_path / name)
    assert words in raised.value.sentence


def test_a_damaged_zip_is_refused(
    sqlite_database_of: Callable[[str], Database], tmp_path: Path
) -> None:
    lines = [HEADER, *(line(f"LN1 {n % 10}AA", lat=f"53.{n}") for n in range(4000))]
    whole = zip_of(tmp_path / "whole.zip", {"x.csv": lines}).read_bytes()
    torn = bytearray(whole)
    torn[len(torn) // 2 : len(torn) // 2 + 200] = b"\0" * 200
    (tmp_path / "torn.zip").write_bytes(torn)
    with pytest.raises(WrongFile, match=r"damaged|no line"):
        load(sqlite_database_of("events"), tmp_path / "torn.zip")


def test_names_are_read_from_json_and_from_csv(db: Database, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({LINCOLN: "Old", "E07000138": "Lincoln", "x": 1}))
    (tmp_path / "b.csv").write_bytes(
        "\ufeffPCON24CD,PCON24NM,PCON24NMW\nE14001334,Lincoln,\n"
        "W07000112,Ynys Môn,Ynys Môn\n".encode()
    )
    with db.writing() as session:
        assert naming.load_names(session, naming.read_names(tmp_path / "a.json")) == {
            "constituency": 1,
            "authority": 1,
        }
        naming.load_names(session, naming.read_names(tmp_path / "b.csv"))
    with db.reading() as session:
        rows = session.execute(text("SELECT code, kind, name FROM place_names ORDER BY code"))
        assert [tuple(row) for row in rows] == [
            ("E07000138", "authority", "Lincoln"),
            (LINCOLN, "constituency", "Lincoln"),
            ("W07000112", "constituency", "Ynys Môn"),
        ]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"a": "b"}', "{", '{"E14001334": 7}'])
def test_names_that_are_none_are_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "names.json").write_text(content)
    with pytest.raises(WrongFile, match="Expected was JSON like"):
        naming.read_names(tmp_path / "names.json")


def test_what_was_typed_before_the_load_is_placed_after_it(
    db: Database, onspd_zip: Path, muster: Callable[..., str], tmp_path: Path
) -> None:
    # The command places what is still to come by its own clock.
    day = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}"
    hours = {"starts_at": f"{day}T10:00", "ends_at": f"{day}T12:00"}
    with db.writing() as session:
        event = make_event(
            session,
            shifts=[
                typed_shift(postcode="LN1 3AA", constituency="", **hours),
                typed_shift(postcode="LN1 3AA", constituency="Lincoln", **hours),
                typed_shift(postcode="ZE1 0AA", constituency="Lincoln", **hours),
                typed_shift(postcode="", constituency="", **hours),
            ],
        )
        session.execute(
            text(
                "UPDATE shifts SET latitude=NULL, longitude=NULL, located='', constituency_code=''"
            )
        )
        event_id = event.id
    names = tmp_path / "names.json"
    names.write_text(json.dumps({LINCOLN: "Lincoln", "E14001253": "Gainsborough"}))
    assert "2 names of kind constituency" in muster("geo", "load", "names", str(names))
    assert "4 postcodes in use" in muster("geo", "load", "onspd", str(onspd_zip))
    with db.reading() as session:
        shifts = session.get_one(Event, event_id).shifts
        assert [(s.located, s.constituency_code) for s in sorted(shifts, key=key_of)] == [
            ("postcode", LINCOLN),
            ("postcode", LINCOLN),
            ("area", LINCOLN),
            ("", ""),
        ]
    assert muster("geo", "place-shifts").startswith("0 shifts")
    assert "LN1 3AA: 53.2300, -0.5400" in muster("geo", "find", "ln13aa")
    assert "constituency: Lincoln (67% of those around)" in muster("geo", "find", "ln13aa")
    assert json.loads(muster("geo", "find", "LN1", "--json"))["exactness"] == "district"
    assert "Nobody here knows" in muster("geo", "find", "nowhere", fails=True)
    assert json.loads(muster("geo", "status", "--json"))["postcodes"] == 4
    assert "ONSPD_TEST_2026.zip" in muster("geo", "status")
    assert "there is no such file" in muster("geo", "load", "onspd", "absent.zip", fails=True)


def key_of(shift: Shift) -> int:
    return shift.id


@pytest.fixture
def muster(db: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return a function that runs a command and gives what it prints."""
    return muster_on(db, monkeypatch)
