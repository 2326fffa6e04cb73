"""What comes in place of each placeholder of a wording, read from the letter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from shared import times

from ..rules import names, reminding
from .letters import About, Letter
from .senders import find_contact
from .wording import many_lines, one_line


def soon_of(letter: Letter) -> str:
    """Return `today` or `tomorrow` when the shift is then, counted from when this is written."""
    if letter.about is None:
        return ""
    shift = letter.about.shift
    return reminding.soon(shift.starts_at, shift.zone, now=letter.written_at)


def _about(letter: Letter) -> About:
    if letter.about is None:
        raise ValueError(f"a letter of kind {letter.notice.kind} is about no sign-up")
    return letter.about


def _time(letter: Letter) -> str:
    shift = _about(letter).shift
    return f"{times.clock(shift.starts_at, shift.zone)} to {times.clock(shift.ends_at, shift.zone)}"


def _contact(letter: Letter) -> str:
    contact = find_contact(letter)
    return one_line(contact.name) if contact else ""


def _places(letter: Letter) -> str:
    party = _about(letter).signup.party
    return f"places for {party} people" if party > 1 else "a place"


def _ahead(letter: Letter) -> str:
    ahead = letter.notice.details.get("ahead", 0)
    if ahead == 0:
        return "you are the first on the list"
    if ahead == 1:
        return "there was one sign-up before yours on the list"
    return f"there were {ahead} sign-ups before yours on the list"


def _until(letter: Letter) -> str:
    zone = _about(letter).shift.zone
    until = datetime.fromisoformat(letter.notice.details["until"])
    return f"{times.day(until, zone)}, {times.clock(until, zone)}"


STANDINGS = {
    "offered": "a place is kept for you until you say yes or no; please do so soon",
    "pending": "a place is held for you until you confirm that this address is yours",
}


def _shifts(letter: Letter) -> str:
    return "your shifts" if len(letter.together) > 1 else "your shift"


def _what(letter: Letter) -> str:
    if len(letter.together) > 1:
        return f"your {len(letter.together)} shifts"
    return one_line(_about(letter).event.title)


def _standing(letter: Letter) -> str:
    signup = _about(letter).signup
    if signup.state == "placed":
        return f"you already have {_places(letter)}"
    return STANDINGS.get(signup.state, "you are on the waiting list, at the same spot as before")


def _kept(letter: Letter) -> str:
    if _about(letter).has_place:
        return "Your place is kept for you."
    return "You stay on the waiting list, at the same spot."


def _request(letter: Letter) -> str:
    if _about(letter).asks_again:
        return "Please say whether you still come."
    return "Please check that you can still come."


def _reason(letter: Letter) -> str:
    reason = many_lines(letter.notice.details.get("reason", ""))
    return f"The reason: {reason}" if reason else ""


def _ending(letter: Letter) -> str:
    return "Cancelled" if _about(letter).is_off else "No place came free"


def _outcome(letter: Letter) -> str:
    return OUTCOMES[letter.notice.kind](letter)


def _cancelled(letter: Letter) -> str:
    if _about(letter).signup.had_place:
        return (
            "you cancelled your sign-up. Thank you for saying so: somebody else can come in your "
            "place."
        )
    return "you left the waiting list."


CALLED_OFF = {
    "placed": "You had a place; please do not come.",
    "offered": "You had been offered a place; there is none any more.",
    "pending": "A place was held for you; there is none any more.",
}


def _closed(letter: Letter) -> str:
    if not _about(letter).is_off:
        return (
            "it has begun, and no place came free for you. We are sorry, and thank you for "
            "waiting. Perhaps another day suits you?"
        )
    before = letter.notice.details.get("state_before", "")
    what = CALLED_OFF.get(before, "You were on the waiting list; it has been closed.")
    return f"we are sorry: this is cancelled and will not take place. {what}"


LAPSED = {
    "offer": "nobody answered our offer in time, so the place went on to the next in line. If you "
    "still want to come, open your sign-up: if a place is free it is yours, and otherwise you keep "
    "your spot in the line.",
    "hold": "nobody pressed the button in our mail in time, so the place was given back. You can "
    "sign up again at any time.",
}


def _lapsed(letter: Letter) -> str:
    unreached = (
        "we could not reach you at this address, so your place was given back. You can sign up "
        "again at any time."
    )
    return LAPSED.get(letter.notice.details.get("why", ""), unreached)


def _party_changed(letter: Letter) -> str:
    about = _about(letter)
    if not about.has_place:
        return "You keep your spot in the line."
    kept = "Your places are kept" if about.signup.party > 1 else "Your place is kept"
    return f"{kept}, the rest goes to others."


def _held(letter: Letter) -> str:
    signup, until = _about(letter).signup, _until(letter)
    are = "are" if signup.party > 1 else "is"
    if signup.state == "pending":
        return f"{_places(letter)} {are} held for you until {until}."
    kept = "places are" if signup.party > 1 else "place is"
    if signup.state == "waiting":
        kept = "spot in the line is"
    return (
        "very many people signed up at once, and machines may be among them. We are sorry for the "
        f"trouble: your {kept} kept for you until {until}."
    )


OUTCOMES: dict[str, Callable[[Letter], str]] = {
    "cancelled": _cancelled,
    "closed": _closed,
    "held": _held,
    "lapsed": _lapsed,
    "party_changed": _party_changed,
}

VALUES: dict[str, Callable[[Letter], str]] = {
    "first_name": lambda letter: names.greeted(one_line(letter.first_name)),
    "title": lambda letter: one_line(_about(letter).event.title),
    "day": lambda letter: times.day(_about(letter).shift.starts_at, _about(letter).shift.zone),
    "time": _time,
    "place": lambda letter: one_line(_about(letter).where.place) or "Online",
    "group": lambda letter: one_line(letter.group.name) if letter.group else "",
    "contact": _contact,
    "party": lambda letter: str(_about(letter).signup.party),
    "places": _places,
    "ahead": _ahead,
    "until": _until,
    "soon": soon_of,
    "opening": lambda letter: (soon_of(letter) or "coming up").capitalize(),
    "shifts": _shifts,
    "what": _what,
    "standing": _standing,
    "kept": _kept,
    "request": _request,
    "outcome": _outcome,
    "ending": _ending,
    "reason": _reason,
    "party_before": lambda letter: str(letter.notice.details.get("party_before", "")),
}
