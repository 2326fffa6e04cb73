"""Two organisers at once: what only one changed is combined, what both changed is for them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from marshmallow import Schema

from shared import editing
from shared.editing import merge
from shared.schemas import Text


class Form(Schema):
    """A form with two fields."""

    title = Text(required=True)
    bring = Text(load_default="")


@dataclass
class Row:
    """What the form changes."""

    title: str = "Out in Lincoln"
    bring: str = ""


def combined(row: Row, *, seen: Row, give_way: tuple[str, ...] = (), **typed: str) -> editing.Edit:
    form = Form()
    shown = editing.seen_of(form, seen)
    return editing.combine(form, row, form.load(typed), seen=shown, give_way=give_way)


@pytest.mark.parametrize(
    "before, stored, typed, outcome",
    [
        ("a", "a", "a", ""),
        ("a", "a", "b", "changed"),
        ("a", "b", "a", "kept"),
        ("a", "b", "b", ""),
        ("a", "b", "c", "conflicts"),
        ("a", "a", "", "changed"),
        ("a", "", "b", "conflicts"),
    ],
)
def test_of_three_versions_only_two_different_changes_conflict(
    before: str, stored: str, typed: str, outcome: str
) -> None:
    merged = merge(before={"x": before}, stored={"x": stored}, typed={"x": typed})
    found = [name for name in ("changed", "kept", "conflicts") if getattr(merged, name)]
    assert "".join(found) == outcome


def test_what_nobody_saw_before_is_taken_as_it_is_typed() -> None:
    merged = merge(before={}, stored={"x": "a"}, typed={"x": "b"})
    assert merged.changed == ("x",)


def test_only_what_the_person_changed_is_stored() -> None:
    edit = combined(Row(bring="Water"), seen=Row(), title="Out in Newark")
    assert edit.details == {"title": "Out in Newark"}
    assert edit.kept == ("bring",)
    assert edit.values == {"title": "Out in Newark", "bring": "Water"}


def test_what_both_changed_is_left_to_them() -> None:
    edit = combined(Row(title="Out in Derby"), seen=Row(), title="Out in Newark", bring="Tea")
    assert edit.theirs == {"title": "Out in Derby"}
    assert edit.values == {"title": "Out in Newark", "bring": "Tea"}


def test_a_form_sent_again_after_a_conflict_overwrites_knowingly() -> None:
    theirs = Row(title="Out in Derby")
    assert combined(theirs, seen=theirs, title="Out in Newark").details == {
        "title": "Out in Newark"
    }


def test_whoever_gives_way_keeps_what_the_other_wrote() -> None:
    theirs = Row(title="Out in Derby")
    edit = combined(theirs, seen=theirs, title="Out in Newark", bring="Tea", give_way=("title",))
    assert edit.details == {"bring": "Tea"}
    assert edit.values["title"] == "Out in Derby"


@pytest.mark.parametrize("seen", ["", "nonsense", "[]", "7"])
def test_a_form_that_lost_what_was_seen_is_taken_as_it_is(seen: str) -> None:
    form = Form()
    edit = editing.combine(form, Row(), form.load({"title": "Out in Newark"}), seen=seen)
    assert edit.details == {"title": "Out in Newark"}
