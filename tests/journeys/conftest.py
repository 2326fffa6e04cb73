"""What the journeys share: the whole system, and somebody who organises."""

from __future__ import annotations

import pytest

from tests.containers import Stack
from tests.journeys.people import Organiser


@pytest.fixture
def muster(whole: Stack) -> Stack:
    """Return the system with all its parts well and an empty mail catcher."""
    whole.empty_mailbox()
    return whole


@pytest.fixture
def organiser(muster: Stack) -> Organiser:
    """Return somebody with the API's token."""
    return Organiser(muster)
