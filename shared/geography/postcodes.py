"""Reading postcodes however they were typed: whole, in part, with or without spaces."""

from __future__ import annotations

import re
from dataclasses import dataclass

WHOLE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9OI])([A-Z]{2})")
SECTOR = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?) +([0-9])[A-Z]?")
OUTWARD = re.compile(r"([A-Z]{1,2})(?:[0-9][A-Z0-9]?)?")
DIGITS = str.maketrans("OI", "01")
"""Letters that are typed where only a digit can stand."""


@dataclass(frozen=True, kw_only=True)
class Postcode:
    """A postcode, as far as it was typed; what was not typed is empty."""

    area: str
    """The letters that it begins with, as in `LN`."""
    outward: str = ""
    """The half before the space, as in `LN2`."""
    sector: str = ""
    """The outward half and the first digit after the space, as in `LN2 1`."""
    key: str = ""
    """The whole of it without its space, as in `LN21AA`."""

    def __str__(self) -> str:
        """Return it as it is written on envelopes, as far as it is known."""
        return f"{self.outward} {self.key[-3:]}" if self.key else self.sector or self.name

    @property
    def name(self) -> str:
        """Return the outward half, or the area alone."""
        return self.outward or self.area

    @property
    def parts(self) -> list[str]:
        """Return the sector and the district it can lie in, the smaller one first.

        `LN21` can be the district, or the beginning of a postcode in the sector `LN2 1`.
        """
        found = [self.sector, self.outward]
        if not self.sector and self.outward[-1:].isdigit() and self.outward[-2:-1].isdigit():
            found.append(f"{self.outward[:-1]} {self.outward[-1]}")
        return [part for part in found if part]


def read_postcode(typed: str) -> Postcode | None:
    """Return what was typed as a postcode, or None where it cannot be a British one.

    Nobody is ever refused for a postcode: what is not understood is a place we do not know.
    """
    text = " ".join(re.sub(r"[^A-Z0-9]+", " ", typed[:40].upper()).split())
    if whole := WHOLE.fullmatch(text.replace(" ", "")):
        outward, digit, letters = whole[1], whole[2].translate(DIGITS), whole[3]
        area = letters_of(outward)
        return Postcode(
            area=area, outward=outward, sector=f"{outward} {digit}", key=outward + digit + letters
        )
    if sector := SECTOR.fullmatch(text):
        return Postcode(
            area=letters_of(sector[1]), outward=sector[1], sector=f"{sector[1]} {sector[2]}"
        )
    if outward_half := OUTWARD.fullmatch(text.replace(" ", "")):
        has_digit = outward_half[0] != outward_half[1]
        return Postcode(area=outward_half[1], outward=outward_half[0] if has_digit else "")
    return None


def letters_of(outward: str) -> str:
    """Return the letters that an outward half begins with."""
    return outward[:2] if outward[1].isalpha() else outward[:1]
