"""The words that columns hold, and the numbers that bound them."""

from __future__ import annotations

STATES = (
    "pending",
    "placed",
    "waiting",
    "offered",
    "cancelled",
    "declined",
    "lapsed",
    "transferred",
    "closed",
)
"""`pending`: its places are held until a button in the mail is pressed, or it is under review."""

LIVE = ("pending", "placed", "waiting", "offered")
"""States that may still change. Those under review are among them, and belong to nobody yet."""

HOLDING = ("pending", "placed", "offered")
"""States whose places count as taken; under review nothing is taken."""

WISHES = ("usual", "place", "ask", "not_on_the_day")
"""What somebody who waits wants when a place comes free: what is usual, have it at once, be
asked first, or what is usual but nothing on the day itself."""

VERIFICATIONS = ("off", "soft", "strict")
"""Whether an address has to be proven: never, when its mail came back or many came at once, or
always."""

PROMOTIONS = ("by_time", "at_once", "offers", "by_hand")
"""How a place that comes free is given: by the time left, or always in one of these ways."""

UTM = ("source", "medium", "campaign", "content", "term")
"""What links of campaigns say of themselves, as `utm_source` and so on."""

LONGEST_UTM = 100
LARGEST_PARTY = 20
MOST_TOGETHER = 6
"""How many other shifts one form signs up for."""
