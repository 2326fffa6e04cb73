"""What a mail server's answer means, by its code and by the stage of the talk at which it came.

Codes as in RFC 5321, enhanced codes (like 5.1.1) as in RFC 3463.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum


class Stage(Enum):
    """How far the talk with the mail server had come."""

    CONNECT = "connecting"
    HELLO = "greeting"
    LOGIN = "logging in"
    MAIL = "naming the sender"
    RCPT = "naming the recipient"
    DATA = "announcing the text"
    BODY = "handing over the text"


class Meaning(Enum):
    """What follows from an answer."""

    TAKEN = "taken"
    LATER = "later"
    NEVER = "never"
    NO_SUCH_ADDRESS = "no such address"
    CHANNEL_CLOSED = "channel closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Reply:
    """One answer; code 0 means that none came: the connection broke or the time ran out."""

    stage: Stage
    code: int
    text: str = ""


ENHANCED = re.compile(r"^\s*([245]\.\d{1,3}\.\d{1,3})\b")
ABOUT_THE_SENDER = ("5.1.7", "5.1.8")
NEEDS_UTF8 = "5.6.7"
LOGIN_REFUSED = (530, 534, 535, 538)
LONGEST_TEXT = 200
BEFORE_THE_MAIL = (Stage.CONNECT, Stage.HELLO, Stage.LOGIN)


def enhanced_code(reply: Reply) -> str:
    """Return the enhanced status code at the head of the answer's text, or nothing."""
    found = ENHANCED.match(reply.text)
    return found.group(1) if found else ""


def read_reply(reply: Reply) -> Meaning:
    """Say what `reply` means for the notice."""
    if reply.code == 0:
        return Meaning.UNKNOWN if reply.stage is Stage.BODY else Meaning.LATER
    if reply.code < 400:
        return Meaning.TAKEN
    if reply.code < 500:
        return Meaning.LATER
    return _read_refusal(reply)


def _read_refusal(reply: Reply) -> Meaning:
    if reply.code in LOGIN_REFUSED or reply.stage is Stage.LOGIN:
        return Meaning.CHANNEL_CLOSED
    if reply.stage is Stage.MAIL and enhanced_code(reply) != NEEDS_UTF8:
        # What it does not take is our own address, or us: so it is with every mail.
        return Meaning.CHANNEL_CLOSED
    if reply.stage in BEFORE_THE_MAIL:
        # The server turns us away altogether; that says nothing about this mail.
        return Meaning.LATER
    if reply.stage is Stage.RCPT and is_no_such_address(enhanced_code(reply)):
        return Meaning.NO_SUCH_ADDRESS
    return Meaning.NEVER


def is_no_such_address(code: str) -> bool:
    """Tell whether an enhanced code says that an address takes no mail, ever."""
    if code in ABOUT_THE_SENDER:
        return False
    return code.startswith("5.1.") or code == "5.2.1"


def describe(reply: Reply) -> str:
    """Say in one line what came back, without the addresses that servers like to repeat."""
    if reply.code == 0:
        return f"The mail server did not answer when {reply.stage.value}."
    printable = "".join(c if c.isprintable() else " " for c in reply.text)
    words = ("(address)" if "@" in word else word for word in printable.split())
    text = " ".join(words)[:LONGEST_TEXT]
    return f"The mail server answered {f'{reply.code} {text}'.strip()} when {reply.stage.value}."
