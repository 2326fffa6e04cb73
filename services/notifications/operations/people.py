"""Who is one and the same person, and who is new with a group.

Nobody has a number here: a person is an address and a first name.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)

from ..models import Newcomer, Notice, Signup

NEWCOMERS: Any = Newcomer.__table__
NOTICES: Any = Notice.__table__
FIRST: Any = Signup.__table__.alias("first_signup")
WELCOME = "welcome"

IS_UNSAID = and_(
    NOTICES.c.kind == WELCOME,
    NOTICES.c.doubts == 0,
    or_(
        NOTICES.c.state.in_(("planned", "superseded")),
        and_(NOTICES.c.state == "sending", NOTICES.c.began_at.is_(None)),
    ),
)
"""That a welcome has not left and nobody is about to say it, so that it may be planned anew."""


class Asked(NamedTuple):
    """Somebody whose address and first name are given when a statement runs."""

    email: Any
    first_name: Any


ASKED = Asked(bindparam("email", type_=Text), bindparam("first_name", type_=Text))


def in_small_letters(who: Any) -> tuple[Any, Any]:
    """Return somebody's address and first name in small letters, as the database writes them.

    `who` has `email` and `first_name`: a sign-up, an alias of theirs, the columns of their table,
    or the person of a message.
    """
    return func.lower(who.email), func.lower(who.first_name)


def is_same_person(one: Any, other: Any) -> ColumnElement[bool]:
    """Return the condition that two are the same person, in whatever letters each was typed.

    Both are as for `in_small_letters`. Those at an address are found by `ix_signups_lower_email`;
    couples share one, so that the first name counts, too.
    """
    email, first_name = in_small_letters(one)
    other_email, other_first_name = in_small_letters(other)
    return and_(email == other_email, first_name == other_first_name)


def newcomer_among(group_id: Any) -> Any:
    """Return a query for the sign-up by which `ASKED` is new with the group of this column.

    It finds nothing once somebody got in touch with them and they were welcomed, too.
    """
    key = literal(f"{WELCOME}:signup/") + cast(NEWCOMERS.c.signup_id, Text) + literal(":0")
    was_said = exists().where(NOTICES.c.key == key, ~IS_UNSAID)
    return (
        select(NEWCOMERS.c.signup_id)
        .join(FIRST, FIRST.c.id == NEWCOMERS.c.signup_id)
        .where(
            NEWCOMERS.c.group_id == group_id,
            is_same_person(FIRST.c, ASKED),
            or_(NEWCOMERS.c.state == "open", ~was_said),
        )
        .order_by(NEWCOMERS.c.id)
        .limit(1)
        .correlate(group_id.table)
        .scalar_subquery()
    )
