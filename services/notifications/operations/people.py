"""Who is one and the same person: here nobody has a number, only an address and a first name."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Text, and_, bindparam, func


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
