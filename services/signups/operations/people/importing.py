"""Taking people in from a list: looked at row by row first, then as a whole, and undone again.

Who is known stays as they are; only their tags grow. Nobody is taken to have agreed to any mail.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import Select, delete, exists, func, select, tuple_, update
from sqlalchemy.orm import Session

from shared.refusals import NotThere

from ... import rules as all_rules
from ...models import (
    Merge,
    PeopleImport,
    Person,
    PersonNote,
    PersonTag,
    Signup,
    ToldApart,
    TrainingDone,
)
from ...rules import people_csv as rules
from ...rules.people import MOST_TAGS
from ...schemas.people import PersonRow
from .finding import ENTRY, OWNER

KEPT = timedelta(days=1)
AT_ONCE = 500
MOST_LISTED = 20
ROW = PersonRow()


@dataclass
class Row:
    """A row of a list, and what becomes of it."""

    line: int
    name: str
    email: str
    action: str
    """One of `rules.ACTIONS`."""
    details: dict[str, str]
    """Of somebody new, as they will be stored."""
    tags: Sequence[str] = ()
    """Tags that they get."""
    problems: Sequence[str] = ()
    person_id: int | None = None


def start_import(
    session: Session, group_id: int, *, name: str, content: bytes, now: datetime
) -> PeopleImport:
    """Keep a list for a day, for somebody to look at what it would do. Raises ListIsUnreadable."""
    text = rules.decode(content)
    rules.open_list(text)
    shown = "".join(char for char in name.strip() if char.isprintable())[:200]
    found = PeopleImport(
        group_id=group_id,
        file_name=shown or "list.csv",
        body=text,
        by=session.info["by"].name,
        at=now,
        made={},
    )
    session.add(found)
    session.flush()
    return found


def find_import(session: Session, import_id: int, *, lock: bool = False) -> PeopleImport:
    """Return an import. Raises NotThere."""
    found = session.get(PeopleImport, import_id, with_for_update=lock or None)
    if found is None:
        raise NotThere
    return found


def list_imports(session: Session, group_id: int) -> Sequence[PeopleImport]:
    """Return a group's imports that were taken in, newest first."""
    own = (PeopleImport.group_id == group_id, PeopleImport.applied_at.is_not(None))
    query = select(PeopleImport).where(*own).order_by(PeopleImport.id.desc())
    return session.scalars(query.limit(MOST_LISTED)).all()


def look_at_rows(session: Session, found: PeopleImport) -> list[Row]:
    """Return what each row of a list would do now."""
    rows = [read_row(line, cells) for line, cells in rules.open_list(found.body)]
    known = _known(session, found.group_id, {row.email for row in rows if not row.problems})
    tags = _tags(session, [person_id for each in known.values() for _, person_id in each])
    for row in rows:
        if row.problems:
            continue
        namesakes = known.setdefault(row.email, [])
        same = [person for person in namesakes if all_rules.is_same_name(person[0], row.name)]
        if not same:
            namesakes.append((row.name, 0))
            continue
        row.person_id = same[0][1]
        row.action = "twice" if not row.person_id else "nothing"
        has = tags.setdefault(row.person_id, set())
        row.tags = [tag for tag in row.tags if tag not in has] if row.person_id else ()
        if row.tags and len(has) + len(row.tags) > MOST_TAGS:
            row.action, row.problems = "problem", ("They would have too many tags.",)
        elif row.tags:
            row.action = "tags"
            has.update(row.tags)
    return rows


def read_row(line: int, cells: dict[str, str]) -> Row:
    """Return a row as it was typed, and what is wrong with it."""
    tags, wrong = rules.tags_in(cells.get("tags", ""))
    problems = [wrong] if wrong else []
    details: dict[str, str] = {}
    try:
        details = ROW.load({name: cell for name, cell in cells.items() if cell})
        details["email"] = all_rules.normalise_email(details["email"])
    except ValidationError as error:
        problems += [sentence for found in error.messages_dict.values() for sentence in found]
    name, email = (details.get(field) or cells.get(field, "") for field in ("name", "email"))
    action = "problem" if problems else "new"
    return Row(line, name, email, action, details, tags=tags, problems=problems)


