"""How a series' rule is read: from the choices of a form, or as an RRULE."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from marshmallow import (
    EXCLUDE,
    Schema,
    ValidationError,
    fields,
    post_load,
    pre_load,
    validate,
    validates_schema,
)

from shared.refusals import Refusal
from shared.schemas import Text

from ..rules.series_rule import LAST_YEAR, MOST_TIMES, WEEKDAYS, Rule, read_rule
from ..rules.series_words import ORDINALS, WEEKDAY_NAMES, ordinal

EVERY = {
    "week": "Every week",
    "two_weeks": "Every two weeks",
    "month_day": "Every month, on the same day of the month",
    "month_weekday": "Every month, on the same weekday",
    "typed": "By a rule that I type (RRULE)",
}
ENDS = {
    "never": "It goes on until you end it",
    "until": "On a day",
    "times": "After a number of times",
}
ONLY_FOR = {
    "week": tuple(f"on_{day.lower()}" for day in WEEKDAYS),
    "month_day": ("day_number",),
    "month_weekday": ("number", "weekday"),
    "typed": ("rule",),
    "until": ("until",),
    "times": ("times",),
}
"""Fields that count for one choice alone."""
DAY_NUMBERS = [*((str(day), ordinal(day)) for day in range(1, 32)), ("-1", "Last day")]
COUNTED = [(str(number), words.capitalize()) for number, words in ORDINALS.items() if number > -2]


class RuleField(Text):
    """An RRULE that chooses days."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max=500, **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not text:
            return None
        try:
            return read_rule(text)
        except Refusal as refusal:
            raise ValidationError(refusal.sentence) from refusal


class WeekdayField(fields.Boolean):
    """A box for one weekday of a week."""

    def __init__(self, day: str) -> None:
        super().__init__(load_default=False, metadata={"label": WEEKDAY_NAMES[day]})


