"""The 124 postcode areas of the United Kingdom and the Crown dependencies, with rounded centres.

Made by hand: good enough to say which events are in reach of somebody until the ONS Postcode
Directory is loaded, and always called approximate.
"""

from __future__ import annotations

from dataclasses import dataclass

from .postcodes import read_postcode

SCOTLAND = "Scotland"
WALES = "Wales"
NORTHERN_IRELAND = "Northern Ireland"
NORTH_EAST = "North East"
NORTH_WEST = "North West"
YORKSHIRE = "Yorkshire and the Humber"
EAST_MIDLANDS = "East Midlands"
WEST_MIDLANDS = "West Midlands"
EAST = "East of England"
LONDON = "London"
SOUTH_EAST = "South East"
SOUTH_WEST = "South West"
CROWN = "Crown dependencies"


@dataclass(frozen=True)
class Area:
    """A postcode area: the town or region it is named after, and about where its middle is."""

    name: str
    region: str
    latitude: float
    longitude: float


AREAS = {
    "AB": Area("Aberdeen", SCOTLAND, 57.2, -2.3),
    "AL": Area("St Albans", EAST, 51.77, -0.29),
    "B": Area("Birmingham", WEST_MIDLANDS, 52.47, -1.88),
    "BA": Area("Bath", SOUTH_WEST, 51.23, -2.45),
    "BB": Area("Blackburn", NORTH_WEST, 53.8, -2.33),
    "BD": Area("Bradford", YORKSHIRE, 53.85, -1.9),
    "BH": Area("Bournemouth", SOUTH_WEST, 50.76, -1.92),
    "BL": Area("Bolton", NORTH_WEST, 53.58, -2.4),
    "BN": Area("Brighton", SOUTH_EAST, 50.85, -0.1),
    "BR": Area("Bromley", LONDON, 51.39, 0.05),
    "BS": Area("Bristol", SOUTH_WEST, 51.43, -2.65),
    "BT": Area("Belfast", NORTHERN_IRELAND, 54.6, -6.4),
    "CA": Area("Carlisle", NORTH_WEST, 54.75, -3.05),
    "CB": Area("Cambridge", EAST, 52.2, 0.2),
    "CF": Area("Cardiff", WALES, 51.57, -3.27),
    "CH": Area("Chester", NORTH_WEST, 53.25, -3.03),
    "CM": Area("Chelmsford", EAST, 51.75, 0.43),
    "CO": Area("Colchester", EAST, 51.9, 0.95),
    "CR": Area("Croydon", LONDON, 51.36, -0.11),
    "CT": Area("Canterbury", SOUTH_EAST, 51.27, 1.17),
    "CV": Area("Coventry", WEST_MIDLANDS, 52.38, -1.5),
    "CW": Area("Crewe", NORTH_WEST, 53.16, -2.5),
    "DA": Area("Dartford", SOUTH_EAST, 51.44, 0.26),
    "DD": Area("Dundee", SCOTLAND, 56.5, -2.95),
    "DE": Area("Derby", EAST_MIDLANDS, 52.95, -1.55),
    "DG": Area("Dumfries", SCOTLAND, 55.02, -3.85),
    "DH": Area("Durham", NORTH_EAST, 54.81, -1.62),
    "DL": Area("Darlington", NORTH_EAST, 54.48, -1.65),
    "DN": Area("Doncaster", YORKSHIRE, 53.55, -0.75),
    "DT": Area("Dorchester", SOUTH_WEST, 50.78, -2.42),
    "DY": Area("Dudley", WEST_MIDLANDS, 52.43, -2.18),
    "E": Area("East London", LONDON, 51.55, -0.03),
    "EC": Area("East Central London", LONDON, 51.52, -0.1),
    "EH": Area("Edinburgh", SCOTLAND, 55.9, -3.2),
    "EN": Area("Enfield", LONDON, 51.68, -0.08),
    "EX": Area("Exeter", SOUTH_WEST, 50.77, -3.6),
    "FK": Area("Falkirk", SCOTLAND, 56.1, -3.9),
    "FY": Area("Blackpool", NORTH_WEST, 53.83, -3.01),
    "G": Area("Glasgow", SCOTLAND, 55.88, -4.28),
    "GL": Area("Gloucester", SOUTH_WEST, 51.82, -2.13),
    "GU": Area("Guildford", SOUTH_EAST, 51.21, -0.72),
    "GY": Area("Guernsey", CROWN, 49.46, -2.58),
    "HA": Area("Harrow", LONDON, 51.59, -0.35),
    "HD": Area("Huddersfield", YORKSHIRE, 53.63, -1.8),
    "HG": Area("Harrogate", YORKSHIRE, 54.03, -1.58),
    "HP": Area("Hemel Hempstead", EAST, 51.72, -0.68),
    "HR": Area("Hereford", WEST_MIDLANDS, 52.1, -2.73),
    "HS": Area("Outer Hebrides", SCOTLAND, 57.95, -6.95),
    "HU": Area("Hull", YORKSHIRE, 53.77, -0.38),
    "HX": Area("Halifax", YORKSHIRE, 53.72, -1.9),
    "IG": Area("Ilford", LONDON, 51.58, 0.08),
    "IM": Area("Isle of Man", CROWN, 54.22, -4.53),
    "IP": Area("Ipswich", EAST, 52.2, 1.1),
    "IV": Area("Inverness", SCOTLAND, 57.52, -4.4),
    "JE": Area("Jersey", CROWN, 49.21, -2.12),
    "KA": Area("Kilmarnock", SCOTLAND, 55.55, -4.6),
    "KT": Area("Kingston upon Thames", LONDON, 51.36, -0.33),
    "KW": Area("Kirkwall", SCOTLAND, 58.6, -3.4),
    "KY": Area("Kirkcaldy", SCOTLAND, 56.2, -3.1),
    "L": Area("Liverpool", NORTH_WEST, 53.45, -2.93),
    "LA": Area("Lancaster", NORTH_WEST, 54.17, -2.83),
    "LD": Area("Llandrindod Wells", WALES, 52.18, -3.37),
    "LE": Area("Leicester", EAST_MIDLANDS, 52.65, -1.13),
    "LL": Area("Llandudno", WALES, 53.08, -3.75),
    "LN": Area("Lincoln", EAST_MIDLANDS, 53.25, -0.5),
    "LS": Area("Leeds", YORKSHIRE, 53.83, -1.55),
    "LU": Area("Luton", EAST, 51.9, -0.45),
    "M": Area("Manchester", NORTH_WEST, 53.47, -2.27),
    "ME": Area("Rochester", SOUTH_EAST, 51.35, 0.58),
    "MK": Area("Milton Keynes", SOUTH_EAST, 52.07, -0.65),
    "ML": Area("Motherwell", SCOTLAND, 55.72, -3.83),
    "N": Area("North London", LONDON, 51.58, -0.12),
    "NE": Area("Newcastle upon Tyne", NORTH_EAST, 55.03, -1.68),
    "NG": Area("Nottingham", EAST_MIDLANDS, 52.98, -1.0),
    "NN": Area("Northampton", EAST_MIDLANDS, 52.3, -0.85),
    "NP": Area("Newport", WALES, 51.72, -3.0),
    "NR": Area("Norwich", EAST, 52.68, 1.27),
    "NW": Area("North West London", LONDON, 51.56, -0.2),
    "OL": Area("Oldham", NORTH_WEST, 53.57, -2.1),
    "OX": Area("Oxford", SOUTH_EAST, 51.8, -1.3),
    "PA": Area("Paisley", SCOTLAND, 55.95, -5.2),
    "PE": Area("Peterborough", EAST, 52.68, -0.05),
    "PH": Area("Perth", SCOTLAND, 56.65, -4.0),
    "PL": Area("Plymouth", SOUTH_WEST, 50.4, -4.25),
    "PO": Area("Portsmouth", SOUTH_EAST, 50.8, -1.07),
    "PR": Area("Preston", NORTH_WEST, 53.73, -2.73),
    "RG": Area("Reading", SOUTH_EAST, 51.4, -1.08),
    "RH": Area("Redhill", SOUTH_EAST, 51.12, -0.18),
    "RM": Area("Romford", LONDON, 51.55, 0.23),
    "S": Area("Sheffield", YORKSHIRE, 53.38, -1.4),
    "SA": Area("Swansea", WALES, 51.88, -4.35),
    "SE": Area("South East London", LONDON, 51.47, -0.03),
    "SG": Area("Stevenage", EAST, 51.97, -0.15),
    "SK": Area("Stockport", NORTH_WEST, 53.35, -2.08),
    "SL": Area("Slough", SOUTH_EAST, 51.53, -0.67),
    "SM": Area("Sutton", LONDON, 51.37, -0.19),
    "SN": Area("Swindon", SOUTH_WEST, 51.48, -1.9),
    "SO": Area("Southampton", SOUTH_EAST, 50.95, -1.42),
    "SP": Area("Salisbury", SOUTH_WEST, 51.08, -1.78),
    "SR": Area("Sunderland", NORTH_EAST, 54.87, -1.39),
    "SS": Area("Southend-on-Sea", EAST, 51.56, 0.62),
    "ST": Area("Stoke-on-Trent", WEST_MIDLANDS, 52.98, -2.12),
    "SW": Area("South West London", LONDON, 51.47, -0.17),
    "SY": Area("Shrewsbury", WEST_MIDLANDS, 52.58, -3.1),
    "TA": Area("Taunton", SOUTH_WEST, 51.05, -3.1),
    "TD": Area("Galashiels", SCOTLAND, 55.62, -2.5),
    "TF": Area("Telford", WEST_MIDLANDS, 52.73, -2.48),
    "TN": Area("Tonbridge", SOUTH_EAST, 51.08, 0.42),
    "TQ": Area("Torquay", SOUTH_WEST, 50.43, -3.67),
    "TR": Area("Truro", SOUTH_WEST, 50.2, -5.22),
    "TS": Area("Cleveland", NORTH_EAST, 54.58, -1.22),
    "TW": Area("Twickenham", LONDON, 51.44, -0.37),
    "UB": Area("Southall", LONDON, 51.53, -0.42),
    "W": Area("West London", LONDON, 51.51, -0.21),
    "WA": Area("Warrington", NORTH_WEST, 53.38, -2.58),
    "WC": Area("West Central London", LONDON, 51.52, -0.12),
    "WD": Area("Watford", EAST, 51.67, -0.37),
    "WF": Area("Wakefield", YORKSHIRE, 53.68, -1.45),
    "WN": Area("Wigan", NORTH_WEST, 53.53, -2.63),
    "WR": Area("Worcester", WEST_MIDLANDS, 52.18, -2.2),
    "WS": Area("Walsall", WEST_MIDLANDS, 52.65, -1.93),
    "WV": Area("Wolverhampton", WEST_MIDLANDS, 52.57, -2.17),
    "YO": Area("York", YORKSHIRE, 54.02, -1.0),
    "ZE": Area("Shetland", SCOTLAND, 60.3, -1.25),
}
"""By the letters that its postcodes begin with."""


def area_of(postcode: str) -> Area | None:
    """Return the area of a postcode, however it was typed; None is a place we do not know."""
    typed = read_postcode(postcode)
    return AREAS.get(typed.area) if typed else None
