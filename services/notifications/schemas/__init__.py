"""How what is typed is read, and how programs are shown what there is."""

from .bounces import PostedReport, report_of
from .ledger import (
    KIND_WORDS,
    LAST_PAGE,
    EventFigures,
    NoticeList,
    NoticeQuery,
    NoticeShown,
)
from .mailbox import MailboxQuery
from .wording import AgainForm, LookForm, WordingForm

__all__ = [
    "KIND_WORDS",
    "LAST_PAGE",
    "AgainForm",
    "EventFigures",
    "LookForm",
    "MailboxQuery",
    "NoticeList",
    "NoticeQuery",
    "NoticeShown",
    "PostedReport",
    "WordingForm",
    "report_of",
]
