"""UK geography: where postcodes lie, in which constituencies, and how far apart places are."""

from shared.geography import AREAS, Area, Postcode, read_postcode

from .distance import distance_miles
from .loaded import names_of
from .locating import Located, Ranked, constituencies_of, locate, locate_here, locate_roughly
from .placing import keep_placed, place_shifts

__all__ = [
    "AREAS",
    "Area",
    "Located",
    "Postcode",
    "Ranked",
    "constituencies_of",
    "distance_miles",
    "keep_placed",
    "locate",
    "locate_here",
    "locate_roughly",
    "names_of",
    "place_shifts",
    "read_postcode",
]
