"""When those who have a place are reminded: what organisers choose from, and in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any

EARLIEST, LATEST = time(8, 0), time(20, 30)
"""Between them a reminder may go out, as clocks at the shift show; nobody is woken by one."""

MOST_REMINDERS = 3
MOST_DAYS = 14
MINUTES = (15, 3 * 24 * 60)
"""The shortest and the longest time before a shift."""


def on_day(days_before: int, at: str) -> dict[str, Any]:
    """Return the rule: so many days before, when clocks at the shift show `at`, as in 18:00."""
    return {"days_before": days_before, "at": at, "minutes_before": None}


def ahead(minutes: int) -> dict[str, Any]:
    """Return the rule: so many minutes before the shift begins."""
    return {"days_before": None, "at": None, "minutes_before": minutes}


USUAL = (on_day(1, "18:00"), on_day(0, "08:00"))
"""What an event begins with."""

CHOICES = {
    "": "No reminder",
    "7": "A week before",
    "3": "Three days before",
    "2": "Two days before",
    "1": "The day before",
    "0": "On the day",
    "180m": "Three hours before",
    "120m": "Two hours before",
    "60m": "An hour before",
    "30m": "Half an hour before",
}
"""What can be chosen in the console: days before, or minutes when it ends with an m."""


def usual() -> list[dict[str, Any]]:
    """Return the rules that an event begins with, as a list of its own."""
    return [dict(rule) for rule in USUAL]


def choice_of(rule: Mapping[str, Any]) -> str:
    """Return a rule as the console's choice; another program's rules may not be among CHOICES."""
    minutes = rule["minutes_before"]
    return str(rule["days_before"]) if minutes is None else f"{minutes}m"


def say_rule(rule: Mapping[str, Any]) -> str:
    """Return a rule in words, as in "the day before at 18:00"."""
    words = say_choice(choice_of(rule))
    return f"{words} at {rule['at']}" if rule["at"] else words


def say_choice(choice: str) -> str:
    """Return a choice in words, without a capital."""
    if choice in CHOICES:
        return CHOICES[choice][0].lower() + CHOICES[choice][1:]
    number, unit = (choice[:-1], "minutes") if choice.endswith("m") else (choice, "days")
    return f"{number} {unit} before"


def say_rules(rules: Sequence[Mapping[str, Any]]) -> str:
    """Return all rules of an event in words; "none" when nobody is reminded."""
    return "; ".join(say_rule(rule) for rule in rules) or "none"
