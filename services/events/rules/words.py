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
VERIFICATIONS = {
    "off": "Never",
    "soft": "Only when a mail to it came back, or too many signed up at once",
    "strict": "Always: a place is held for half an hour, until they press a button in the mail",
}
"""When those who sign up have to prove that their address is theirs."""

PROMOTIONS = {
    "by_time": "By the time left: at once, within two days by asking, in the last hours to the"
    " quickest",
    "at_once": "At once, to the next in line",
    "offers": "By asking the next in line, who has some hours to answer",
    "by_hand": "By hand: you decide who gets it",
}
"""How a place that comes free is given to those who wait."""

WHEN_FULL = {"wait": "They join the waiting list", "refuse": "They are told that it is full"}
"""What happens to those who find no place."""

QUESTION_KINDS = {
    "text": "A few words",
    "choice": "One of several",
    "yes_no": "Yes or no",
}
"""What kinds of answer a sign-up form can ask for."""

MOST_QUESTIONS = 8
MOST_OPTIONS = 20

WORK = {"": "As the event says", "training": "Training", "campaigning": "Campaigning"}
AREA_KINDS = {"constituency": "Constituency", "authority": "Council area"}
JOIN_STATES = ("asked", "approved", "declined")
CO_HOST_STATES = ("asked", "accepted", "declined")
CAMPAIGN_STATUSES = ("draft", "published", "archived")
GOAL_KINDS = {"signups": "sign-ups", "conversations": "conversations", "events": "events"}
IMPORT_STATES = ("uploaded", "checked", "due", "applied", "failed", "undone")
