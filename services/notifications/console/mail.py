"""A group's mail: what waits in each of its parts."""

from __future__ import annotations

from flask import Blueprint, g, render_template

from shared import access

from ..operations.belonging import find_group, groups_of_group
from .sections import find_sections

CONSOLE = Blueprint("console_mail", __name__)


@CONSOLE.get("/organise/notices/groups/<int:group_id>")
@access.needs("viewer", group=groups_of_group)
def show_mail(group_id: int) -> str:
    """Show what a group writes and what is written to it, with what waits."""
    return render_template(
        "notifications/mail_home.html",
        group=find_group(g.session, group_id),
        sections=find_sections(g.session, group_id, now=g.now),
    )
