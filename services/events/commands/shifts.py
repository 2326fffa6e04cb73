"""muster event add-shift, change-shift and cancel-shift."""

from __future__ import annotations

from typing import Any

import click

from shared import times
from shared.commands import JSON, print_one

from .. import operations, rules
from ..models import Shift
from ..schemas import ShiftChanges, ShiftSchema, ShiftShown
from .typed import options, read, writing

UNLIMITED = "unlimited"


class Capacity(click.ParamType[int | str]):
    """A number of places, or the word for no limit."""

    name = "number|unlimited"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | str:
        """Return the number or the word."""
        if value == UNLIMITED or isinstance(value, int):
            return value  # type: ignore[no-any-return]
        try:
            return int(value)
        except ValueError:
            self.fail(f"{value!r} is neither a number nor {UNLIMITED!r}.", param, ctx)


DETAILS = options(
    click.option("--place", help="The meeting point."),
    click.option("--address", help="Its street."),
    click.option("--postcode", help="Its postcode."),
    click.option("--constituency", help="The constituency it lies in."),
    click.option("--starts-at", help="Local time, as in 2026-12-05T10:00."),
    click.option("--ends-at", help="Local time, as in 2026-12-05T12:00."),
    click.option("--closes-at", help="When sign-up closes, local time; by default at the start."),
    click.option("--zone", help="The IANA name of the time zone; by default Europe/London."),
    click.option(
        "--work", type=click.Choice([word for word in rules.WORK if word]), help="What is done."
    ),
    click.option("--needs", help="The training that somebody needs for it, by its name."),
    click.option("--lead-name", help="Who leads it; told to no other service."),
    click.option("--lead-email", help="Their address; erased 90 days after the shift."),
    click.option("--capacity", type=Capacity(), help="How many can come; by default unlimited."),
)


@click.command("add-shift")
@click.argument("event_id", type=int)
@DETAILS
@JSON
def add_shift(event_id: int, *, as_json: bool, **typed: Any) -> None:
    """Give an event one more shift."""
    details = read_shift(ShiftSchema(), typed)
    with writing() as (session, now):
        say(operations.add_shift(session, event_id, details, now=now), as_json=as_json)


@click.command("change-shift")
@click.argument("event_id", type=int)
@click.argument("shift_id", type=int)
@DETAILS
@JSON
def change_shift(event_id: int, shift_id: int, *, as_json: bool, **typed: Any) -> None:
    """Change what is named of a shift."""
    details = read_shift(ShiftChanges(), typed)
    with writing() as (session, now):
        changed = operations.change_shift(session, event_id, shift_id, details, now=now)
        say(changed, as_json=as_json)


@click.command("cancel-shift")
@click.argument("event_id", type=int)
@click.argument("shift_id", type=int)
@JSON
def cancel_shift(event_id: int, shift_id: int, *, as_json: bool) -> None:
    """Call one shift off; the others go on."""
    with writing() as (session, now):
        say(operations.cancel_shift(session, event_id, shift_id, now=now), as_json=as_json)


def read_shift(schema: ShiftSchema, typed: dict[str, Any]) -> Any:
    """Read the options of a shift; the word for no limit becomes the schema's own."""
    unlimited = typed.get("capacity") == UNLIMITED
    details = read(schema, {**typed, "capacity": None} if unlimited else typed)
    return {**details, "capacity": None} if unlimited else details


def say(shift: Shift, *, as_json: bool) -> None:
    """Print a shift as JSON or in a line."""
    when = times.span(shift.starts_at, shift.ends_at, shift.zone)
    called_off = ", cancelled" if shift.cancelled else ""
    words = f"Shift {shift.id}{called_off}: {shift.place}, {when}"
    print_one(ShiftShown().dump(shift), as_json=as_json, words=words)
