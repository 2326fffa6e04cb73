"""Looking at a rule before it is saved: on which days, and what becomes of events made already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from flask import g, request
from marshmallow import ValidationError

from shared.refusals import Refusal

from ..models import Event, Series
from ..operations import series as running
from ..rules import series as rules
from ..schemas.series_rule import BeginForm, shown_for


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What a rule would do, looked at before it is saved."""

    rule: rules.Rule
    days: tuple[list[date], bool]
    begins: date | None = None
    misfits: tuple[Event, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a rule would do, or what is wrong with it."""

    found: Looked | None = None
    errors: dict[str, list[str]] = field(default_factory=dict)


def looked_at(rule: rules.Rule, first: date) -> Looked:
    """Return what a rule would do that begins with an event."""
    full = rules.fill_in(rule, first)
    rules.check_days(full, first)
    return Looked(rule=full, days=running.preview(full, first, first))


def looked_at_instead(series: Series, typed: Mapping[str, str]) -> Looked:
    """Return what the rule that was typed would do instead of the series' own."""
    form = BeginForm().load(typed)
    new = running.plan_new_rule(
        g.session, series.id, form["rule"], begins=form["begins"], now=g.now
    )
    days = running.preview(new.rule, new.first, new.first)
    return Looked(rule=new.rule, days=days, begins=form["begins"], misfits=new.misfits)


def ask(look: Callable[[], Looked]) -> Asked:
    """Return what was found, or what is wrong with what was typed."""
    try:
        return Asked(found=look())
    except ValidationError as error:
        named = error.messages_dict
        return Asked(errors={name: [str(words) for words in named[name]] for name in named})
    except Refusal as refusal:
        return Asked(errors={"every": [refusal.sentence]})


def typed_now(series: Series) -> dict[str, str]:
    """Return what the form shows at first: the rule as it is, from tomorrow on."""
    begins = running.today_of(g.session, series, now=g.now) + timedelta(days=1)
    rule = rules.read_rule(series.rule)
    return shown_for(rule, series.first_day) | {"begins": str(begins)}


def typed_again(series: Series) -> dict[str, str]:
    """Return what the form showed when its effects were looked at."""
    rule = rules.read_rule(request.form.get("rule", ""))
    return shown_for(rule, series.first_day) | {"begins": request.form.get("begins", "")}
