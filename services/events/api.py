"""What programs see: groups, events and shifts as JSON, for those who hold the token."""

# The decorators come from flask-smorest, which ships no types.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import Any

from flask import g
from marshmallow import Schema, fields, post_dump

from shared import access
from shared.api import ApiBlueprint

from . import operations, schemas
from .models import Event, Group, Shift
from .operations.details import EventDetails, GroupDetails, ShiftDetails

GROUPS = ApiBlueprint("api_groups", __name__, url_prefix="/api/groups", description="Groups")
EVENTS = ApiBlueprint("api_events", __name__, url_prefix="/api/events", description="Events")


class EventSeen(schemas.EventShown):
    """An event as whoever asks may see it: only for its host stands there how to reach a lead."""

    @post_dump(pass_original=True)
    def keep_leads(self, shown: dict[str, Any], event: Event, **_: Any) -> dict[str, Any]:
        """Leave the addresses out for those who only hold the event too."""
        if not g.who.role_in(event.group_id):
            for shift in shown["shifts"]:
                shift["lead_email"] = ""
        return shown


class EventsSeen(Schema):
    """A part of the list of events."""

    events = fields.List(fields.Nested(EventSeen))


@GROUPS.get("")
@access.needs_token("read")
@GROUPS.arguments(schemas.ListQuery, location="query")
@GROUPS.response(200, schemas.GroupList)
def list_groups(query: dict[str, Any]) -> dict[str, Any]:
    """Groups, in the order of their ids."""
    return {"groups": operations.list_groups(g.session, among=seen(), **query)}


@GROUPS.post("")
@access.needs_token("write", group=access.the_network)
@GROUPS.arguments(schemas.NewGroup)
@GROUPS.response(201, schemas.GroupShown)
def create_group(details: GroupDetails) -> Group:
    """Found a group."""
    return operations.create_group(g.session, details, now=g.now)


@GROUPS.get("/<int:group_id>")
@access.needs_token("read", group=operations.groups_of_group)
@GROUPS.response(200, schemas.GroupShown)
def show_group(group_id: int) -> Group:
    """One group."""
    return operations.find_group(g.session, group_id)


@GROUPS.patch("/<int:group_id>")
@access.needs_token("write", group=operations.groups_of_group)
@GROUPS.arguments(schemas.GroupChanges)
@GROUPS.response(200, schemas.GroupShown)
def change_group(details: GroupDetails, group_id: int) -> Group:
    """Change the fields that are named."""
    return operations.change_group(g.session, group_id, details, now=g.now)


@EVENTS.get("")
@access.needs_token("read")
@EVENTS.arguments(schemas.EventListQuery, location="query")
@EVENTS.response(200, EventsSeen)
def list_events(query: dict[str, Any]) -> dict[str, Any]:
    """Events, drafts too, in the order of their ids."""
    return {"events": operations.list_events(g.session, among=seen(), **query)}


@EVENTS.post("")
@access.needs_token("write")
@EVENTS.arguments(schemas.EventSchema)
@EVENTS.response(201, schemas.EventShown)
def create_event(details: EventDetails) -> Event:
    """Draft an event with its shifts."""
    access.check("write", [details["group_id"]])
    return operations.create_event(g.session, details, now=g.now)


@EVENTS.get("/<int:event_id>")
@access.needs_token("read", group=operations.groups_of_event)
@EVENTS.response(200, EventSeen)
def show_event(event_id: int) -> Event:
    """One event, draft or not."""
    return operations.find_event(g.session, event_id)


@EVENTS.patch("/<int:event_id>")
@access.needs_token("write", group=operations.host_of_event)
@EVENTS.arguments(schemas.EventChanges)
@EVENTS.response(200, schemas.EventShown)
def change_event(details: EventDetails, event_id: int) -> Event:
    """Change the fields that are named; shifts have addresses of their own."""
    return operations.change_event(g.session, event_id, details, now=g.now)


@EVENTS.post("/<int:event_id>/publish")
@access.needs_token("write", group=operations.host_of_event)
@EVENTS.response(200, schemas.EventShown)
def publish_event(event_id: int) -> Event:
    """Bring a draft before the public."""
    return operations.publish_event(g.session, event_id, now=g.now)


@EVENTS.post("/<int:event_id>/cancel")
@access.needs_token("write", group=operations.host_of_event)
@EVENTS.arguments(schemas.CancelSchema)
@EVENTS.response(200, schemas.EventShown)
def cancel_event(cancel: dict[str, str], event_id: int) -> Event:
    """Call the event off, with a reason for those who wanted to come."""
    return operations.cancel_event(g.session, event_id, reason=cancel["reason"], now=g.now)


@EVENTS.post("/<int:event_id>/shifts")
@access.needs_token("write", group=operations.host_of_event)
@EVENTS.arguments(schemas.ShiftSchema)
@EVENTS.response(201, schemas.ShiftShown)
def add_shift(details: ShiftDetails, event_id: int) -> Shift:
    """Give the event one more shift."""
    return operations.add_shift(g.session, event_id, details, now=g.now)


@EVENTS.patch("/<int:event_id>/shifts/<int:shift_id>")
@access.needs_token("write", group=operations.host_of_event)
@EVENTS.arguments(schemas.ShiftChanges)
@EVENTS.response(200, schemas.ShiftShown)
def change_shift(details: ShiftDetails, event_id: int, shift_id: int) -> Shift:
    """Change the fields that are named; times alone are read in the shift's zone."""
    return operations.change_shift(g.session, event_id, shift_id, details, now=g.now)


@EVENTS.post("/<int:event_id>/shifts/<int:shift_id>/cancel")
@access.needs_token("write", group=operations.host_of_event)
@EVENTS.response(200, schemas.ShiftShown)
def cancel_shift(event_id: int, shift_id: int) -> Shift:
    """Call one shift off; the others go on."""
    return operations.cancel_shift(g.session, event_id, shift_id, now=g.now)


def seen() -> set[int] | None:
    """Return the groups that the token may see; None means all."""
    return None if g.who.is_administrator else g.who.groups()
