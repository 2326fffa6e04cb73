"""The words that groups, events, shifts and campaigns choose from."""

from __future__ import annotations

KINDS = {
    "action_day": "Action day",
    "campaign_and_train": "Campaign and train",
    "training": "Training",
    "lesson": "Lesson or class",
    "jobs_club": "Jobs club or fair",
    "community_project": "Community project",
    "fundraising": "Fundraising",
    "meeting": "Meeting",
}
"""The kinds of event, with the words shown for them."""

STATUSES = ("draft", "published", "cancelled")
SIGNUP_NOTICES = ("at_once", "daily", "off")
MODES = {"in_person": "In person", "online": "Online", "both": "In person and online"}
ADDRESS_SHOWN = {"public": "Everybody", "signed_up": "Only those who signed up"}
WORK = {"": "As the event says", "training": "Training", "campaigning": "Campaigning"}
AREA_KINDS = {"constituency": "Constituency", "authority": "Council area"}
JOIN_STATES = ("asked", "approved", "declined")
CO_HOST_STATES = ("asked", "accepted", "declined")
CAMPAIGN_STATUSES = ("draft", "published", "archived")
GOAL_KINDS = {"signups": "sign-ups", "conversations": "conversations", "events": "events"}
IMPORT_STATES = ("uploaded", "checked", "due", "applied", "failed", "undone")
