"""What this service does every so often."""

from __future__ import annotations

from datetime import timedelta

from shared.chores import Chore

from .operations import (
    bounces,
    enquiries,
    erasing,
    mailbox,
    mailings,
    newcomers,
    news,
    notices,
    pacing,
    releasing,
    reminding,
)
from .operations.schedule import runs
from .operations.subscribers import forgetting

CHORES = (
    Chore("take notices from dead senders", timedelta(seconds=10), releasing.sweep_leases),
    Chore("give up reminders that are late", timedelta(minutes=1), reminding.give_up_late),
    Chore("let mailings leave", timedelta(seconds=5), mailings.leave_due),
    Chore("note mailings that are through", timedelta(seconds=10), mailings.note_through),
    Chore("forget sign-in links that expired", timedelta(minutes=1), releasing.forget_keys),
    Chore(
        "forget old mailings",
        timedelta(hours=1),
        mailings.forget_outdated,
        foresee=mailings.count_outdated,
    ),
    Chore("tell of late enquiries", timedelta(minutes=1), enquiries.tell_late),
    Chore("tell of late newcomers", timedelta(minutes=1), newcomers.tell_late),
    Chore(
        "forget old enquiries",
        timedelta(hours=1),
        enquiries.forget_outdated,
        foresee=enquiries.count_outdated,
    ),
    Chore("forget who slipped in", timedelta(minutes=1), erasing.forget_who_slipped_in),
    Chore(
        "forget people by their age",
        timedelta(hours=1),
        erasing.forget_outdated,
        foresee=erasing.count_outdated,
    ),
    Chore("say whom notices concern", timedelta(seconds=10), notices.name_owners),
    Chore(
        "forget who ended the schedule mail",
        timedelta(hours=1),
        forgetting.forget_ended,
        foresee=forgetting.count_outdated,
    ),
    Chore("forget old news", timedelta(hours=1), news.forget_old),
    Chore("count the schedule mails that left", timedelta(seconds=10), runs.count_sent),
    Chore("forget old bounces", timedelta(hours=1), bounces.forget_old),
    Chore("forget old paces", timedelta(hours=1), pacing.forget_old),
    Chore("empty the old mailbox", timedelta(hours=1), mailbox.forget_old),
)
