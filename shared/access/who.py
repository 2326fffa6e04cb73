"""Who asks: a person with roles in groups, or a program's token with rights."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from shared.tables import NETWORK

ROLES = ("viewer", "organiser", "owner", "administrator")
"""In rising order; each may do what those before it may."""

RIGHTS = ("read", "write", "sign-up")
"""What a token may be for."""

GROUP_ROLES = ROLES[:3]
NEEDED = {"read": "viewer", "write": "organiser"}
"""The role that comes closest to a right."""


@dataclass(frozen=True)
class Who:
    """Whoever a request comes from, and what they may do."""

    name: str
    organiser_id: int | None = None
    """Empty for a token."""
    session_id: UUID | None = None
    roles: Mapping[int, str] = field(default_factory=dict)
    """The role in each group, by the group's id; under 0 that in the network."""
    rights: frozenset[str] = frozenset()
    """What a token may be used for."""

    @property
    def is_administrator(self) -> bool:
        """Tell whether all groups are open: to an administrator, or a token of the network."""
        return NETWORK in self.roles

    def role_in(self, group_id: int) -> str:
        """Return the role held in a group, or nothing."""
        return self.roles.get(NETWORK) or self.roles.get(group_id, "")

    def roles_in(self, group_ids: Collection[int] | None) -> list[str]:
        """Return the roles held in these groups, or with None in any; the network's counts too."""
        if group_ids is None:
            return list(self.roles.values())
        return [self.role_in(group_id) for group_id in (NETWORK, *group_ids)]

    def has_part_in(self, group_ids: Collection[int] | None) -> bool:
        """Tell whether anything at all is held in one of these groups, or in the network."""
        return group_ids is None or any(i in self.roles for i in (NETWORK, *group_ids))

    def groups(self, role: str = "viewer") -> set[int]:
        """Return the ids of the groups in which at least `role` is held.

        Of an administrator, to whom all groups are open, only the memberships that there are.
        """
        return {
            group_id
            for group_id, held in self.roles.items()
            if group_id != NETWORK and reaches(held, role)
        }


def reaches(held: str, role: str) -> bool:
    """Tell whether the role `held` is at least `role`; what is not held reaches nothing."""
    return held in ROLES and ROLES.index(held) >= ROLES.index(role)
