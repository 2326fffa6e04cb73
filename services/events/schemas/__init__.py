"""How what is typed is read, and how programs are shown what there is."""

from .events import (
    CancelSchema,
    EventChanges,
    EventListQuery,
    EventSchema,
    EventShown,
)
from .groups import (
    GroupChanges,
    GroupList,
    GroupSchema,
    GroupShown,
    NewGroup,
)
from .lists import (
    ListQuery,
)
from .schedule import (
    ScheduleQuery,
)
from .shifts import (
    ShiftChanges,
    ShiftSchema,
    ShiftShown,
)

__all__ = [
    "CancelSchema",
    "EventChanges",
    "EventListQuery",
    "EventSchema",
    "EventShown",
    "GroupChanges",
    "GroupList",
    "GroupSchema",
    "GroupShown",
    "ListQuery",
    "NewGroup",
    "ScheduleQuery",
    "ShiftChanges",
    "ShiftSchema",
    "ShiftShown",
]
