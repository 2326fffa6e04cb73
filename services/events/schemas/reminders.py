"""How an event's reminders are typed: by programs, and on the console's page."""

from __future__ import annotations

from typing import Any

from marshmallow import (
    Schema,
    ValidationError,
    fields,
    post_load,
    pre_load,
    validate,
    validates_schema,
)

from ..rules import reminders as rules

CLOCK = "%H:%M"
AT_WHAT_HOUR = f"Choose an hour from {rules.EARLIEST:{CLOCK}} to {rules.LATEST:{CLOCK}}."
IN_DAYTIME = validate.Range(rules.EARLIEST, rules.LATEST, error=AT_WHAT_HOUR)
ONE_OF_TWO = "A reminder has either `days_before` with `at`, or `minutes_before`."
TWICE = "This reminder is there already."


class ReminderSchema(Schema):
    """One reminder: so many days before at an hour of the clocks there, or minutes before."""

    days_before = fields.Integer(
        strict=True,
        allow_none=True,
        load_default=None,
        validate=validate.Range(0, rules.MOST_DAYS),
        metadata={"description": "0 is the day itself."},
    )
    at = fields.Time(
        format=CLOCK,
        allow_none=True,
        load_default=None,
        validate=IN_DAYTIME,
        metadata={"description": "As clocks at the shift show it, like 18:00."},
    )
    minutes_before = fields.Integer(
        strict=True,
        allow_none=True,
        load_default=None,
        validate=validate.Range(*rules.MINUTES),
        metadata={"description": "Instead of the other two."},
    )

    @pre_load
    def leave_out_nothing(self, rule: Any, **_kwargs: Any) -> Any:
        """A rule is given whole, also where only a part of the event is to change."""
        return {**dict.fromkeys(self.fields), **rule} if isinstance(rule, dict) else rule

    @validates_schema
    def need_one_kind(self, rule: dict[str, Any], **_kwargs: Any) -> None:
        """A reminder counts days or minutes, not both."""
        by_day = [rule[name] is not None for name in ("days_before", "at")]
        if not (all(by_day) if rule["minutes_before"] is None else not any(by_day)):
            raise ValidationError(ONE_OF_TWO)

    @post_load
    def write_hour(self, rule: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        """Keep the hour as it is written."""
        return {**rule, "at": rule["at"] and f"{rule['at']:{CLOCK}}"}


class ReminderShown(Schema):
    """A reminder as programs see it."""

    days_before = fields.Integer(allow_none=True)
    at = fields.String(allow_none=True)
    minutes_before = fields.Integer(allow_none=True)


def reminders_field() -> fields.List[Any]:
    """Return the field of an event's reminders, for JSON."""
    return fields.List(
        fields.Nested(ReminderSchema),
        load_default=rules.usual,
        validate=[
            validate.Length(
                max=rules.MOST_REMINDERS, error=f"{rules.MOST_REMINDERS} reminders are the most."
            ),
            need_distinct,
        ],
        metadata={
            "description": "When those with a place are reminded; empty: never. Usually: "
            f"{rules.say_rules(rules.USUAL)}, if it begins at least two hours later."
        },
    )


def need_distinct(reminders: list[dict[str, Any]]) -> None:
    """Refuse the same reminder twice."""
    if any(rule in reminders[:number] for number, rule in enumerate(reminders)):
        raise ValidationError(TWICE)


class ReminderForm(Schema):
    """One reminder's part of the page that has all of them; `number` tells its fields apart."""

    class Meta:
        unknown = "exclude"

    when = fields.String(
        load_default="",
        metadata={"label": "When", "input": "select", "width": "medium", "conditional": True},
    )
    at = fields.Time(
        format=CLOCK,
        load_default=None,
        allow_none=True,
        validate=IN_DAYTIME,
        error_messages={"invalid": AT_WHAT_HOUR},
        metadata={
            "label": "At",
            "input": "time",
            "width": "medium",
            "conditional": True,
            "hint": "For a reminder on a day: from 08:00 to 20:30.",
        },
    )

    def __init__(self, number: int, stored: str = "") -> None:
        self.number = number
        super().__init__()
        # Another program may have stored what cannot be chosen here: it can be left as it is.
        self.choices = dict(rules.CHOICES)
        if stored not in self.choices:
            words = rules.say_choice(stored)
            self.choices[stored] = words[0].upper() + words[1:]
        field = self.fields["when"]
        field.metadata = {**field.metadata, "options": list(self.choices.items())}

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Give each field the name that it has on the page."""
        field_obj.data_key = f"{field_name}-{self.number}"

    @pre_load
    def leave_out_empty(self, typed: dict[str, str], **_kwargs: Any) -> dict[str, str]:
        """An hour that was left empty is no hour."""
        return {name: text for name, text in typed.items() if text}

    @validates_schema
    def check(self, typed: dict[str, Any], **_kwargs: Any) -> None:
        """A choice has to be one of those shown, and one of a day needs its hour."""
        when = typed["when"]
        if when not in self.choices:
            raise ValidationError("Choose one of these.", f"when-{self.number}")
        if when.isdigit() and typed["at"] is None:
            raise ValidationError(AT_WHAT_HOUR, f"at-{self.number}")

    @post_load
    def to_rule(self, typed: dict[str, Any], **_kwargs: Any) -> dict[str, Any] | None:
        """Return the rule; None where no reminder is wanted."""
        when = typed["when"]
        if not when:
            return None
        if when.endswith("m"):
            return rules.ahead(int(when[:-1]))
        return rules.on_day(int(when), f"{typed['at']:{CLOCK}}")
