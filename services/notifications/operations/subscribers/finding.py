"""Finding a subscriber by the link in their mail."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from shared.refusals import NotThere

from ...models import Subscriber
from ...rules.tastes import Taste


def find(session: Session, token: str) -> Subscriber:
    """Return whose link it is. Raises NotThere."""
    return _one(session, select(Subscriber).where(Subscriber.token == token))


def find_to_change(session: Session, token: str) -> Subscriber:
    """Return whose link it is, locked until the commit and as it is now. Raises NotThere."""
    query = select(Subscriber).where(Subscriber.token == token).with_for_update()
    return _one(session, query.execution_options(populate_existing=True))


def _one(session: Session, query: Select[Subscriber]) -> Subscriber:
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotThere
    return found


def links_of(token: str) -> dict[str, str]:
    """Return where a subscriber's mails lead, as paths by what is there: `Letter.links`."""
    return {
        "preferences": f"/mail/preferences/{token}",
        "unsubscribe": f"/mail/unsubscribe/{token}",
    }


def taste_of(subscriber: Subscriber) -> Taste:
    """Return what a subscriber wants to hear of."""
    return Taste(
        latitude=subscriber.latitude,
        longitude=subscriber.longitude,
        is_rough=subscriber.is_rough,
        miles=subscriber.miles,
        kinds=tuple(subscriber.kinds),
        online=subscriber.online,
        group_id=subscriber.group_id,
        postcode=subscriber.postcode,
    )
