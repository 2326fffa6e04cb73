"""How often a series takes place: an RRULE (RFC 5545, section 3.3.10), of which only days count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import takewhile

from dateutil.rrule import rrulestr

from shared.refusals import Refusal

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
MOST_TIMES = 1000
LONGEST_INTERVAL = 400
LAST_YEAR = 2100

NEAR_THE_END = timedelta(days=146_097 * 19)
"""Nineteen times 400 years, after which the calendar is the same again, weekdays too.

A search for a day that never comes ends with the year 9999. Days are sought that much later and
brought back, so that the search ends after 400 years rather than 8,000.
"""


class RuleIsNotUnderstood(Refusal):
    """This rule is not understood: write it as in FREQ=MONTHLY;BYDAY=2TU."""


class RuleIsNotForDays(Refusal):
    """A series takes place once a day at most: choose DAILY, WEEKLY, MONTHLY or YEARLY."""


class RuleEndsTwice(Refusal):
    """Give COUNT or UNTIL, not both."""


class RuleCountsWeekdaysWrongly(Refusal):
    """Only MONTHLY can count weekdays, from 1 to 5 or back from -1, as in BYDAY=2TU."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """The parts of an RRULE that choose days; `weekdays` are (0, "TU"), or (2, "TU") a second."""

    frequency: str
    interval: int = 1
    weekdays: tuple[tuple[int, str], ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    count: int | None = None
    until: date | None = None
    week_start: str = "MO"

    def __str__(self) -> str:
        """Return it as RFC 5545 writes it, its parts always in the same order."""
        parts = {
            "FREQ": self.frequency,
            "INTERVAL": str(self.interval) if self.interval > 1 else "",
            "BYMONTH": ",".join(map(str, self.months)),
            "BYMONTHDAY": ",".join(map(str, self.month_days)),
            "BYDAY": ",".join(f"{number or ''}{day}" for number, day in self.weekdays),
            "BYSETPOS": ",".join(map(str, self.positions)),
            "WKST": self.week_start if self.week_start != "MO" else "",
            "COUNT": str(self.count) if self.count else "",
            "UNTIL": f"{self.until:%Y%m%d}" if self.until else "",
        }
        return ";".join(f"{name}={value}" for name, value in parts.items() if value)


def read_rule(text: str) -> Rule:
    """Return the rule that was typed, with or without `RRULE:` before it.

    Raises a refusal that says what is not understood.
    """
    parts = split_parts(text)
    refuse_other_times(parts)
    frequency = parts.pop("FREQ", "")
    if frequency not in FREQUENCIES:
        raise RuleIsNotForDays if frequency else RuleIsNotUnderstood
    rule = Rule(
        frequency=frequency,
        interval=numbers(parts.pop("INTERVAL", "1"), "INTERVAL", 1, LONGEST_INTERVAL)[0],
        weekdays=weekdays(parts.pop("BYDAY", "")),
        month_days=numbers(parts.pop("BYMONTHDAY", ""), "BYMONTHDAY", 1, 31, back=True),
        months=numbers(parts.pop("BYMONTH", ""), "BYMONTH", 1, 12),
        positions=numbers(parts.pop("BYSETPOS", ""), "BYSETPOS", 1, 366, back=True),
        count=next(iter(numbers(parts.pop("COUNT", ""), "COUNT", 1, MOST_TIMES)), None),
        until=last_day(parts.pop("UNTIL", "")),
        week_start=parts.pop("WKST", "MO"),
    )
    if parts:
        raise RuleIsNotUnderstood(f"{next(iter(parts))} is not understood here.")
    check_rule(rule)
    return rule


def split_parts(text: str) -> dict[str, str]:
    """Return the parts of a rule by their names."""
    typed = re.sub(r"\s", "", text.upper()).removeprefix("RRULE:").strip(";")
    pairs = [part.partition("=") for part in typed.split(";")]
    parts = {name: value for name, equals, value in pairs if equals and value}
    if len(parts) < len(pairs):
        raise RuleIsNotUnderstood
    return parts


def refuse_other_times(parts: dict[str, str]) -> None:
    """Refuse the parts that would make a series take place more than once a day."""
    if parts.keys() & {"BYHOUR", "BYMINUTE", "BYSECOND"}:
        raise RuleIsNotForDays("The hours are those of the shifts: leave BYHOUR and the like out.")


def numbers(text: str, name: str, least: int, most: int, *, back: bool = False) -> tuple[int, ...]:
    """Return the numbers of a part, in order and each once; with `back` they may be negative."""
    if not text:
        return ()
    found = text.split(",")
    if all(re.fullmatch(r"[+-]?[0-9]{1,4}", number) for number in found):
        read = {int(number) for number in found}
        if all(least <= (abs(number) if back else number) <= most for number in read):
            return tuple(sorted(read, key=lambda number: (number < 0, number)))
    raise RuleIsNotUnderstood(f"{name} takes numbers from {least} to {most}.")


def weekdays(text: str) -> tuple[tuple[int, str], ...]:
    """Return weekdays with the number before each, in the order of the week and each once."""
    found = [re.fullmatch(r"([+-]?[0-9]{1,2})?([A-Z]{2})", day) for day in text.split(",") if text]
    read = {(int(day[1] or 0), day[2]) for day in found if day and day[2] in WEEKDAYS}
    if not all(found) or len(read) < len(found):
        raise RuleIsNotUnderstood("BYDAY takes MO, TU, WE, TH, FR, SA and SU, each once.")
    return tuple(sorted(read, key=lambda day: (day[0] < 0, day[0], WEEKDAYS.index(day[1]))))


def last_day(text: str) -> date | None:
    """Return the day of UNTIL; a time with it would be one of another clock than the shifts'."""
    if not text:
        return None
    if re.fullmatch(r"[0-9]{8}", text):
        try:
            day = date(int(text[:4]), int(text[4:6]), int(text[6:]))
        except ValueError:
            day = date.max
        if day.year <= LAST_YEAR:
            return day
    raise RuleIsNotUnderstood("Give the last day without a time, as in UNTIL=20271231.")


