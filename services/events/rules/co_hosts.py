"""What groups that hold an event together may do."""

from __future__ import annotations

from shared.refusals import Refusal


class GroupIsTheHost(Refusal):
    """This group holds the event already: it is the host."""


class GroupWasAlreadyAsked(Refusal):
    """This group was asked already and has not answered yet."""


class GroupIsACoHostAlready(Refusal):
    """This group holds the event with you already."""


class NothingWasAsked(Refusal):
    """There is nothing to answer: the request was answered or withdrawn."""


class EventIsNotOpenToCoHosts(Refusal):
    """This event is cancelled, so nobody can be asked to hold it with you."""


def check_askable(host_id: int, group_id: int, *, status: str, state: str) -> None:
    """Refuse to ask the host itself, or who was asked; `state` is empty for who never was.

    Who declined, or left, may be asked again.
    """
    if status == "cancelled":
        raise EventIsNotOpenToCoHosts
    if host_id == group_id:
        raise GroupIsTheHost
    if state == "asked":
        raise GroupWasAlreadyAsked
    if state == "accepted":
        raise GroupIsACoHostAlready


def check_answerable(state: str) -> None:
    """Refuse to answer what is not asked, or was answered."""
    if state != "asked":
        raise NothingWasAsked
