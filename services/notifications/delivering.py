"""Delivering: letters that were begun are written and handed to the mail server."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from .config import Settings
from .mail.composing import Mail, compose
from .mail.letters import Letter
from .operations.outcomes import Outcome
from .operations.sending import Batch
from .rules.replies import BEFORE_THE_MAIL, Meaning, Reply, describe, read_reply
from .smtp import Line

FRESH = 0.1
"""Seconds in which mails that are begun at once are to leave; the rest is then read anew."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class InHand:
    """A batch in hand, and what ends it or holds it up."""

    batch: Batch
    line: Line
    stop: threading.Event


@dataclass(frozen=True)
class Delivered:
    """What became of one mail, and what that means for the rest of its batch."""

    outcome: Outcome
    nobody_there: bool = False
    channel_closed: bool = False

    @property
    def ends_batch(self) -> bool:
        """Whether it is useless to go on with the batch now."""
        return self.nobody_there or self.channel_closed


def deliver_all(letters: Sequence[Letter], settings: Settings, hand: InHand) -> list[Delivered]:
    """Hand over one mail after the other, as long as all are taken and their facts are fresh.

    What a refusal means for the others shows when they are read anew.
    """
    started = time.monotonic()
    delivered: list[Delivered] = []
    for letter in letters:
        delivered.append(_deliver(letter, settings, hand.line, hand.batch))
        is_taken = delivered[-1].outcome.meaning is Meaning.TAKEN
        is_fresh = time.monotonic() - started <= FRESH
        if not is_taken or not is_fresh or hand.stop.is_set():
            break
    return delivered


def _deliver(letter: Letter, settings: Settings, line: Line, batch: Batch) -> Delivered:
    """Write and hand over one mail; return what became of it."""
    mail = write(letter, settings)
    if mail is None:
        return Delivered(unwritable(letter, batch))
    reply = line.send(mail)
    outcome = _read(reply, letter, batch)
    if outcome.meaning is not Meaning.TAKEN:
        log.warning("notice %s: %s", letter.notice.id, outcome.reason)
    return Delivered(
        outcome,
        nobody_there=outcome.meaning is Meaning.LATER and reply.stage in BEFORE_THE_MAIL,
        channel_closed=outcome.meaning is Meaning.CHANNEL_CLOSED,
    )


def _read(reply: Reply, letter: Letter, batch: Batch) -> Outcome:
    meaning = read_reply(reply)
    return Outcome(
        notice_id=letter.notice.id,
        claim=batch.claim,
        meaning=meaning,
        reason="" if meaning is Meaning.TAKEN else describe(reply),
        recipient=letter.recipient,
        channel=batch.channel,
    )


def write(letter: Letter, settings: Settings) -> Mail | None:
    """Write the mail, or None when that cannot be done: the others must not wait for this one."""
    try:
        return compose(letter, settings)
    except Exception:
        log.exception("notice %s could not be written", letter.notice.id)
        return None


def unwritable(letter: Letter, batch: Batch) -> Outcome:
    """Return what becomes of a letter that cannot be written."""
    return Outcome(
        notice_id=letter.notice.id,
        claim=batch.claim,
        meaning=Meaning.NEVER,
        reason="The mail could not be written; the log of the sender says why.",
    )