def apply_import(session: Session, import_id: int, *, now: datetime) -> None:
    """Take a list in: new people, and new tags of known ones. Raises NotThere and ImportIsOver."""
    found = find_import(session, import_id, lock=True)
    if found.applied_at is not None or not found.body:
        raise rules.ImportIsOver
    people: list[int] = []
    tags: list[tuple[int, str]] = []
    for row in look_at_rows(session, found):
        if row.action == "new":
            person = Person(group_id=found.group_id, created_at=now, **row.details)
            session.add(person)
            session.flush()
            row.person_id = person.id
            people.append(person.id)
        if row.action in ("new", "tags") and row.person_id:
            tags += [(row.person_id, tag) for tag in row.tags]
    session.add_all(PersonTag(person_id=person_id, tag=tag) for person_id, tag in tags)
    found.body, found.applied_at = "", now
    found.made = {"people": people, "tags": [pair for pair in tags if pair[0] not in set(people)]}
    session.flush()


def undo_import(session: Session, import_id: int, *, now: datetime) -> int:
    """Forget whom a list brought, and take off the tags it gave; return how many people stay.

    Who signed up since stays, and who was written about or merged. Raises NotThere and
    ImportCannotBeUndone.
    """
    found = find_import(session, import_id, lock=True)
    if found.applied_at is None or found.undone_at is not None:
        raise rules.ImportCannotBeUndone
    people = list(session.scalars(_untouched(found.made["people"])))
    session.execute(delete(PersonTag).where(PersonTag.person_id.in_(people)))
    session.execute(delete(Person).where(Person.id.in_(people)))
    for some in _some([tuple(pair) for pair in found.made["tags"]]):
        pairs = tuple_(PersonTag.person_id, PersonTag.tag)
        session.execute(delete(PersonTag).where(pairs.in_(some)))
    found.undone_at = now
    stay = len(found.made["people"]) - len(people)
    found.made = {"people": [], "tags": []}
    session.flush()
    return stay


def forget_lists(session: Session, now: datetime) -> None:
    """Forget lists that nobody took in for a day."""
    old = (PeopleImport.body != "", PeopleImport.at < now - KEPT)
    session.execute(update(PeopleImport).where(*old).values(body=""))


def _untouched(ids: Sequence[int]) -> Select[int]:
    other = Person.__table__.alias("other")
    return select(Person.id).where(
        Person.id.in_(ids),
        Person.merged_into.is_(None),
        ~exists().where(Signup.person_id == Person.id),
        ~exists().where(PersonNote.person_id == Person.id),
        ~exists().where(TrainingDone.person_id == Person.id),
        ~exists().where(Merge.gone_id == Person.id),
        ~exists().where(Merge.kept_id == Person.id),
        ~exists().where(ToldApart.one_id == Person.id),
        ~exists().where(ToldApart.other_id == Person.id),
        ~exists().where(other.c.merged_into == Person.id),
    )


def _known(session: Session, group_id: int, emails: set[str]) -> dict[str, list[tuple[str, int]]]:
    """Return the names and numbers of a group's people by their addresses."""
    found: dict[str, list[tuple[str, int]]] = {}
    owner = func.coalesce(Person.merged_into, Person.id)
    for some in _some(sorted(emails)):
        query = select(Person.email, Person.name, owner).where(
            Person.group_id == group_id, Person.email.in_(some)
        )
        for email, name, number in session.execute(query.order_by(Person.id)):
            found.setdefault(email, []).append((name, number))
    return found


def _tags(session: Session, ids: Sequence[int]) -> dict[int, set[str]]:
    """Return the tags of these people, and of those who were merged into them."""
    found: dict[int, set[str]] = {}
    for some in _some(ids):
        query = select(OWNER, PersonTag.tag).join(ENTRY, ENTRY.id == PersonTag.person_id)
        for person_id, tag in session.execute(query.where(OWNER.in_(some))):
            found.setdefault(person_id, set()).add(tag)
    return found


def _some(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]
