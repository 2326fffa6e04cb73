"""What this service does every so often."""

from __future__ import annotations

from datetime import timedelta

from shared.chores import Chore

from .operations import mailbox, sending

CHORES = (
    Chore("take notices from dead senders", timedelta(seconds=10), sending.sweep_leases),
    Chore("forget sign-in links that expired", timedelta(minutes=1), sending.forget_keys),
    Chore("empty the old mailbox", timedelta(hours=1), mailbox.forget_old),
)
