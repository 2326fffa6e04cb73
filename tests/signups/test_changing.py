"""What people do with the link in their mail, and how they get it back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from services.signups import links, operations, rules
from services.signups.models import Signup
from shared.messages import LinkRequested, SignupCancelled
from shared.refusals import NotThere
from tests.signups.making import (
    ENDS,
    LATER,
    NOW,
    STARTS,
    all_told,
    cancel,
    change_shift,
    forget_told,
    ledger,
    make_shift,
    news,
    ranks,
    sign_up,
    signup_of,
    token_of,
    told,
    totals,
    violations,
)


def token(session: Session, shift: int, name: str = "Ada Example") -> str:
    return token_of(session, signup_of(session, shift, name))


def test_the_link_shows_the_sign_up_and_changes_nothing(session: Session) -> None:
    shift = make_shift(session)
    sign_up(session, shift)
    mine = operations.show_my_signup(session, token(session, shift), now=NOW)
    assert (mine.signup.name, mine.shift.title) == ("Ada Example", "Out in Lincoln")
    assert (mine.ahead, "cancel" in mine.actions) == (0, True)
    assert ranks(session, shift) == ["Ada placed"]


def test_somebody_who_waits_sees_how_many_are_before_them(session: Session) -> None:
    shift = make_shift(session, capacity=1)
    for name in ("Ada", "Ben", "Cleo", "Dev"):
        sign_up(session, shift, name)
    cancel(session, shift, "Ben")
    mine = operations.show_my_signup(session, token(session, shift, "Dev"), now=NOW)
    assert mine.ahead == 1


def test_the_link_works_until_seven_days_after_the_shift(session: Session) -> None:
    shift = make_shift(session)
    sign_up(session, shift)
    link = token(session, shift)
    last_moment = ENDS + timedelta(days=7)
    mine = operations.show_my_signup(session, link, now=last_moment)
    assert "cancel" not in mine.actions
    for use in (operations.show_my_signup, operations.cancel_signup):
        with pytest.raises(rules.LinkHasEnded):
            use(session, link, now=last_moment + timedelta(microseconds=1))


@pytest.mark.parametrize("state", ["cancelled", "closed"])
def test_the_link_works_whatever_has_become_of_the_sign_up(session: Session, state: str) -> None:
    shift = make_shift(session)
    sign_up(session, shift)
    link = token(session, shift)
    if state == "cancelled":
        cancel(session, shift, "Ada Example")
    else:
        change_shift(session, shift, cancelled=True)
    mine = operations.show_my_signup(session, link, now=LATER)
    assert (mine.signup.state, "cancel" in mine.actions) == (state, False)


def test_a_link_made_for_another_purpose_or_bent_leads_nowhere(session: Session) -> None:
    shift = make_shift(session)
    sign_up(session, shift)
    link = token(session, shift)
    form = links.sign_form(session, shift, now=NOW)
    for bent in (link[:-1], link + "x", link.swapcase(), "x", form, "."):
        with pytest.raises(NotThere):
            operations.show_my_signup(session, bent, now=NOW)
        with pytest.raises(NotThere):
            operations.cancel_signup(session, bent, now=NOW)


def test_a_link_that_was_replaced_leads_nowhere(session: Session) -> None:
    shift = make_shift(session)
    sign_up(session, shift)
    link = token(session, shift)
    signup_of(session, shift, "Ada Example").link_number += 1
    session.flush()
    with pytest.raises(NotThere):
        operations.show_my_signup(session, link, now=NOW)
    assert "cancel" in operations.show_my_signup(session, token(session, shift), now=NOW).actions


def test_cancelling_frees_every_place_of_a_party_once(session: Session) -> None:
    shift = make_shift(session, capacity=5)
    sign_up(session, shift, "Ada", party=3)
    cancel(session, shift, "Ada")
    assert totals(session, shift) == (0, 0)
    assert ledger(session, shift) == [3, -3]


def test_cancelling_again_changes_nothing_and_is_told_to_nobody(session: Session) -> None:
    shift = make_shift(session, capacity=2)
    for name in ("Ada", "Ben"):
        sign_up(session, shift, name)
    cancel(session, shift, "Ada")
    before = all_told(session)
    cancel(session, shift, "Ada")
    assert all_told(session) == before
    assert totals(session, shift) == (1, 0)
    assert violations(session) == []


def test_cancelling_is_told_with_a_newer_revision(session: Session) -> None:
    shift = make_shift(session)
    sign_up(session, shift, "Ada", now=NOW)
    revision = signup_of(session, shift, "Ada").revision
    cancel(session, shift, "Ada", now=NOW)
    (cancelled,) = told(session, SignupCancelled)
    assert cancelled.signup.state == "cancelled"
    assert cancelled.signup.revision > revision


def test_one_may_cancel_while_the_shift_runs_but_not_when_it_is_over(session: Session) -> None:
    shift = make_shift(session)
    for name in ("Ada", "Ben"):
        sign_up(session, shift, name)
    cancel(session, shift, "Ada", now=STARTS + timedelta(hours=1))
    with pytest.raises(rules.ShiftIsOver):
        cancel(session, shift, "Ben", now=ENDS)
    assert ranks(session, shift) == ["Ada cancelled", "Ben placed"]


def test_a_lost_link_is_mailed_for_every_live_sign_up_of_the_address(session: Session) -> None:
    shifts = [make_shift(session, capacity=1) for _ in range(4)]
    for shift in shifts:
        sign_up(session, shift)
    sign_up(session, shifts[0], "Ben")
    cancel(session, shifts[1], "Ada Example")
    change_shift(session, shifts[2], cancelled=True)
    forget_told(session)
    operations.request_links(session, "ADA.example@mail.example", now=LATER)
    (request,) = told(session, LinkRequested)
    assert [link.shift_id for link in request.person.links] == [shifts[0], shifts[3]]
    assert request.person.first_name == "Ada"
    mine = request.person.links[0].link.rsplit("/", 1)[1]
    assert "cancel" in operations.show_my_signup(session, mine, now=LATER).actions


def test_a_lost_link_says_who_waits(session: Session) -> None:
    shift = make_shift(session, capacity=1)
    for name in ("Ada", "Ben"):
        sign_up(session, shift, name, email="home@mail.example")
    operations.request_links(session, "home@mail.example", now=LATER)
    (request,) = told(session, LinkRequested)
    assert [link.state for link in request.person.links] == ["placed", "waiting"]


@pytest.mark.parametrize("address", ["nobody@mail.example", "bot@mail.example"])
def test_a_lost_link_of_an_address_without_sign_ups_is_told_to_nobody(
    session: Session, address: str
) -> None:
    shift = make_shift(session)
    sign_up(session, shift, "Bot", suspicion="too fast")
    operations.request_links(session, address, now=NOW)
    assert all_told(session) == []


def test_what_is_over_has_no_link_any_more(session: Session) -> None:
    shift = make_shift(session)
    sign_up(session, shift)
    forget_told(session)
    operations.request_links(session, "ada.example@mail.example", now=ENDS)
    assert news(session) == []


def test_links_are_mailed_to_one_address_three_times_an_hour(session: Session) -> None:
    shift = make_shift(session)
    for name in ("Ada", "Ben"):
        sign_up(session, shift, name)
    for _ in range(5):
        operations.request_links(session, "ada@mail.example", now=NOW)
    operations.request_links(session, "ben@mail.example", now=NOW)
    assert len(told(session, LinkRequested)) == 4
    operations.request_links(session, "ada@mail.example", now=NOW + timedelta(hours=1))
    assert len(told(session, LinkRequested)) == 5


def test_ranks_are_never_given_again(session: Session) -> None:
    shift = make_shift(session)
    sign_up(session, shift, "Bot", suspicion="too fast")
    dropped = signup_of(session, shift, "Bot").id
    operations.drop(session, dropped)
    sign_up(session, shift, "Ada")
    assert signup_of(session, shift, "Ada").id > dropped
    assert session.get(Signup, dropped) is None
