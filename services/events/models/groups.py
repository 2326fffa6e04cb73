"""Those who hold events: groups, their areas, and requests to join."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Float, ForeignKey, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared import columns

from .. import rules
from .declarative import Base


class Group(Base):
    """Those who hold events: a campaign, a local party, a community project."""

    __tablename__ = "groups"
    __table_args__ = (
        CheckConstraint(
            columns.one_of("signup_notices", rules.SIGNUP_NOTICES), name="signup_notices"
        ),
        CheckConstraint("area_miles IS NULL OR area_miles BETWEEN 1 AND 500", name="area_miles"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    revision: Mapped[int] = mapped_column(columns.BigKey)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id"), index=True)
    """The group that this one is a part of."""
    name: Mapped[str] = mapped_column(Text)
    about: Mapped[str] = mapped_column(Text, default="", server_default="")
    website: Mapped[str] = mapped_column(Text, default="", server_default="")
    contact_name: Mapped[str] = mapped_column(Text)
    contact_email: Mapped[str] = mapped_column(Text)
    reply_email: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Where answers to its mails go; empty means the contact."""
    representative_name: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The MP or candidate that newcomers are shown."""
    representative_role: Mapped[str] = mapped_column(Text, default="", server_default="")
    area_postcode: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The middle of an area given as a radius; other areas stand in `areas`."""
    area_miles: Mapped[int | None] = mapped_column(Integer)
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    privacy_url: Mapped[str] = mapped_column(Text)
    imprint: Mapped[str] = mapped_column(Text)
    signup_notices: Mapped[str] = mapped_column(Text)
    embed_sites: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Origins of web sites that may show the group's schedule, one a line."""

    parent: Mapped[Group | None] = relationship(remote_side="Group.id", lazy="select")
    areas: Mapped[list[GroupArea]] = relationship(
        lazy="select", order_by="GroupArea.name", cascade="all, delete-orphan"
    )

    @property
    def constituencies(self) -> list[str]:
        """The names of the constituencies in which it is at home."""
        return sorted(area.name for area in self.areas if area.kind == "constituency")

    @property
    def authorities(self) -> list[str]:
        """The names of the council areas in which it is at home."""
        return sorted(area.name for area in self.areas if area.kind == "authority")


class GroupArea(Base):
    """A constituency or an authority in which a group is at home."""

    __tablename__ = "group_areas"
    __table_args__ = (CheckConstraint(columns.one_of("kind", rules.AREA_KINDS), name="kind"),)

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    code: Mapped[str] = mapped_column(Text, default="", server_default="", index=True)
    """Its GSS code; empty while no list of names is loaded."""


class JoinRequest(Base):
    """A new group that asks to join, until an administrator decides."""

    __tablename__ = "join_requests"
    __table_args__ = (
        CheckConstraint(columns.one_of("state", rules.JOIN_STATES), name="state"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(columns.BigKey, primary_key=True)
    state: Mapped[str] = mapped_column(Text, index=True)
    name: Mapped[str] = mapped_column(Text)
    area: Mapped[str] = mapped_column(Text)
    about: Mapped[str] = mapped_column(Text)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id"))
    contact_name: Mapped[str] = mapped_column(Text)
    contact_email: Mapped[str] = mapped_column(Text)
    privacy_url: Mapped[str] = mapped_column(Text)
    imprint: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(columns.UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(columns.UtcDateTime)
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    group_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id"))
    """The group that came of it."""
