"""UK geography that needs no database: reading postcodes, and about where their areas lie."""

from .areas import AREAS, Area, area_of
from .postcodes import Postcode, read_postcode

__all__ = ["AREAS", "Area", "Postcode", "area_of", "read_postcode"]
