"""What ops type, a module a noun; ends with the table COMMANDS."""

from .privacy import erasures
from .sign_ups import check, review, signups

COMMANDS = (signups, review, check, erasures)
