"""The tables of the notifications service."""

from .copies import Event, Group, Shift, Signup
from .declarative import Base
from .delivery import Bounce, Channel, Pace, SuppressedAddress
from .enquiries import Enquiry, EnquiryAnswer
from .erasing import Tombstone
from .mailings import Mailing, Organiser
from .newcomers import Newcomer, Welcome
from .notices import KeptMail, Notice, Try
from .schedule import News, ScheduleRun, ShiftPlaces, Subscriber
from .wording import GroupLook, GroupWording

__all__ = [
    "Base",
    "Bounce",
    "Channel",
    "Enquiry",
    "EnquiryAnswer",
    "Event",
    "Group",
    "GroupLook",
    "GroupWording",
    "KeptMail",
    "Mailing",
    "Newcomer",
    "News",
    "Notice",
    "Organiser",
    "Pace",
    "ScheduleRun",
    "Shift",
    "ShiftPlaces",
    "Signup",
    "Subscriber",
    "SuppressedAddress",
    "Tombstone",
    "Try",
    "Welcome",
]
