"""What is kept of people: they ask for it, see it and have it erased; and it goes by its age."""

from .applying import apply_noted
from .asking import request_privacy_links
from .erasing import erase_by_link, erase_people, note_done, show_erasure
from .noting import list_erasures
from .retention import count_outdated, forget_outdated
from .showing import Held, as_export, show_held

__all__ = [
    "Held",
    "apply_noted",
    "as_export",
    "count_outdated",
    "erase_by_link",
    "erase_people",
    "forget_outdated",
    "list_erasures",
    "note_done",
    "request_privacy_links",
    "show_erasure",
    "show_held",
]
