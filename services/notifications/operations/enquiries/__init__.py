"""Enquiries: what people ask a group by its contact form, and what they are answered."""

from .answering import answer, delete, drop_suspects, let_through, mark_elsewhere, reopen, tell_late
from .asking import Asked, ask, find_asked, is_fresh, sign_form
from .forgetting import count_outdated, erase_of, forget_outdated
from .showing import Thread, count_open, list_enquiries, show_thread

__all__ = [
    "Asked",
    "Thread",
    "answer",
    "ask",
    "count_open",
    "count_outdated",
    "delete",
    "drop_suspects",
    "erase_of",
    "find_asked",
    "forget_outdated",
    "is_fresh",
    "let_through",
    "list_enquiries",
    "mark_elsewhere",
    "reopen",
    "show_thread",
    "sign_form",
    "tell_late",
]
