"""Signing in by a mailed link, or by the code that stands in the same mail."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared import messages, outbox
from shared.limits import Limit, count, network_of
from shared.refusals import NotThere, TooMany

from ..models import Organiser, SignInLink
from ..rules import access as rules
from .access import has_any_role
from .sessions import begin_session

MAILS_PER_ADDRESS = 6
MAILS_PER_NETWORK = 60
CODES_PER_NETWORK = 100
UNKNOWN = rules.LINK_IS_UNKNOWN
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Browser:
    """Where somebody signs in: what the browser is called, and its network address."""

    name: str
    ip: str


@dataclass(frozen=True)
class WayIn:
    """What lets somebody in: the link for the mail, and the code for another browser."""

    link: str
    code: str
    expires_at: datetime
    request_id: uuid.UUID


def request_link(
    session: Session, email: str, browser: Browser, *, now: datetime, path: str = rules.START
) -> uuid.UUID:
    """Mail a way in to an organiser, and return the id by which its code can be typed.

    Strangers get an id too: nobody learns here who is an organiser. Raises TooMany.
    """
    email = email.lower()
    _limit(session, "sign-in address", email, most=MAILS_PER_ADDRESS, now=now)
    _limit(session, "sign-in ip", network_of(browser.ip), most=MAILS_PER_NETWORK, now=now)
    organiser = session.scalars(select(Organiser).filter_by(email=email)).one_or_none()
    if organiser is None or not has_any_role(session, organiser.id):
        return uuid.uuid4()
    way = make_way_in(session, organiser, path=path, now=now)
    person = messages.SignInSeeker(
        name=organiser.name, email=organiser.email, link=way.link, code=way.code
    )
    told = messages.SignInRequested(
        request_id=str(way.request_id), expires_at=way.expires_at, person=person
    )
    outbox.tell(session, told, now=now)
    return way.request_id


def make_way_in(session: Session, organiser: Organiser, *, path: str, now: datetime) -> WayIn:
    """Make a link and a code for an organiser; only their hashes are stored."""
    token, request_id = secrets.token_urlsafe(32), uuid.uuid4()
    code = f"{secrets.randbelow(10**rules.CODE_DIGITS):0{rules.CODE_DIGITS}}"
    link = SignInLink(
        organiser_id=organiser.id,
        request_id=request_id,
        token_hash=_hash(token),
        code_hash=_hash_of_code(session, request_id, code),
        created_at=now,
        expires_at=now + rules.LINK_LASTS,
    )
    session.add(link)
    session.flush()
    root = session.info["settings"].public_url.rstrip("/")
    query = f"?{urlencode({'next': path})}" if path != rules.START else ""
    return WayIn(f"{root}/sign-in/link/{token}{query}", code, link.expires_at, request_id)


def why_link_fails(session: Session, token: str, *, now: datetime) -> str:
    """Say in a sentence why a link lets nobody in; nothing when it does."""
    link = _find_link(session, token)
    return rules.why_link_fails(link.used_at, link.expires_at, now) if link else UNKNOWN


def sign_in_by_link(session: Session, token: str, browser: Browser, *, now: datetime) -> str | None:
    """Use up a link and return the cookie of a new session; nothing when it lets nobody in."""
    link = _find_link(session, token, lock=True)
    if link is None or rules.why_link_fails(link.used_at, link.expires_at, now):
        return None
    link.used_at = now
    return _begin(session, link, browser, now=now)


def request_link_anew(
    session: Session, token: str, browser: Browser, *, now: datetime
) -> uuid.UUID:
    """Mail a new way in to whom a used or old link was for. Raises NotThere and TooMany."""
    link = _find_link(session, token)
    if link is None:
        raise NotThere
    organiser = session.get_one(Organiser, link.organiser_id)
    return request_link(session, organiser.email, browser, now=now)


def sign_in_by_code(
    session: Session, request_id: uuid.UUID, code: str, browser: Browser, *, now: datetime
) -> str | None:
    """Use up a code and return the cookie of a new session; nothing when it is not right.

    Each try is counted, so whoever calls must commit after a wrong one too. Raises TooMany.
    """
    _limit(session, "sign-in code ip", network_of(browser.ip), most=CODES_PER_NETWORK, now=now)
    # One statement, so that tries at the same moment are all counted.
    counted = session.execute(
        update(SignInLink)
        .where(
            SignInLink.request_id == request_id,
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > now,
            SignInLink.tries < rules.CODE_TRIES,
        )
        .values(tries=SignInLink.tries + 1)
        .returning(SignInLink.id, SignInLink.code_hash)
    ).one_or_none()
    given = _hash_of_code(session, request_id, code)
    if counted is None or not hmac.compare_digest(given, counted.code_hash):
        return None
    link = session.get_one(SignInLink, counted.id)
    link.used_at = now
    return _begin(session, link, browser, now=now)


def _begin(session: Session, link: SignInLink, browser: Browser, *, now: datetime) -> str:
    organiser = session.get_one(Organiser, link.organiser_id)
    return begin_session(session, organiser, browser.name, now=now)


def _find_link(session: Session, token: str, *, lock: bool = False) -> SignInLink | None:
    query = select(SignInLink).filter_by(token_hash=_hash(token))
    return session.scalars(query.with_for_update() if lock else query).one_or_none()


def _limit(session: Session, kind: str, subject: str, *, most: int, now: datetime) -> None:
    limit = Limit(kind, subject, most, HOUR)
    if count(session, [limit], key=session.info["settings"].session_key, now=now) > 1:
        raise TooMany


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _hash_of_code(session: Session, request_id: uuid.UUID, code: str) -> str:
    """Hash a code under the private key: six digits are soon tried out by whoever reads a row."""
    key = session.info["settings"].session_key.encode()
    return hmac.new(key, f"sign-in code {request_id} {code}".encode(), hashlib.sha256).hexdigest()