class RepeatForm(Schema):
    """How often something takes place; loads to the rule that was chosen."""

    class Meta:
        unknown = EXCLUDE

    every = fields.String(
        required=True,
        validate=validate.OneOf(EVERY, error="Choose how often it takes place."),
        error_messages={"required": "Choose how often it takes place."},
        metadata={"label": "How often?", "input": "radios", "options": list(EVERY.items())},
    )
    on_mo, on_tu, on_we, on_th, on_fr, on_sa, on_su = (WeekdayField(day) for day in WEEKDAYS)
    day_number = fields.Integer(
        load_default=None,
        validate=validate.OneOf([int(day) for day, _ in DAY_NUMBERS], error="Choose a day."),
        metadata={
            "label": "Day of the month",
            "input": "select",
            "options": DAY_NUMBERS,
            "conditional": True,
        },
    )
    number = fields.Integer(
        load_default=None,
        validate=validate.OneOf([int(number) for number, _ in COUNTED], error="Choose which one."),
        metadata={
            "label": "Which one",
            "input": "select",
            "options": COUNTED,
            "conditional": True,
        },
    )
    weekday = fields.String(
        load_default=None,
        validate=validate.OneOf(WEEKDAYS, error="Choose a weekday."),
        metadata={
            "label": "Weekday",
            "input": "select",
            "options": list(WEEKDAY_NAMES.items()),
            "conditional": True,
        },
    )
    rule = RuleField(
        load_default=None,
        metadata={
            "label": "Rule",
            "hint": "As in RFC 5545: FREQ=MONTHLY;BYDAY=2TU,4TU. Days only, no hours.",
            "conditional": True,
        },
    )
    ends = fields.String(
        load_default="never",
        validate=validate.OneOf(ENDS, error="Choose when it ends."),
        metadata={"label": "When does it end?", "input": "radios", "options": list(ENDS.items())},
    )
    until = fields.Date(
        load_default=None,
        validate=validate.Range(max=date(LAST_YEAR, 12, 31), error="Enter an earlier day."),
        error_messages={"invalid": "Enter a date, such as 2027-06-30."},
        metadata={"label": "Last day", "input": "date", "width": "medium", "conditional": True},
    )
    times = fields.Integer(
        load_default=None,
        validate=validate.Range(min=1, max=MOST_TIMES, error=f"Enter 2 to {MOST_TIMES:,}."),
        error_messages={"invalid": "Enter a whole number."},
        metadata={
            "label": "How many times",
            "hint": "Counted with its first day.",
            "conditional": True,
            "input": "number",
        },
    )

    @pre_load
    def drop_empty(self, data: Mapping[str, str], **_: Any) -> dict[str, str]:
        """A browser sends every field of the form, also what belongs to choices not made."""
        chosen = {data.get("every", ""), data.get("ends", "")}
        chosen |= {"week"} if "two_weeks" in chosen else set()
        left_out = {
            name for choice, names in ONLY_FOR.items() if choice not in chosen for name in names
        }
        return {
            name: value for name, value in data.items() if value.strip() and name not in left_out
        }

    @validates_schema
    def check_chosen(self, data: Mapping[str, Any], **_: Any) -> None:
        """Name what is missing for the choice that was made."""
        needed = {
            "month_day": ("day_number", "Choose a day of the month."),
            "month_weekday": ("weekday", "Choose a weekday."),
            "typed": ("rule", "Type a rule, such as FREQ=MONTHLY;BYDAY=2TU."),
            "until": ("until", "Enter the last day."),
            "times": ("times", "Enter how many times."),
        }
        for choice in (data["every"], data["ends"]):
            name, sentence = needed.get(choice, ("", ""))
            if name and data[name] is None:
                raise ValidationError(sentence, name)
        if data["every"] in ("week", "two_weeks") and not chosen_weekdays(data):
            raise ValidationError("Tick one day at least.", "on_mo")

    @post_load
    def make_rule(self, data: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        """Return the rule; what a typed one says of its end counts before the choice below it."""
        chosen = rule_of(data)
        if data["ends"] != "never" and not (chosen.count or chosen.until):
            end = {"count": data["times"]} if data["ends"] == "times" else {"until": data["until"]}
            chosen = replace(chosen, **end)
        return {**data, "rule": chosen}


class BeginForm(RepeatForm):
    """How often a series takes place from some day on."""

    begins = fields.Date(
        required=True,
        error_messages={
            "required": "Enter the day from which on this is so.",
            "invalid": "Enter a date, such as 2027-06-30.",
        },
        metadata={
            "label": "From which day on?",
            "hint": "Events before it stay as they are.",
            "input": "date",
            "width": "medium",
        },
    )


def chosen_weekdays(data: Mapping[str, Any]) -> tuple[tuple[int, str], ...]:
    """Return the weekdays that were ticked."""
    return tuple((0, day) for day in WEEKDAYS if data[f"on_{day.lower()}"])


def rule_of(data: Mapping[str, Any]) -> Rule:
    """Return the rule that was chosen, without its end."""
    if data["every"] == "typed":
        typed: Rule = data["rule"]
        return typed
    if data["every"] == "month_day":
        return Rule(frequency="MONTHLY", month_days=(data["day_number"],))
    if data["every"] == "month_weekday":
        return Rule(frequency="MONTHLY", weekdays=((data["number"] or 1, data["weekday"]),))
    interval = 2 if data["every"] == "two_weeks" else 1
    return Rule(frequency="WEEKLY", interval=interval, weekdays=chosen_weekdays(data))


def suggested(day: date) -> dict[str, str]:
    """Return what the form shows at first for something on this day."""
    number = (day.day - 1) // 7 + 1
    weekday = WEEKDAYS[day.weekday()]
    return {
        "every": "week",
        f"on_{weekday.lower()}": "yes",
        "day_number": str(day.day),
        "number": str(number),
        "weekday": weekday,
        "ends": "never",
    }


def shown_for(rule: Rule, day: date) -> dict[str, str]:
    """Return what the form shows for a rule; one that its choices cannot say, as it is written."""
    bare = replace(rule, until=None, count=None)
    weekdays, month_days = bare.weekdays[:1], bare.month_days[:1]
    every = {
        Rule(frequency="WEEKLY", weekdays=bare.weekdays): "week",
        Rule(frequency="WEEKLY", weekdays=bare.weekdays, interval=2): "two_weeks",
        Rule(frequency="MONTHLY", weekdays=weekdays): "month_weekday",
        Rule(frequency="MONTHLY", month_days=month_days): "month_day",
    }.get(bare, "typed")
    shown = suggested(day) | {
        "every": every,
        "rule": str(bare),
        "ends": "until" if rule.until else "times" if rule.count else "never",
        "until": str(rule.until or ""),
        "times": str(rule.count or ""),
    }
    if every in ("week", "two_weeks"):
        shown = {name: value for name, value in shown.items() if not name.startswith("on_")}
        return shown | {f"on_{name.lower()}": "yes" for _, name in bare.weekdays}
    if every == "month_day" and str(month_days[0]) in dict(DAY_NUMBERS):
        return shown | {"day_number": str(month_days[0])}
    if every == "month_weekday" and str(weekdays[0][0]) in dict(COUNTED):
        return shown | {"number": str(weekdays[0][0]), "weekday": weekdays[0][1]}
    return shown | {"every": "typed"}
