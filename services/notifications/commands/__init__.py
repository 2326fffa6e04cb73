"""What ops type about notices, the schedule mail and the ways of mail."""

from .mail import mail
from .notices import notices
from .schedule_mail import schedule_mail

COMMANDS = (notices, schedule_mail, mail)
