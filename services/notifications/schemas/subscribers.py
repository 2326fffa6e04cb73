"""What subscribers of the schedule mail choose, and what organisers try out."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validate, validates

from shared.columns import LARGEST_ID
from shared.schemas import Email, Postcode, Text, refuse_web_addresses

from ..rules import tastes, weekly

NO_CONSENT = "Tick the box if you want the mail; we cannot send it without."
ONE_OF_THESE = "Choose one of these."


def choice(label: str, options: list[tuple[int, str]], usual: int, **about: Any) -> fields.Integer:
    """Return a field for one of several numbers, each with its words."""
    return fields.Integer(
        load_default=usual,
        validate=validate.OneOf([number for number, _words in options], error=ONE_OF_THESE),
        error_messages={"invalid": ONE_OF_THESE},
        metadata={"label": label, "input": "select", "options": options, "width": "medium"} | about,
    )


def miles_field() -> fields.Integer:
    """Return the field for a radius."""
    options = [(miles, f"{miles} miles") for miles in tastes.MILES]
    return choice("How far would you go?", options, tastes.USUAL_MILES)


def kinds_field() -> fields.List[Any]:
    """Return the field for kinds of event."""
    kind = fields.String(validate=validate.OneOf(tastes.EVENT_KINDS, error=ONE_OF_THESE))
    return fields.List(kind, load_default=list, metadata={"label": "Which kinds?"})


def group_field(**about: Any) -> fields.Integer:
    """Return the field for a group; its options are for whoever shows it."""
    return fields.Integer(
        load_default=None,
        validate=validate.Range(1, LARGEST_ID, error=ONE_OF_THESE),
        error_messages={"invalid": ONE_OF_THESE},
        metadata={"label": "Whose events?", "input": "select"} | about,
    )


class WishesForm(Schema):
    """What somebody wants to hear of, and when."""

    class Meta:
        unknown = EXCLUDE

    first_name = Text(
        max=80,
        load_default="",
        metadata={"label": "Your first name", "autocomplete": "given-name", "width": "medium"},
    )
    postcode = Postcode(
        load_default="",
        metadata={
            "label": "Your postcode",
            "hint": "The first half, like LN2, is enough. Without one you hear of every place.",
            "autocomplete": "postal-code",
            "width": "short",
        },
    )
    miles = miles_field()
    kinds = kinds_field()
    online = fields.Boolean(
        load_default=False,
        metadata={"label": "Also what I can join online, from anywhere", "input": "checkbox"},
    )
    group_id = group_field()
    weekday = choice("On which day?", list(enumerate(weekly.WEEKDAYS)), weekly.USUAL_DAY)
    hour = choice("At what time?", [(h, f"{h:02}:00") for h in weekly.HOURS], weekly.USUAL_HOUR)

    @validates("first_name")
    def refuse_advertising(self, value: str, **_kwargs: Any) -> None:
        """A name goes into mails: it carries no advertising."""
        refuse_web_addresses(value)


class SubscribeForm(WishesForm):
    """The form on the site, with what keeps machines out."""

    email = Email(
        required=True,
        error_messages={"required": "Enter your email address."},
        metadata={
            "label": "Your email address",
            "hint": "A mail with a button goes there first; nothing comes without it.",
            "input": "email",
            "autocomplete": "email",
        },
    )
    consent = fields.Boolean(
        required=True,
        error_messages={"required": NO_CONSENT},
        metadata={"label": tastes.WORDING, "input": "checkbox"},
    )
    located = Postcode(load_default="", metadata={"input": "hidden"})
    latitude = fields.Float(
        load_default=None, validate=validate.Range(-90, 90), metadata={"input": "hidden"}
    )
    longitude = fields.Float(
        load_default=None, validate=validate.Range(-180, 180), metadata={"input": "hidden"}
    )
    rough = fields.Boolean(load_default=False, metadata={"input": "hidden"})
    website = fields.String(load_default="")
    """People do not see this field; what fills it in is a machine."""

    @validates("consent")
    def need_consent(self, value: bool, **_kwargs: Any) -> None:
        """Consent is a tick: no tick, no mail."""
        if not value:
            raise ValidationError(NO_CONSENT)


class PreferencesForm(WishesForm):
    """The same for who gets the mail, with a rest from it."""

    pause = choice(
        "A rest from it?",
        [
            (0, "No, go on"),
            *((weeks, f"{weeks} weeks" if weeks > 1 else "1 week") for weeks in (1, 2, 4, 8, 12)),
        ],
        0,
    )


class PreviewQuery(Schema):
    """Whose mail an organiser wants to see."""

    class Meta:
        unknown = EXCLUDE

    postcode = Postcode(load_default="", metadata={"label": "Near", "width": "short"})
    miles = choice("Within", [(m, f"{m} miles") for m in tastes.MILES], tastes.USUAL_MILES)
    kind = fields.String(
        load_default="",
        validate=validate.OneOf(("", *tastes.EVENT_KINDS), error=ONE_OF_THESE),
        metadata={
            "label": "What",
            "input": "select",
            "options": [("", "Everything"), *tastes.EVENT_KINDS.items()],
        },
    )
    group_id = group_field(label="Whose")

    @pre_load
    def leave_out_empty(self, asked: Any, **_: Any) -> dict[str, Any]:
        """A filter left open in a form is no filter."""
        return {name: value for name, value in asked.items() if str(value).strip()}
