"""Signing up: the form, the JSON, and the answer."""

from __future__ import annotations

from typing import Any

from marshmallow import (
    EXCLUDE,
    Schema,
    ValidationError,
    fields,
    validate,
    validates,
    validates_schema,
)

from shared.columns import LARGEST_ID
from shared.schemas import Email, Phone, Postcode, Text, refuse_web_addresses

from .. import rules

PARTY = validate.Range(
    min=1,
    max=rules.LARGEST_PARTY,
    error=f"Enter a number from 1 to {rules.LARGEST_PARTY}.",
)
NO_SUCH_SHIFT = "There is no shift with such a number."
NO_PHONE = "Enter your phone number, or leave the box about calls empty."
TOO_MANY = f"Choose at most {rules.MOST_TOGETHER} other shifts."


WISH_WORDS = {
    "usual": "Do what is usual: with days to go I get it at once, later you ask me first",
    "place": "Give it to me at once, whenever it is",
    "ask": "Ask me first, always",
    "not_on_the_day": "What is usual, but not on the day itself",
}


def wish_field(**kwargs: Any) -> fields.String:
    """Return the field for what somebody who waits wants."""
    return fields.String(
        validate=validate.OneOf(rules.WISHES, error="Choose one of these."),
        metadata={
            "label": "When a place comes free",
            "input": "radios",
            "options": list(WISH_WORDS.items()),
        },
        **kwargs,
    )


class SignupDetails(Schema):
    """What somebody who signs up tells of themselves."""

    name = Text(
        required=True,
        max=80,
        error_messages={"required": "Enter your name."},
        metadata={"label": "Your name", "autocomplete": "name"},
    )
    email = Email(
        required=True,
        error_messages={"required": "Enter your email address."},
        metadata={
            "label": "Your email address",
            "hint": "Your confirmation goes there, with a link to change your mind.",
            "input": "email",
            "autocomplete": "email",
        },
    )
    phone = Phone(
        load_default="",
        metadata={
            "label": "Your phone number",
            "hint": "So that your team can find you on the day.",
            "input": "tel",
            "autocomplete": "tel",
            "width": "medium",
        },
    )
    postcode = Postcode(
        load_default="",
        metadata={"label": "Your postcode", "autocomplete": "postal-code", "width": "short"},
    )
    party = fields.Integer(
        load_default=1,
        strict=False,
        validate=PARTY,
        error_messages={"invalid": "Enter a whole number."},
        metadata={
            "label": "How many of you are coming?",
            "hint": "You and any friends you bring.",
            "input": "number",
            "width": "short",
        },
    )

    wish = wish_field(load_default="usual")

    @validates("name")
    def refuse_web_addresses(self, value: str, **_kwargs: Any) -> None:
        """A name goes into a mail to an address nobody has verified: it carries no advertising."""
        refuse_web_addresses(value)


class OtherShifts(fields.List[Any]):
    """The numbers of other shifts to sign up for with the same form: each once, in order."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            fields.Integer(validate=validate.Range(1, LARGEST_ID, error=NO_SUCH_SHIFT)),
            load_default=(),
            validate=validate.Length(max=rules.MOST_TOGETHER, error=TOO_MANY),
            **kwargs,
        )

    def _deserialize(self, *args: Any, **kwargs: Any) -> Any:
        return tuple(sorted(set(super()._deserialize(*args, **kwargs))))


class SignupForm(SignupDetails):
    """The sign-up form of the page, with what keeps machines out."""

    class Meta:
        unknown = EXCLUDE

    consent = fields.Boolean(
        required=True,
        error_messages={"required": "Tick the box if you agree; we cannot sign you up without it."},
        metadata={"label": "I agree", "input": "checkbox"},
    )
    agree_mail = fields.Boolean(load_default=False, metadata={"input": "checkbox"})
    agree_phone = fields.Boolean(load_default=False, metadata={"input": "checkbox"})
    also = OtherShifts(metadata={"label": "Sign me up for these too", "input": "checkboxes"})
    form_token = fields.String(load_default="", metadata={"input": "hidden"})
    altcha = fields.String(load_default="", metadata={"input": "hidden"})
    website = fields.String(load_default="")
    """People do not see this field; what fills it in is a machine."""

    @validates("consent")
    def need_consent(self, value: bool, **_kwargs: Any) -> None:
        """Consent is a tick, not an answer: no tick, no sign-up."""
        if not value:
            raise ValidationError(str(self.fields["consent"].error_messages["required"]))

    @validates_schema
    def need_phone(self, form: dict[str, Any], **_kwargs: Any) -> None:
        """Who wants to be called has to say where."""
        if form.get("agree_phone") and not form.get("phone"):
            raise ValidationError(NO_PHONE, "phone")


class SignupRequest(SignupDetails):
    """A sign-up that another site's web form sends on."""

    shift_id = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    party = fields.Integer(
        load_default=1,
        strict=True,
        validate=PARTY,
        error_messages={"invalid": "Enter a whole number."},
    )
    also = OtherShifts(
        metadata={"description": "Other shifts of the same group: a sign-up each, all or none."}
    )
    answers = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        load_default=dict,
        metadata={"description": "Answers to the event's questions, by the question's id."},
    )
    consent = fields.Boolean(required=True, truthy={True}, falsy={False})
    agree_mail = fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        metadata={"description": "Whether the person ticked the box about mail on days to come."},
    )
    agree_phone = fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        metadata={"description": "The same for calls and texts."},
    )
    utm = fields.Dict(
        keys=fields.String(validate=validate.OneOf(rules.UTM)),
        values=Text(max=rules.LONGEST_UTM),
        load_default=dict,
        metadata={"description": "What the link said that led to the form: source, medium ..."},
    )

    @validates("consent")
    def need_consent(self, value: bool, **_kwargs: Any) -> None:
        """The other site has shown the box, and the person has ticked it."""
        if not value:
            raise ValidationError("Nobody is signed up without consent.")


class SignupAnswer(Schema):
    """The answer to a sign-up: no id and no link, since those go to the person by mail."""

    state = fields.String(validate=validate.OneOf(("placed", "pending", "waiting")))
    ahead = fields.Integer(allow_none=True, metadata={"description": "About how many wait before."})
    shift_id = fields.Integer()
    party = fields.Integer()
    also = fields.List(
        fields.Nested(lambda: SignupAnswer(exclude=("also",))),
        metadata={"description": "The answers for the other shifts, where some were asked for."},
    )


class IdempotencyKey(Schema):
    """The header by which a repeated request is known."""

    class Meta:
        unknown = EXCLUDE

    key = fields.String(
        required=True,
        data_key="Idempotency-Key",
        validate=validate.Length(min=8, max=200),
        metadata={
            "description": "Chosen by the client, for instance a UUID; one for each sign-up."
        },
    )


class LostLinkForm(Schema):
    """The form of somebody who lost the link to their sign-up."""

    class Meta:
        unknown = EXCLUDE

    email = Email(
        required=True,
        error_messages={"required": "Enter your email address."},
        metadata={
            "label": "Your email address",
            "hint": "The one you signed up with.",
            "input": "email",
            "autocomplete": "email",
        },
    )
