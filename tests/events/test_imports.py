"""Imports: looked at first, applied as a whole or not at all, undone while nobody has seen them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from services.events import importing
from services.events.models import AuditEntry, Event, Import, ImportRow, Organiser, Shift
from services.events.operations import imports
from services.events.rules import imports as rules
from shared.database import Database
from shared.messages import EventPublished
from tests.entering import SignedInClient, signed_in
from tests.events.commanding import muster_on
from tests.events.making import NOW, make_draft, make_event, make_group, told, typed_shift

HEADER = "Event,Title,Kind,Place,Postcode,Date,Starts,Ends,Places"
LINES = (
    "a,Out in Lincoln,Action day,Castle Square,LN1 3AA,2090-12-05,10:00,12:00,10",
    "b,Jobs club,jobs_club,Library,LN2 1AA,06/12/2090,9am,1pm,",
    "a,,,Market Cross,LN1 3AB,2090-12-05,14:00,16:00,20",
)


def listed(*lines: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *(lines or LINES), ""]).encode()


@pytest.fixture
def group_id(db: Database) -> int:
    """Return a group, and let there be the organiser whom tests sign in."""
    with db.writing() as session:
        session.add(Organiser(id=1, name="Robin Example", email="robin@e.example", created_at=NOW))
        return make_group(session).id


def upload(db: Database, group_id: int, content: bytes) -> int:
    with db.writing() as session:
        return imports.start_import(
            session, group_id, name="list.csv", content=content, now=db.now(session)
        ).id


def work(db: Database) -> None:
    """Do what the worker does until nothing waits."""
    while claimed := importing.claim(db):
        importing.carry_through(db, claimed)


def ask(db: Database, import_id: int, *, publish: bool = False) -> None:
    with db.writing() as session:
        imports.ask_to_apply(session, import_id, publish=publish, now=db.now(session))


def looked_at(db: Database, group_id: int, content: bytes) -> int:
    import_id = upload(db, group_id, content)
    work(db)
    return import_id


def applied(db: Database, group_id: int, content: bytes, *, publish: bool = False) -> int:
    import_id = looked_at(db, group_id, content)
    ask(db, import_id, publish=publish)
    work(db)
    return import_id


def rows_of(session: Session, import_id: int) -> list[ImportRow]:
    return list(imports.read_rows(session, import_id, page=1)[0])


def count(session: Session, table: Any) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_dry_run_shows_each_row_and_changes_nothing(db: Database, group_id: int) -> None:
    import_id = looked_at(db, group_id, listed())
    with db.reading() as session:
        found = imports.find_import(session, import_id)
        assert (found.state, found.done, found.total, found.wrong) == ("checked", 3, 3, 0)
        rows = rows_of(session, import_id)
        assert [(row.row, row.action) for row in rows] == [
            (2, "new_event"),
            (3, "new_event"),
            (4, "new_shift"),
        ]
        assert count(session, Event) == 0


def test_applying_drafts_the_events_with_their_shifts(db: Database, group_id: int) -> None:
    import_id = applied(db, group_id, listed())
    with db.reading() as session:
        found = imports.find_import(session, import_id)
        assert (found.state, found.content, found.notes) == ("applied", "", [])
        first, second = session.scalars(select(Event).order_by(Event.title.desc()))
        assert (first.title, first.kind, first.status) == ("Out in Lincoln", "action_day", "draft")
        assert [(s.place, s.capacity) for s in first.shifts] == [
            ("Castle Square", 10),
            ("Market Cross", 20),
        ]
        assert first.shifts[0].starts_at.isoformat() == "2090-12-05T10:00:00+00:00"
        assert second.kind == "jobs_club"
        assert second.shifts[0].capacity is None
        assert [row.event_id for row in rows_of(session, import_id)] == [
            first.id,
            second.id,
            first.id,
        ]
        trail = session.scalars(select(AuditEntry.action).where(AuditEntry.object_kind == "import"))
        assert list(trail) == ["import.asked", "import.applied"]


def test_new_events_are_published_on_request_as_far_as_they_are_complete(
    db: Database, group_id: int
) -> None:
    late = "c,Last year,,Square,,2020-01-05,10:00,12:00,"
    import_id = applied(db, group_id, listed(*LINES, late), publish=True)
    with db.reading() as session:
        statuses = session.execute(select(Event.title, Event.status).order_by(Event.id))
        assert [tuple(row) for row in statuses] == [
            ("Out in Lincoln", "published"),
            ("Jobs club", "published"),
            ("Last year", "draft"),
        ]
        notes = imports.find_import(session, import_id).notes
        assert notes == ["“Last year” stays a draft: it has no shift in the future."]
        assert sum(isinstance(message, EventPublished) for message in told(session)) == 2
        assert not imports.can_be_undone(session, imports.find_import(session, import_id))


@pytest.mark.parametrize(
    "line, problem",
    [
        ("a,,,Square,,2090-12-05,10:00,12:00,", ["Title", "This is missing."]),
        ("a,X,,,,2090-12-05,10:00,12:00,", ["Place", "This is missing."]),
        ("a,X,,Square,,2090-12-05,,12:00,", ["Starts", "This is missing."]),
        ("a,X,,Square,,2090-12-05,12:00,10:00,", ["Ends", "A shift must end after it starts."]),
        ("a,X,,Square,,2090-03-26,01:30,03:00,", ["Starts", "hour"]),
        ("a,X,,Square,,2090-12-05,10:00,12:00,0", ["Places", "greater than or equal to 1"]),
        ("a,X,,Square,,31/02/2090,10:00,12:00,", ["Date", "is no date"]),
        ("a,X\u202e,,Square,,2090-12-05,10:00,12:00,", ["Title", "cannot be shown"]),
        (f"a,{'X' * 151},,Square,,2090-12-05,10:00,12:00,", ["Title", "too long"]),
    ],
)
def test_each_problem_stands_beside_its_row_and_column(
    sqlite_db: Database, line: str, problem: list[str]
) -> None:
    import_id = looked_at(sqlite_db, 1, listed(LINES[1], line))
    with sqlite_db.reading() as session:
        good, bad = rows_of(session, import_id)
        assert (good.action, bad.action, bad.row) == ("new_event", "problem", 3)
        ((column, sentence),) = bad.problems
        assert column == problem[0]
        assert problem[1] in sentence
    with pytest.raises(rules.ImportHasProblems):
        ask(sqlite_db, import_id)


@pytest.fixture
def sqlite_db(sqlite_database_of: Callable[[str], Database]) -> Database:
    """Return a database of the cheaper kind with a group, for what does not depend on it."""
    db = sqlite_database_of("events")
    with db.writing() as session:
        session.add(Organiser(id=1, name="Robin Example", email="robin@e.example", created_at=NOW))
        make_group(session)
    return db


def test_rows_of_one_event_must_agree(sqlite_db: Database) -> None:
    other = "a,Out in Newark,,Square,,2090-12-05,10:00,12:00,"
    import_id = looked_at(sqlite_db, 1, listed(LINES[0], other))
    with sqlite_db.reading() as session:
        assert rows_of(session, import_id)[1].problems == [
            ["Title", "Row 2 says otherwise of the same event."]
        ]


def test_shifts_that_exist_are_changed_by_their_numbers(db: Database, group_id: int) -> None:
    with db.writing() as session:
        starts = {"starts_at": "2090-12-05T10:00", "ends_at": "2090-12-05T12:00"}
        event = make_event(
            session,
            group_id=group_id,
            shifts=[typed_shift(**starts), typed_shift(place="Cathedral", **starts)],
        )
        event_id, first, second = event.id, event.shifts[0].id, event.shifts[1].id
    lines = [
        f"{event_id},{first},Castle Square,2090-12-05,10:00,12:00,12",
        f"{event_id},{second},Cathedral,2090-12-05,10:00,12:00,10",
        f"{event_id},,Brayford,2090-12-05,10:00,12:00,5",
    ]
    header = "Event id,Shift id,Place,Date,Starts,Ends,Places"
    import_id = looked_at(db, group_id, listed(*lines, header=header))
    with db.reading() as session:
        assert [(row.action, row.problems) for row in rows_of(session, import_id)] == [
            ("changed", []),
            ("unchanged", []),
            ("new_shift", []),
        ]
    ask(db, import_id)
    work(db)
    with db.reading() as session:
        shifts = sorted(session.get_one(Event, event_id).shifts, key=lambda shift: shift.id)
        assert [(s.place, s.capacity) for s in shifts] == [
            ("Castle Square", 12),
            ("Cathedral", 10),
            ("Brayford", 5),
        ]
        assert rows_of(session, import_id)[2].shift_id == shifts[2].id


def test_events_of_other_groups_are_not_there(db: Database, group_id: int) -> None:
    with db.writing() as session:
        foreign = make_draft(session)
        shift_id = foreign.shifts[0].id
        event_id = foreign.id
    lines = [
        f"{event_id},,Square,2090-12-05,10:00,12:00",
        f",{shift_id},Square,2090-12-05,10:00,12:00",
        "999999999999999999,,Square,2090-12-05,10:00,12:00",
        ",999,Square,2090-12-05,10:00,12:00",
    ]
    import_id = looked_at(
        db, group_id, listed(*lines, header="Event id,Shift id,Place,Date,Starts,Ends")
    )
    with db.reading() as session:
        assert [row.action for row in rows_of(session, import_id)] == ["problem"] * 4


def test_nothing_is_applied_when_anything_fails(db: Database, group_id: int) -> None:
    with db.writing() as session:
        event = make_draft(session, group_id=group_id)
        event_id = event.id
    lines = [
        ",New,Square,2090-12-05,10:00,12:00",
        f"{event_id},,Square,2090-12-05,10:00,12:00",
    ]
    header = "Event id,Title,Place,Date,Starts,Ends"
    import_id = looked_at(db, group_id, listed(*lines, header=header))
    ask(db, import_id)
    with db.writing() as session:
        session.execute(text("UPDATE events SET status = 'cancelled'"))
    work(db)
    with db.reading() as session:
        found = imports.find_import(session, import_id)
        assert found.state == "failed"
        assert found.notes[-1].startswith("Nothing was applied:")
        assert count(session, Event) == 1
        assert [row.action for row in rows_of(session, import_id)] == ["new_event", "problem"]


def test_of_two_people_who_apply_at_once_one_does(db: Database, group_id: int) -> None:
    import_id = looked_at(db, group_id, listed())
    barrier = threading.Barrier(2)
    said: list[str] = []

    def apply() -> None:
        barrier.wait(10)
        try:
            ask(db, import_id)
            said.append("asked")
        except rules.ImportIsBusy:
            said.append("busy")

    threads = [threading.Thread(target=apply) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(said) == ["asked", "busy"]
    work(db)
    with db.reading() as session:
        assert count(session, Event) == 2
    with pytest.raises(rules.ImportWasApplied):
        ask(db, import_id)


def test_two_workers_apply_an_import_once(db: Database, group_id: int) -> None:
    import_id = looked_at(db, group_id, listed())
    ask(db, import_id)
    barrier = threading.Barrier(2)

    def run() -> None:
        barrier.wait(10)
        work(db)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with db.reading() as session:
        assert imports.find_import(session, import_id).state == "applied"
        assert count(session, Event) == 2


def test_a_worker_that_died_is_followed_by_another(
    db: Database, group_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", 1)
    import_id = looked_at(db, group_id, listed())
    ask(db, import_id)
    claimed = importing.claim(db)
    assert claimed is not None

    def die(_rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importing.carry_through(db, claimed, progress=die)
    with db.reading() as session:
        found = imports.find_import(session, import_id)
        assert (found.state, found.done) == ("due", 1)
        assert count(session, Event) == 0
    assert importing.claim(db) is None
    with db.writing() as session:
        found = imports.find_import(session, import_id)
        found.lease_until = db.now(session) - timedelta(seconds=1)
    work(db)
    with db.reading() as session:
        assert imports.find_import(session, import_id).state == "applied"
        assert count(session, Event) == 2


def test_a_worker_that_lost_its_lease_applies_nothing(
    db: Database, group_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", 1)
    import_id = looked_at(db, group_id, listed())
    ask(db, import_id)
    slow = importing.claim(db)
    assert slow is not None
    seen: list[int] = []

    def fall_asleep(_rows: int) -> None:
        seen.append(1)
        if len(seen) == 1:
            with db.writing() as session:
                found = imports.find_import(session, import_id)
                found.lease_until = db.now(session) - timedelta(seconds=1)
            work(db)

    importing.carry_through(db, slow, progress=fall_asleep)
    assert len(seen) == 1
    with db.reading() as session:
        assert imports.find_import(session, import_id).state == "applied"
        assert count(session, Event) == 2


def test_progress_is_seen_by_others_while_the_work_goes_on(
    db: Database, group_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", 1)
    import_id = upload(db, group_id, listed())
    seen: list[tuple[int, int]] = []

    def look(_rows: int) -> None:
        with db.reading() as session:
            found = imports.find_import(session, import_id)
            seen.append((found.done, found.total))

    claimed = importing.claim(db)
    assert claimed is not None
    importing.carry_through(db, claimed, progress=look)
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_an_import_is_undone_while_nothing_of_it_is_published(db: Database, group_id: int) -> None:
    import_id = applied(db, group_id, listed())
    with db.writing() as session:
        kept = make_draft(session, group_id=group_id).id
        assert imports.can_be_undone(session, imports.find_import(session, import_id))
        assert imports.undo_import(session, import_id, now=NOW) == 2
    with db.reading() as session:
        assert list(session.scalars(select(Event.id))) == [kept]
        assert count(session, Shift) == 1
    with db.writing() as session, pytest.raises(rules.ImportIsNotApplied):
        imports.undo_import(session, import_id, now=NOW)


def test_what_the_public_saw_is_not_undone(db: Database, group_id: int) -> None:
    import_id = applied(db, group_id, listed(), publish=True)
    with db.writing() as session, pytest.raises(rules.ImportIsPublished):
        imports.undo_import(session, import_id, now=NOW)


def test_old_lists_are_forgotten(db: Database, group_id: int) -> None:
    import_id = looked_at(db, group_id, listed())
    with db.writing() as session:
        imports.forget_old_imports(session, db.now(session) + timedelta(days=6))
        assert count(session, ImportRow) == 3
        imports.forget_old_imports(session, db.now(session) + timedelta(days=8))
        session.expire_all()
        assert count(session, ImportRow) == 0
        assert imports.find_import(session, import_id).content == ""


# Pages.


@pytest.fixture
def organiser(app: Flask, db: Database, group_id: int) -> SignedInClient:
    """Return the browser of an organiser of the group."""
    return signed_in(app, db, (group_id, "organiser"))


def send(organiser: SignedInClient, group_id: int, content: bytes) -> Any:
    """Upload a file as browsers do; the body is made here so that no temporary file is."""
    parts = (
        b'--part\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n%s\r\n'
        % organiser.csrf.encode(),
        b'--part\r\nContent-Disposition: form-data; name="file"; filename="events.csv"\r\n'
        b"Content-Type: text/csv\r\n\r\n%s\r\n--part--\r\n" % content,
    )
    return organiser.post(
        f"/organise/groups/{group_id}/import",
        data=b"".join(parts),
        content_type="multipart/form-data; boundary=part",
    )


def test_an_organiser_imports_on_pages(
    organiser: SignedInClient, group_id: int, db: Database
) -> None:
    assert "Nothing was imported yet" in organiser.get(f"/organise/groups/{group_id}/import").text
    answer = send(organiser, group_id, listed())
    assert answer.status_code == 303
    page = answer.location
    busy = organiser.get(page).text
    assert "0 of 3 rows checked" in busy
    assert '<meta http-equiv="refresh" content="2">' in busy
    assert organiser.get(f"{page}/progress.json").json["busy"] is True
    work(db)
    shown = organiser.get(page).text
    assert "Apply 3 rows" in shown
    assert 'New event <span class="quiet">2</span>' in shown
    assert "refresh" not in shown
    assert organiser.get(f"{page}?only=new_shift").text.count("<tr id=") == 1
    assert organiser.post(f"{page}/apply", data={"publish": "yes"}).status_code == 303
    assert organiser.post(f"{page}/apply").status_code == 409
    work(db)
    assert "Applied" in organiser.get(page).text
    assert "Undo this import" not in organiser.get(page).text
    assert "events.csv" in organiser.get(f"/organise/groups/{group_id}/import").text


def test_undoing_is_one_button(organiser: SignedInClient, group_id: int, db: Database) -> None:
    page = send(organiser, group_id, listed()).location
    work(db)
    organiser.post(f"{page}/apply")
    work(db)
    assert "Undo this import" in organiser.get(page).text
    assert organiser.post(f"{page}/undo").status_code == 303
    assert "Undone" in organiser.get(page).text


def test_problems_of_the_file_stand_beside_its_field(
    organiser: SignedInClient, group_id: int
) -> None:
    answer = send(organiser, group_id, b"a,b\n1,2\n")
    assert answer.status_code == 400
    assert 'id="field-file-error"' in answer.text
    assert "These columns are missing: Title, Place" in answer.text
    assert 'href="#field-file"' in answer.text
    empty = organiser.post(f"/organise/groups/{group_id}/import", data={})
    assert empty.status_code == 400
    assert "Choose a CSV file." in empty.text


def test_five_mebibytes_are_taken_and_no_more(organiser: SignedInClient, group_id: int) -> None:
    filler = b"x,Square,,,,,,," + b" " * 2000 + b"\n"
    content = listed() + filler * ((rules.MOST_BYTES - 1000) // len(filler))
    assert len(content) > 5_000_000
    assert send(organiser, group_id, content).status_code == 303
    assert send(organiser, group_id, content + b" " * 4000).status_code == 400
    assert send(organiser, group_id, content + b" " * 200_000).status_code == 413


def test_long_lists_are_shown_in_pages(
    organiser: SignedInClient, group_id: int, db: Database
) -> None:
    lines = [
        f"e{n // 100},Event {n // 100},,Place {n},,2090-12-05,10:00,12:00," for n in range(250)
    ]
    page = send(organiser, group_id, listed(*lines)).location
    work(db)
    first = organiser.get(page).text
    assert first.count("<tr id=") == 100
    assert "?page=2" in first
    assert organiser.get(f"{page}?page=3").text.count("<tr id=") == 50


def test_only_organisers_of_the_group_import(
    app: Flask, db: Database, group_id: int, organiser: SignedInClient
) -> None:
    page = send(organiser, group_id, listed()).location
    viewer = signed_in(app, db, (group_id, "viewer"), organiser_id=2)
    assert send(viewer, group_id, listed()).status_code == 403
    assert viewer.get(page).status_code == 403
    foreign = signed_in(app, db, (group_id + 1, "owner"), organiser_id=3)
    assert send(foreign, group_id, listed()).status_code == 404
    assert foreign.get(page).status_code == 404
    assert foreign.post(f"{page}/apply").status_code == 404


def test_the_template_can_be_filled_in_and_imported(
    organiser: SignedInClient, group_id: int, db: Database
) -> None:
    template = organiser.get(f"/organise/groups/{group_id}/import/template.csv")
    assert template.headers["Content-Disposition"].startswith("attachment")
    later = template.data.replace(b"2026-12-05,", b"2090-12-05,", 99)
    applied(db, group_id, later)
    with db.reading() as session:
        (event,) = session.scalars(select(Event))
        assert [shift.place for shift in event.shifts] == ["Castle Square", "Market Cross"]


def test_shifts_come_back_from_an_export_unchanged(
    organiser: SignedInClient, group_id: int, db: Database
) -> None:
    applied(db, group_id, listed(*LINES, "c,=1+1,,@home,,2090-12-05,22:00,2090-12-06 02:00,"))
    exported = organiser.get(f"/organise/groups/{group_id}/shifts.csv")
    assert "'=1+1" in exported.text
    assert "'@home" in exported.text
    import_id = looked_at(db, group_id, exported.data)
    with db.reading() as session:
        rows = rows_of(session, import_id)
        assert [(row.action, row.problems) for row in rows] == [("unchanged", [])] * 4


# The command line.


@pytest.fixture
def muster(db: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return a function that runs a command and gives what it prints."""
    return muster_on(db, monkeypatch)


def test_a_list_is_imported_on_the_command_line(
    db: Database, group_id: int, muster: Callable[..., str], tmp_path: Path
) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(listed())
    typed = ("import", "events", str(path), "--group", str(group_id))
    tried = muster(*typed)
    assert "New event" in tried
    assert "Nothing was changed" in tried
    with db.reading() as session:
        assert count(session, Event) == 0
        assert count(session, Import) == 0
    assert "3 rows applied" in muster(*typed, "--apply", "--publish")
    with db.reading() as session:
        assert session.scalar(select(func.count()).where(Event.status == "published")) == 2
        (actor,) = set(
            session.scalars(select(AuditEntry.actor).where(AuditEntry.action == "event.published"))
        )
        assert actor == "command line"


def test_problems_end_the_command_and_change_nothing(
    db: Database, group_id: int, muster: Callable[..., str], tmp_path: Path
) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(listed(LINES[0], "b,,,,,,,,"))
    typed = ("import", "events", str(path), "--group", str(group_id), "--apply")
    said = muster(*typed, fails=True)
    assert "row 3, Title: This is missing." in said
    with db.reading() as session:
        assert count(session, Event) == 0
    path.write_bytes(b"a\n1\n")
    assert "These columns are missing" in muster(*typed, fails=True)
