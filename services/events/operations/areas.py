"""Where groups are at home: names of constituencies and authorities, and radiuses."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..geography.locating import locate
from ..models import Group, GroupArea, PlaceName
from ..rules import groups as rules

KINDS = {"constituencies": "constituency", "authorities": "authority"}
"""The kind of area that each field lists."""


def settle_areas(session: Session, group: Group, details: Mapping[str, Any]) -> bool:
    """Give the group the areas that the details name; tell whether any changed.

    Raises ValidationError with a "did you mean" for names that are not in the loaded list; until
    one is loaded each name is taken as it was typed.
    """
    named = {field: details[field] for field in KINDS if field in details}
    found = {
        KINDS[field]: resolve(session, field, KINDS[field], names) for field, names in named.items()
    }
    kept = {(area.kind, area.name): area for area in group.areas}
    wanted = {
        (kind, name): code for kind, names in found.items() for name, code in names.items()
    } | {key: area.code for key, area in kept.items() if key[0] not in found}
    if wanted == {key: area.code for key, area in kept.items()}:
        return False
    group.areas = [
        kept.get(key) or GroupArea(kind=key[0], name=key[1], code=code)
        for key, code in wanted.items()
    ]
    for area in group.areas:
        area.code = wanted[area.kind, area.name]
    return True


def resolve(session: Session, field: str, kind: str, names: Collection[str]) -> dict[str, str]:
    """Return the GSS codes of typed names, by the names as they are written officially."""
    rows = session.execute(select(PlaceName.name, PlaceName.code).where(PlaceName.kind == kind))
    codes = {row.name: row.code for row in rows} if names else {}
    if not codes:
        return dict.fromkeys(names, "")
    known = {rules.plain(name): name for name in codes}
    found = {typed: rules.match_name(typed, known) for typed in names}
    unknown = [typed for typed, name in found.items() if not name]
    if unknown:
        raise ValidationError(
            {
                field: [
                    rules.did_you_mean(typed, rules.similar_names(typed, known))
                    for typed in unknown
                ]
            }
        )
    return {name: codes[name] for name in found.values()}


def coordinates_of(session: Session, postcode: str) -> dict[str, float | None]:
    """Return where the middle of a radius lies, as columns; empty ones where nobody knows."""
    located = locate(session, postcode) if postcode else None
    return {
        "latitude": located.latitude if located else None,
        "longitude": located.longitude if located else None,
    }
