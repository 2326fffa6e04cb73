"""Every path has one owner, and embedded mode asks the same list as the front door."""

from __future__ import annotations

import pytest

from shared.paths import PATHS, owner_of


@pytest.mark.parametrize(
    "path, owner",
    [
        ("/", "events"),
        ("/events/3", "events"),
        ("/nowhere", "events"),
        ("/organise", "events"),
        ("/organise/events/3", "events"),
        ("/organise/people", "signups"),
        ("/organise/people/9", "signups"),
        ("/organise/peoples", "events"),
        ("/organise/notices", "notifications"),
        ("/api/events/3/publish", "events"),
        ("/api/signups", "signups"),
        ("/api/notices", "notifications"),
        ("/my", "signups"),
        ("/my/abc.def", "signups"),
        ("/mystery", "events"),
        ("/mail/4", "notifications"),
        ("/sign-up/7", "signups"),
        ("/sign-in", "events"),
        ("/feeds/groups/7.ics", "events"),
        ("/embed.js", "events"),
        ("/embed/groups/7", "events"),
        ("/sitemap.xml", "events"),
    ],
)
def test_the_longest_prefix_that_ends_at_a_slash_owns_a_path(path: str, owner: str) -> None:
    assert owner_of(path) == owner


def test_prefixes_are_whole_segments() -> None:
    assert all(path == "/" or not path.endswith("/") for path in PATHS)
