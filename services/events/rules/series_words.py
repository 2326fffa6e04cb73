"""A series' rule in words: "every second Tuesday of the month, until 30 June 2027"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from .series_rule import WEEKDAYS, Rule

WEEKDAY_NAMES = dict(
    zip(
        WEEKDAYS,
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        strict=True,
    )
)
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
ORDINALS = {
    **{1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"},
    **{-1: "last", -2: "second to last", -3: "third to last"},
}
COUNTED = ("", "", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def describe_rule(rule: Rule) -> str:
    """Return the rule in words; one that takes too many of them is named as it is written."""
    return (in_words(rule) or f"by the rule {rule}") + describe_end(rule)


def in_words(rule: Rule) -> str:
    """Return how often the rule names which days, or nothing for want of words."""
    if rule.frequency == "WEEKLY" and not (rule.months or rule.positions):
        return weekly(rule)
    if rule.frequency == "DAILY" and not (
        rule.months or rule.positions or rule.weekdays or rule.month_days
    ):
        return every("day", rule.interval)
    if rule.frequency == "MONTHLY" and not rule.months:
        return monthly(rule)
    if rule.frequency == "YEARLY" and not (rule.weekdays or rule.positions):
        return yearly(rule)
    return ""


def weekly(rule: Rule) -> str:
    """Return as in "every Tuesday", "every two weeks on Tuesday and Thursday"."""
    days = listed(WEEKDAY_NAMES[day] for _, day in rule.weekdays)
    return f"every {days}" if rule.interval == 1 else f"{every('week', rule.interval)} on {days}"


def monthly(rule: Rule) -> str:
    """Return as in "every second Tuesday of the month", "on the 8th of every month"."""
    month = every("month", rule.interval)
    if rule.month_days and not (rule.weekdays or rule.positions):
        days = listed(day_of_month(day) for day in rule.month_days)
        return f"on {days} of {month}" if rule.interval == 1 else f"{month} on {days}"
    places = places_of(rule)
    if rule.month_days or not places:
        return ""
    if rule.interval == 1:
        return f"every {places} of the month"
    return f"{month} on the {places} of the month"


def places_of(rule: Rule) -> str:
    """Return the counted weekdays of a month, as in "second and fourth Tuesday"."""
    if len(rule.weekdays) == 1 and rule.positions and not rule.weekdays[0][0]:
        counted = [(number, rule.weekdays[0][1]) for number in rule.positions]
    else:
        counted = [] if rule.positions else list(rule.weekdays)
    if not all(number in ORDINALS for number, _ in counted):
        return ""
    if len({day for _, day in counted}) == 1:
        numbers = listed(ORDINALS[number] for number, _ in counted)
        return f"{numbers} {WEEKDAY_NAMES[counted[0][1]]}"
    return listed(f"{ORDINALS[number]} {WEEKDAY_NAMES[day]}" for number, day in counted)


def yearly(rule: Rule) -> str:
    """Return as in "every year on 8 December"."""
    if not all(day > 0 for day in rule.month_days) or not rule.months:
        return ""
    days = listed(f"{day} {MONTHS[month - 1]}" for month in rule.months for day in rule.month_days)
    return f"{every('year', rule.interval)} on {days}" if days else ""


def describe_end(rule: Rule) -> str:
    """Return when the rule ends, with a comma before it, or nothing."""
    if rule.until:
        return f", until {day_words(rule.until)} {rule.until.year}"
    if rule.count:
        return ", once" if rule.count == 1 else f", {number_words(rule.count)} times"
    return ""


def describe_days(days: Sequence[date], *, more: bool) -> str:
    """Return days as in "8 December, 12 January 2027, ..."; a year is named when it begins."""
    words = [
        day_words(day) + (f" {day.year}" if before and before.year != day.year else "")
        for before, day in zip((None, *days), days, strict=False)
    ]
    return ", ".join([*words, "…"] if more else words)


def day_words(day: date) -> str:
    """Return a day as in "8 December"."""
    return f"{day.day} {MONTHS[day.month - 1]}"


def long_day(day: date) -> str:
    """Return a day as in "Tuesday 8 December 2026"."""
    return f"{WEEKDAY_NAMES[WEEKDAYS[day.weekday()]]} {day_words(day)} {day.year}"


def day_of_month(day: int) -> str:
    """Return a day of the month as in "the 8th", or "the last day"."""
    if day == -1:
        return "the last day"
    if day < 0:
        return f"the {ordinal(-day)} day from the end"
    return f"the {ordinal(day)}"


def ordinal(number: int) -> str:
    """Return as in "1st", "12th", "23rd"."""
    last = 0 if 10 < number % 100 < 14 else number % 10
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(last, 'th') }"


def every(unit: str, interval: int) -> str:
    """Return as in "every week", "every two weeks"."""
    return f"every {unit}" if interval == 1 else f"every {number_words(interval)} {unit}s"


def number_words(number: int) -> str:
    """Return small numbers as words."""
    return COUNTED[number] if 2 <= number < len(COUNTED) else str(number)


def listed(words: Iterable[str]) -> str:
    """Return as in "Monday, Tuesday and Friday"."""
    *others, last = [*words] or [""]
    return f"{', '.join(others)} and {last}" if others else last
