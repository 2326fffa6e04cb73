"""What each heard message leads to; every handler may run twice, late and out of order."""

from __future__ import annotations

from shared.access import copies as access_copies
from shared.handlers import Handlers

from .consents import CONSENTS
from .events import EVENTS
from .organisers import ORGANISERS
from .sign_ups import SIGN_UPS

HANDLERS: Handlers = {
    **access_copies.HANDLERS,
    **EVENTS,
    **SIGN_UPS,
    **CONSENTS,
    **ORGANISERS,
}