def check_rule(rule: Rule) -> None:
    """Refuse what RFC 5545 does not allow together."""
    if rule.count and rule.until:
        raise RuleEndsTwice
    if any(number and not 1 <= abs(number) <= 5 for number, _ in rule.weekdays) or (
        rule.frequency != "MONTHLY" and any(number for number, _ in rule.weekdays)
    ):
        raise RuleCountsWeekdaysWrongly
    if rule.month_days and rule.frequency == "WEEKLY":
        raise RuleIsNotUnderstood("A week has no BYMONTHDAY.")
    check_positions(rule)
    if rule.week_start not in WEEKDAYS:
        raise RuleIsNotUnderstood("WKST takes a weekday, as in WKST=SU.")


def check_positions(rule: Rule) -> None:
    """Refuse positions among nothing; and those in a week, whose first one may be cut short."""
    if rule.positions and rule.frequency in ("DAILY", "WEEKLY"):
        raise RuleIsNotUnderstood("BYSETPOS counts in a month or a year, not in a week.")
    if rule.positions and not (rule.weekdays or rule.month_days or rule.months):
        raise RuleIsNotUnderstood("BYSETPOS needs BYDAY, BYMONTHDAY or BYMONTH.")


def fill_in(rule: Rule, first: date) -> Rule:
    """Return the rule with what it leaves to its first day: WEEKLY alone means on that weekday."""
    if rule.weekdays or rule.month_days or rule.frequency == "DAILY":
        return rule
    if rule.frequency == "WEEKLY":
        return replace(rule, weekdays=((0, WEEKDAYS[first.weekday()]),))
    months = rule.months or ((first.month,) if rule.frequency == "YEARLY" else ())
    return replace(rule, month_days=(first.day,), months=months)


def days_of(rule: Rule, first: date) -> Iterator[date]:
    """Return the days that the rule names from `first` on, in order and each once."""
    begin = datetime.combine(first, datetime.min.time()) + NEAR_THE_END
    until = rule.until and rule.until + NEAR_THE_END
    found = rrulestr(str(replace(rule, until=until)), dtstart=begin)
    return takewhile(
        lambda day: day.year <= LAST_YEAR, ((moment - NEAR_THE_END).date() for moment in found)
    )


def first_day_from(rule: Rule, day: date) -> date | None:
    """Return the first day of a series that begins on `day` or after it, if there is one.

    Asked of every week or month: that a series skips some begins to count with its first day.
    """
    return next(days_of(replace(rule, interval=1, count=None), day), None)
