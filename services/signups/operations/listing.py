"""What organisers list: who signed up for an event."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..models import Shift, Signup


def list_signups(session: Session, event_id: int) -> list[dict[str, Any]]:
    """Return an event's sign-ups, by shift and rank, as rows to show."""
    found = session.execute(
        select(Signup, Shift)
        .join(Shift, Shift.id == Signup.shift_id)
        .where(Shift.event_id == event_id, Signup.state != "pending")
        .order_by(Shift.starts_at, Shift.id, Signup.id)
    )
    return [
        {
            "id": signup.id,
            "shift": shift.id,
            "starts_at": shift.starts_at.isoformat(),
            "place": shift.place,
            "state": signup.state,
            "party": signup.party,
            "name": signup.name,
            "email": signup.email,
            "phone": signup.phone,
        }
        for signup, shift in found
    ]
