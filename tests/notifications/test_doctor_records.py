"""The doctor takes what a domain publishes as those do who get mail from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from services.notifications.doctor.domain import examine_domain
from services.notifications.doctor.findings import Finding
from services.notifications.doctor.names import Names

from .making import make_settings
from .zone import Zone, open_zone

OURS = "192.0.2.9"
HOSTS = (
    "muster.example. IN A 192.0.2.1",
    "muster.example. IN AAAA 2001:db8:1::1",
    "muster.example. IN MX 10 mail.muster.example.",
    "mail.muster.example. IN A 192.0.2.1",
    "host.example. IN A 192.0.2.1",
    'list.example. IN TXT "v=spf1 ip4:192.0.2.0/24 -all"',
    'others.example. IN TXT "v=spf1 ip4:198.51.100.0/24 -all"',
    'all.example. IN TXT "v=spf1 +all"',
    'not-us.example. IN TXT "v=spf1 -ip4:192.0.2.9 ip4:192.0.2.0/24 -all"',
    'twice.example. IN TXT "v=spf1 mx -all"',
    'twice.example. IN TXT "v=spf1 a -all"',
    'badly.example. IN TXT "v=spf1 ip4:192.0.2.300 -all"',
    'open.example. IN TXT "v=spf1 exists:%{i}.spf.open.example -all"',
    'endless.example. IN TXT "v=spf1 include:endless.example -all"',
    'without.example. IN TXT "v=spf1 ip4:192.0.2.9"',
)


@pytest.fixture
def zone() -> Iterator[Zone]:
    """The DNS of a domain that publishes nothing about mail yet, and of some others."""
    with open_zone(*HOSTS) as opened:
        yield opened


def examine(
    zone: Zone, *records: str, servers: Sequence[str] = (), **settings: str
) -> dict[str, list[Finding]]:
    """Add records to the DNS; return what the doctor finds, by SPF, DKIM and so on."""
    zone.lines += records
    found: dict[str, list[Finding]] = {}
    for finding in examine_domain(
        make_settings(**settings), Names("127.0.0.1", zone.port), servers
    ):
        found.setdefault(finding.what.split(" ")[0], []).append(finding)
    return found


def txt(name: str, value: str) -> str:
    """Return a line of a zone file, with a long value in several parts."""
    parts = [value[start : start + 200] for start in range(0, len(value), 200)]
    return f"{name}. IN TXT " + " ".join('"' + part.replace('"', '\\"') + '"' for part in parts)


def spf(zone: Zone, text: str, *servers: str) -> list[Finding]:
    """Return what the doctor says of an SPF record."""
    return examine(zone, txt("muster.example", text), servers=servers)["SPF"]


# -- SPF: who may send


@pytest.mark.parametrize(
    "terms,server",
    [
        ("a/24", OURS),
        ("a/24", "192.0.2.1"),
        ("mx/24", OURS),
        ("a:host.example/24", OURS),
        ("mx:muster.example/24", OURS),
        ("a/24//64", OURS),
        ("a/24//64", "2001:db8:1::9"),
        ("a//64", "2001:db8:1::9"),
        ("A/24", OURS),
        ("include:list.example", OURS),
        ("include:all.example", OURS),
        ("?ip4:198.51.100.0/24 +ip4:192.0.2.0/24", OURS),
        ("include:others.example include:list.example", OURS),
        ("exists:%{i}.spf.example ip4:192.0.2.9", OURS),
        ("extra=%{d}/1 exp=why.example ip4:192.0.2.9", OURS),
        ("ip4:192.0.2.9 ip6:2001:db8:1::/48", "2001:db8:1::9"),
    ],
)
def test_spf_lets_a_server_send_that_it_names(zone: Zone, terms: str, server: str) -> None:
    there, lets = spf(zone, f"v=spf1 {terms} -all", server)

    assert (there.verdict, lets.verdict) == ("ok", "ok"), (there, lets)


@pytest.mark.parametrize(
    "terms",
    [
        "a/30",
        "a//64",
        "ip4:198.51.100.9",
        "-ip4:192.0.2.9 ip4:192.0.2.0/24",
        "?include:list.example a/24",
        "include:not-us.example",
        "include:others.example",
        "-all ip4:192.0.2.9",
    ],
)
def test_spf_lets_no_other_server_send(zone: Zone, terms: str) -> None:
    there, refuses = spf(zone, f"v=spf1 {terms} -all", OURS)

    assert (there.verdict, refuses.verdict) == ("ok", "wrong"), (there, refuses)
    assert f"v=spf1 ip4:{OURS} {terms} -all" in refuses.change


@pytest.mark.parametrize("word", ["exists:%{i}.spf.example", "ptr", "a:spf.%{d}"])
@pytest.mark.parametrize("at", ["{}", "ip4:198.51.100.1 {} a/30"])
def test_what_depends_on_the_mail_cannot_be_followed(zone: Zone, word: str, at: str) -> None:
    there, unsure = spf(zone, f"v=spf1 {at.format(word)} -all", OURS)

    assert (there.verdict, unsure.verdict) == ("ok", "warn")
    assert "cannot be followed" in unsure.says
    assert word in unsure.says


def test_nor_can_what_others_leave_to_it(zone: Zone) -> None:
    _, unsure = spf(zone, "v=spf1 include:open.example -all", OURS)

    assert unsure.verdict == "warn"
    assert "exists:%{i}.spf.open.example" in unsure.says


def test_nor_can_a_record_that_redirects_by_a_macro(zone: Zone) -> None:
    there, unsure = spf(zone, "v=spf1 redirect=%{d}.spf.example", OURS)

    assert (there.verdict, unsure.verdict) == ("ok", "warn")


# -- SPF: what makes it count as broken


@pytest.mark.parametrize(
    "terms,named",
    [
        ("include:gone.example", "gone.example has no SPF record"),
        ("include:twice.example", "twice.example has several SPF records"),
        ("include:badly.example", "badly.example says ip4:192.0.2.300"),
        ("redirect=gone.example", "gone.example has no SPF record"),
        ("redirect=list.example redirect=all.example", "redirect=all.example"),
        ("-redirect=list.example", "-redirect=list.example"),
        ("redirect:list.example", "redirect:list.example"),
        ("ipv4:192.0.2.9", "ipv4:192.0.2.9"),
        ("-all ipv4:192.0.2.9", "ipv4:192.0.2.9"),
        ("ip4:192.0.2.0/33", "ip4:192.0.2.0/33"),
        ("ip4:192.0.2.0/255.255.255.0", "ip4:192.0.2.0/255.255.255.0"),
        ("ip6:2001:db8::/129", "ip6:2001:db8::/129"),
        ("ip4:2001:db8::1", "ip4:2001:db8::1"),
        ("ip4", "ip4"),
        ("a/33", "a/33"),
        ("a//129", "a//129"),
        ("a:192.0.2.1", "a:192.0.2.1"),
        ("include", "include"),
        ("include:", "include:"),
        ("a:%(d).example", "a:%(d).example"),
        ("all:example", "all:example"),
        ("192.0.2.9", "192.0.2.9"),
    ],
)
def test_an_spf_record_that_counts_as_broken_is_told(zone: Zone, terms: str, named: str) -> None:
    broken, *_ = spf(zone, f"v=spf1 {terms}")

    assert broken.verdict == "wrong", broken
    assert named in broken.says
    assert broken.change


def test_a_broken_record_lets_nobody_send_behind_what_is_broken(zone: Zone) -> None:
    records = txt("muster.example", "v=spf1 ip4:192.0.2.1 include:gone.example a/24 -all")

    broken, before, behind = examine(zone, records, servers=("192.0.2.1", OURS))["SPF"]

    assert [each.verdict for each in (broken, before, behind)] == ["wrong", "ok", "wrong"]
    assert "is broken" in behind.says


def test_a_name_that_cannot_be_is_not_there(zone: Zone) -> None:
    there, refuses = spf(zone, f"v=spf1 a:{'a' * 64}.example a:{'a.' * 200}example -all", OURS)

    assert (there.verdict, refuses.verdict) == ("ok", "wrong")


def test_an_include_of_itself_comes_to_an_end(zone: Zone) -> None:
    broken, refuses = spf(zone, "v=spf1 include:endless.example -all", OURS)

    assert "It asks for 11 other records" in broken.says
    assert refuses.verdict == "wrong"


def test_what_stands_behind_all_asks_for_nothing(zone: Zone) -> None:
    includes = " ".join(f"include:spf{number}.example" for number in range(11))

    (there,) = spf(zone, f"v=spf1 mx -all {includes} redirect=gone.example")

    assert there.verdict == "ok", there


@pytest.mark.parametrize("sign", "+-~?")
def test_an_include_with_a_sign_counts_too(zone: Zone, sign: str) -> None:
    (broken,) = spf(zone, f"v=spf1 {f'{sign}include:list.example ' * 11}-all")

    assert "It asks for 11 other records" in broken.says


def test_the_end_of_a_record_is_looked_for_where_it_redirects_to(zone: Zone) -> None:
    closed, *_ = spf(zone, "v=spf1 redirect=list.example")
    zone.lines = [line for line in zone.lines if "redirect" not in line]
    without, *_ = spf(zone, "v=spf1 redirect=without.example")

    assert closed.verdict == "ok"
    assert without.verdict == "warn"
    assert 'without.example. IN TXT "v=spf1 ip4:192.0.2.9 -all"' in without.change


def test_of_several_records_one_is_made(zone: Zone) -> None:
    records = [
        txt("muster.example", "v=spf1 include:list.example ~all"),
        txt("muster.example", "v=spf1 mx include:list.example -all"),
    ]

    (several,) = examine(zone, *records)["SPF"]

    assert several.verdict == "wrong"
    assert '"v=spf1 include:list.example mx -all"' in several.change


def test_the_pointers_of_what_a_provider_names_are_looked_at(zone: Zone) -> None:
    found = examine(zone, txt("muster.example", "v=spf1 a:host.example/31 -ip4:192.0.2.77 ~all"))

    assert [each.what for each in found["PTR"]] == ["PTR of 192.0.2.0", "PTR of 192.0.2.1"]
