"""What ops and organisers type about groups and events."""

from .access import administrator, show_trail, sign_in_link, token
from .demo import demo
from .elections import election
from .events import event
from .geo import geo
from .groups import group
from .imports import bring
from .leads import lead
from .series import series
from .shifts import add_shift, cancel_shift, change_shift

for command in (add_shift, change_shift, cancel_shift):
    event.add_command(command)

ACCESS = (administrator, sign_in_link, token, show_trail)
COMMANDS = (group, event, bring, election, lead, demo, geo, *ACCESS, series)
