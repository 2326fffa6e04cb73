"""Where a postcode lies, as well as we know, and in which constituencies."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from shared.geography import AREAS, Postcode, read_postcode

from .elsewhere import Answer, elsewhere
from .loaded import Seats, find_loaded, find_parts, middle, names_of


@dataclass(frozen=True, kw_only=True)
class Located:
    """A place on the map; `exactness` says how well it is known."""

    latitude: float
    longitude: float
    exactness: str
    """`postcode`; `district`, the middle of the postcodes around it; or the middle of an `area`."""
    words: str
    """For people, as in "LN2 1AA" or "the Lincoln area"."""
    constituency_code: str = ""
    constituency: str = ""
    authority_code: str = ""
    authority: str = ""

    @property
    def is_approximate(self) -> bool:
        """Tell whether people should hear that distances are rough."""
        return self.exactness != "postcode"


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """A constituency, and how much of the postcodes asked about lies in it."""

    code: str
    name: str
    """Empty while no list of names is loaded."""
    share: float
    """From 0 to 1."""


def locate(session: Session, postcode: str) -> Located | None:
    """Return where a postcode lies, however it was typed; None is a place we do not know.

    Asks the loaded directory first, then the service of POSTCODES_URL, then the table of areas.
    """
    typed = read_postcode(postcode)
    if typed is None:
        return None
    found = locate_whole(session, typed) or locate_elsewhere(session, typed)
    return found or locate_part(session, typed) or locate_area(typed)


def locate_here(session: Session, postcode: str) -> Located | None:
    """Return where a postcode lies without asking anybody, for work that holds the database."""
    typed = read_postcode(postcode)
    if typed is None:
        return None
    return locate_whole(session, typed) or locate_part(session, typed) or locate_area(typed)


def locate_roughly(session: Session, postcode: str) -> Located | None:
    """Return the middle of the district of a postcode that the public must not learn whole.

    However often somebody asks how far that is, the answers never add up to an address.
    """
    typed = read_postcode(postcode)
    if typed is None:
        return None
    return locate_part(session, Postcode(area=typed.area, outward=typed.outward)) or (
        locate_area(typed)
    )


def constituencies_of(session: Session, postcode: str) -> list[Ranked]:
    """Return the constituencies that a postcode may lie in, the likeliest first.

    That of the postcode itself leads; then follow those of its sector and of its district, each by
    its share of the postcodes there. Nothing is known, and nothing returned, before data is loaded.
    """
    typed = read_postcode(postcode)
    if typed is None:
        return []
    shares: dict[str, float] = {}
    own = locate_whole(session, typed) or locate_elsewhere(session, typed)
    parts = find_parts(session, typed.parts)
    if own and own.constituency_code:
        shares[own.constituency_code] = share_of(own.constituency_code, parts)
    for seats in parts:
        count = sum(row.postcodes for row in seats)
        for row in seats:
            shares.setdefault(row.constituency_code, row.postcodes / count)
    shares.pop("", None)
    names = names_of(session, shares)
    if own:
        names.setdefault(own.constituency_code, own.constituency)
    return [Ranked(code=code, name=names.get(code, ""), share=shares[code]) for code in shares]


def share_of(code: str, parts: list[Seats]) -> float:
    """Return the share of a constituency in the smallest part that is known."""
    if not parts:
        return 1.0
    here: int = sum(row.postcodes for row in parts[0] if row.constituency_code == code)
    whole: int = sum(row.postcodes for row in parts[0])
    return here / whole


def locate_whole(session: Session, typed: Postcode) -> Located | None:
    """Return where a whole postcode lies that is in the directory."""
    row = find_loaded(session, typed.key) if typed.key else None
    if row is None:
        return None
    names = names_of(session, (row.constituency_code, row.authority_code))
    return Located(
        latitude=row.latitude,
        longitude=row.longitude,
        exactness="postcode",
        words=str(typed),
        constituency_code=row.constituency_code,
        constituency=names.get(row.constituency_code, ""),
        authority_code=row.authority_code,
        authority=names.get(row.authority_code, ""),
    )


def locate_elsewhere(session: Session, typed: Postcode) -> Located | None:
    """Return what the service of POSTCODES_URL says of a whole postcode or a district."""
    settings = session.info.get("settings")
    url = getattr(settings, "postcodes_url", "")
    found = elsewhere(url).find(typed) if url else None
    return None if found is None else Located(**vars(found), words=words_around(typed, found))


def words_around(typed: Postcode, found: Answer) -> str:
    """Say what was located: the postcode itself, or what lies around it."""
    return str(typed) if found.exactness == "postcode" else f"around {typed.name}"


def locate_part(session: Session, typed: Postcode) -> Located | None:
    """Return the middle of the sector or the district that a postcode belongs to."""
    for seats in find_parts(session, typed.parts):
        latitude, longitude = middle(seats)
        # Where all of it lies in one constituency, that is known too.
        code = seats[0].constituency_code if len(seats) == 1 else ""
        return Located(
            latitude=latitude,
            longitude=longitude,
            exactness="district",
            words=f"around {seats[0].part}",
            constituency_code=code,
            constituency=names_of(session, [code]).get(code, ""),
        )
    return None


def locate_area(typed: Postcode) -> Located | None:
    """Return the rounded middle of the area whose letters a postcode begins with."""
    area = AREAS.get(typed.area)
    if area is None:
        return None
    return Located(
        latitude=area.latitude,
        longitude=area.longitude,
        exactness="area",
        words=f"the {area.name} area",
    )
