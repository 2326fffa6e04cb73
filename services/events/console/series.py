"""Events that repeat, as organisers see them: the rule, the events made by it, and its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from shared import access
from shared.access.who import reaches
from shared.web import FormNotAccepted, read_form

from .. import operations
from ..models import Event, Series
from ..operations import series as running
from ..operations.series_events import coming_unchanged
from ..rules import series as rules
from ..schemas.series import ChangeForm, EndForm, StartForm
from ..schemas.series_rule import BeginForm, RepeatForm, suggested
from .rule_page import ask, looked_at, looked_at_instead, typed_again, typed_now

SERIES = Blueprint("console_series", __name__)


@SERIES.get("/organise/events/<int:event_id>/repeat")
@access.needs("organiser", group=operations.host_of_event)
def show_repeat(event_id: int) -> ResponseReturnValue:
    """How an event may repeat, and on which days it would; asking again changes nothing."""
    event = operations.find_event(g.session, event_id)
    if event.series_id is not None:
        return redirect(url_for(".show_series", series_id=event.series_id))
    first = running.check_repeatable(event, now=g.now)
    typed = request.args if "every" in request.args else suggested(first)
    asked = ask(lambda: looked_at(RepeatForm().load(typed)["rule"], first))
    page = render_template(
        "events/console/repeat.html",
        **{"event": event, "group": event.group, "tab": "events", "first": first},
        **{"form": RepeatForm(), "typed": typed, "errors": asked.errors, "asked": asked.found},
    )
    return page, 400 if asked.errors else 200


@SERIES.post("/organise/events/<int:event_id>/repeat")
@access.needs("organiser", group=operations.host_of_event)
def start_series(event_id: int) -> Response:
    """Let the event repeat by the rule whose days were shown."""
    rule = StartForm().load(request.form)["rule"]
    series = running.start_series(g.session, event_id, rule, now=g.now)
    return back(series.id)


@SERIES.get("/organise/series/<int:series_id>")
@access.needs("viewer", group=operations.groups_of_series)
def show_series(series_id: int) -> str:
    """A series: its rule, the events made by it, and the days to come."""
    series = running.find_series(g.session, series_id)
    events = running.list_series_events(g.session, series_id)
    coming = [event for event in reversed(events) if not is_past(event)]
    days, more = running.days_to_come(g.session, series, now=g.now)
    return page_of(
        "series.html",
        series,
        coming=coming,
        past=[event for event in events if is_past(event)],
        drafts=sum(event.status == "draft" and not event.series_changed for event in coming),
        days=days,
        more=more,
    )


@SERIES.post("/organise/series/<int:series_id>/publish")
@access.needs("organiser", group=operations.groups_of_series)
def publish_series(series_id: int) -> Response:
    """Publish its coming drafts together."""
    running.publish_series(g.session, series_id, now=g.now)
    return back(series_id)


@SERIES.get("/organise/series/<int:series_id>/rule")
@access.needs("organiser", group=operations.groups_of_series)
def show_rule(series_id: int) -> ResponseReturnValue:
    """Another rule for a series, and what it would do to events that are planned."""
    series = running.living_series(g.session, series_id, lock=False)
    asked = "every" in request.args
    page, errors = rule_page(series, request.args if asked else typed_now(series), {})
    return page, 400 if errors and asked else 200


@SERIES.post("/organise/series/<int:series_id>/rule")
@access.needs("organiser", group=operations.groups_of_series)
def change_rule(series_id: int) -> Response:
    """Let the series repeat by the rule whose effects were shown."""
    series = running.living_series(g.session, series_id)

    def again(errors: dict[str, list[str]]) -> str:
        return rule_page(series, typed_again(series), errors)[0]

    form = read_form(ChangeForm(), again)
    new = running.plan_new_rule(
        g.session, series_id, form["rule"], begins=form["begins"], now=g.now
    )
    if new.misfits and not form["misfits"]:
        raise FormNotAccepted({"misfits": ["Choose what becomes of them."]}, again)
    reason = form["reason"] if form["misfits"] == "cancel" else None
    running.change_rule(g.session, series_id, new, reason=reason, now=g.now)
    return back(series_id)


@SERIES.get("/organise/series/<int:series_id>/end")
@access.needs("organiser", group=operations.groups_of_series)
def show_end(series_id: int) -> str:
    """Ask how a series should end."""
    return end_page(running.living_series(g.session, series_id, lock=False), {})


@SERIES.post("/organise/series/<int:series_id>/end")
@access.needs("organiser", group=operations.groups_of_series)
def end_series(series_id: int) -> Response:
    """Make no more of its events, and cancel those that are planned if that was asked for."""
    series = running.living_series(g.session, series_id)
    form = read_form(EndForm(), lambda errors: end_page(series, errors))
    reason = form["reason"] if form["events"] == "cancel" else None
    running.end_series(g.session, series_id, reason=reason, now=g.now)
    return back(series_id)


@SERIES.post("/organise/series/<int:series_id>/resume")
@access.needs("organiser", group=operations.groups_of_series)
def resume_series(series_id: int) -> Response:
    """Take back the end of a series."""
    running.resume_series(g.session, series_id, now=g.now)
    return back(series_id)


def back(series_id: int) -> Response:
    """Return to the series."""
    return redirect(url_for(".show_series", series_id=series_id), code=303)


def rule_page(
    series: Series, typed: Mapping[str, str], errors: dict[str, list[str]]
) -> tuple[str, dict[str, list[str]]]:
    """Return the page for another rule, and what is wrong with the one that was typed."""
    asked = ask(lambda: looked_at_instead(series, typed))
    errors = errors or (asked.errors if "every" in request.args else {})
    page = page_of(
        "series_rule.html",
        series,
        **{"form": BeginForm(), "choice": ChangeForm(), "typed": typed, "errors": errors},
        asked=asked.found if "every" in request.args or request.method == "POST" else None,
    )
    return page, errors


def end_page(series: Series, errors: dict[str, list[str]]) -> str:
    """Return the page that asks how a series should end."""
    coming = coming_unchanged(g.session, series.id, now=g.now, lock=False)
    return page_of(
        "series_end.html",
        series,
        form=EndForm(),
        typed=request.form,
        errors=errors,
        coming=coming,
        taken=running.count_taken(g.session, [event.id for event in coming]),
    )


def page_of(template: str, series: Series, **more: Any) -> str:
    """Return a page of a series."""
    return render_template(
        f"events/console/{template}",
        series=series,
        group=operations.find_group(g.session, series.group_id),
        tab="events",
        title=running.name_series(g.session, series.id),
        rule=rules.read_rule(series.rule),
        may_change=reaches(g.who.role_in(series.group_id), "organiser"),
        **more,
    )


def is_past(event: Event) -> bool:
    """Tell whether an event is over."""
    return bool(event.shifts) and max(shift.ends_at for shift in event.shifts) <= g.now


SERIES.add_app_template_filter(rules.describe_rule, "rule_in_words")
SERIES.add_app_template_filter(rules.long_day, "long_day")
