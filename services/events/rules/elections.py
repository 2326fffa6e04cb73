"""Elections by the ids that Democracy Club gives them, as in `parl.lincoln.2029-05-03`."""

from __future__ import annotations

from datetime import date

from uk_election_ids.datapackage import ELECTION_TYPES
from uk_election_ids.election_ids import IdBuilder

from shared.refusals import Refusal


class NotAnElectionId(Refusal):
    """Enter an election id as Democracy Club writes it, such as local.lincoln.2027-05-06."""


class ElectionWasAlreadyAdded(Refusal):
    """This election is in the list already."""


class ElectionIsReferredTo(Refusal):
    """Campaigns or events refer to this election, so it stays."""


def day_of(election_id: str) -> date:
    """Return polling day, which every id ends with.

    Raises NotAnElectionId for what the reference definition
    (elections.democracyclub.org.uk/reference_definition) does not allow.
    """
    try:
        built = IdBuilder.from_id(election_id)
    except (ValueError, IndexError) as error:
        # The library takes for granted that something stands before `by`.
        raise NotAnElectionId from error
    # It also reads what it would not write itself: empty parts, and days without their noughts.
    if election_id not in built.ids:
        raise NotAnElectionId
    return date.fromisoformat(built.date)


def suggest_title(election_id: str) -> str:
    """Return words for an election that nobody has named: its parts, read out."""
    kind, *parts, _day = election_id.split(".")
    by = parts[-1:] == ["by"]
    named = [part.replace("-", " ").capitalize() for part in (parts[:-1] if by else parts)]
    places = [part for part in named if len(part) > 1]
    words = str(ELECTION_TYPES[kind]["name"])
    return ", ".join([f"By-election: {words}" if by else words, *places])
