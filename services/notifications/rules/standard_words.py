"""The words that a mail has while its group has not written others, and which kinds these are.

Mails with somebody's links are not among them: they may speak for several groups at once.
"""

from __future__ import annotations

from .kinds import KINDS
from .wordings import EVERYWHERE, Wording

STANDARD_WORDS = {
    "confirmation": """\
thank you for signing up. You have {places}. We look forward to seeing you {soon}.""",
    "waiting": """\
thank you for signing up. All places are taken at the moment, and {ahead}. \
We write to you at once when a place is yours. You need not do anything.""",
    "promoted": """\
good news: you were on the waiting list, and now you have {places}. \
If you can no longer come, please say so soon, so that the next in line can.""",
    "reminder": """\
this is what to know about {shifts} {soon}. Do you come? Please say so below: if you can’t, \
somebody else can have your place.""",
    "repeated": """\
somebody, most likely you, signed up once more with this address. \
Nothing has changed: {standing}.""",
    "changed": """\
something changed since you signed up. {kept} {request}""",
    "cancelled": """\
{outcome} Perhaps another day suits you better?""",
    "closed": """\
{outcome}

{reason}""",
    "held": """\
{outcome} Please press “Confirm my sign-up” to show that this address is yours.""",
    "offered": """\
good news: {places} came free, and you are next in line. \
We keep this for you until {until}. Please say yes or no.""",
    "told": """\
it starts soon and there is room. You are on the waiting list; so close to the start the quickest \
gets the place. If you can come, take it now.""",
    "declined": """\
you said no to your place. Thank you for saying so: the next in line has been asked. \
Perhaps another day suits you better?""",
    "lapsed": """\
{outcome}""",
    "party_changed": """\
you were {party_before} and are {party} now. Thank you for saying so. {outcome}""",
    "switched": """\
you have a place on another shift, as you wished; a mail of its own tells about it. \
This one was given back, so that somebody else can have it:""",
    "transferred": """\
somebody used the link you gave away and comes in your place. Thank you for finding them! \
You need not come. Perhaps another day suits you better?""",
}
"""Each after its greeting."""

OWN_PLACEHOLDERS = {
    "confirmation": ("soon",),
    "promoted": ("soon",),
    "reminder": ("soon", "opening", "shifts", "what"),
    "waiting": ("ahead",),
    "repeated": ("standing",),
    "changed": ("kept", "request"),
    "cancelled": ("outcome",),
    "closed": ("outcome", "ending", "reason"),
    "held": ("outcome", "until"),
    "offered": ("until",),
    "lapsed": ("outcome",),
    "party_changed": ("party_before", "outcome"),
}
"""What can be said in mails of a kind besides what can be said in all."""

STANDARD = {
    kind: Wording(subject=KINDS[kind].subject, words=f"Hello {{first_name}},\n\n{words}")
    for kind, words in STANDARD_WORDS.items()
}


def allowed_in(kind: str) -> tuple[str, ...]:
    """Return the placeholders of a kind of mail."""
    return (*OWN_PLACEHOLDERS.get(kind, ()), *EVERYWHERE)
