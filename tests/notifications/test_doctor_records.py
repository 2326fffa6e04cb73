"""The doctor takes what a domain publishes as those do who get mail from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from services.notifications.doctor.domain import examine_domain
from services.notifications.doctor.findings import Finding
from services.notifications.doctor.names import Names
from services.notifications.mail.signing import record_of

from .making import make_settings
from .test_signing import key_of
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


# -- DMARC


@pytest.mark.parametrize(
    "text,verdict,change",
    [
        ("v=DMARC1; p=reject; sp=none", "ok", ""),
        ("v=DMARC1;p=quarantine;sp=none", "ok", ""),
        ("v = DMARC1 ; P = Reject ;", "ok", ""),
        ("v=DMARC1; p=reject; fo=1; rua=mailto:p=none@muster.example", "ok", ""),
        ("v=DMARC1; p = none", "warn", '"v=DMARC1; p=quarantine"'),
        ("v=DMARC1; sp=none; p=none", "warn", '"v=DMARC1; p=quarantine; sp=none"'),
        ("v=DMARC1; p=NONE", "warn", '"v=DMARC1; p=quarantine"'),
        ("v=DMARC1; rua=mailto:x@muster.example", "wrong", '"v=DMARC1; p=none; rua='),
        ("v=DMARC1; p=rejected", "wrong", '"v=DMARC1; p=none"'),
        ("v=DMARC1; p=reject; sp=nothing", "wrong", '"v=DMARC1; p=reject"'),
        ("v=dmarc1; p=reject", "wrong", '"v=DMARC1; p=reject"'),
        ("v=DMARC10; p=reject", "wrong", '"v=DMARC1; p=none; rua='),
        ("p=reject; v=DMARC1", "wrong", '"v=DMARC1; p=none; rua='),
    ],
)
def test_what_a_policy_asks_for(zone: Zone, text: str, verdict: str, change: str) -> None:
    (policy,) = examine(zone, txt("_dmarc.muster.example", text))["DMARC"]

    assert policy.verdict == verdict, policy
    assert change in policy.change


def test_two_policies_are_none(zone: Zone) -> None:
    two = [txt("_dmarc.muster.example", f"v=DMARC1; p={asked}") for asked in ("reject", "none")]

    (policy,) = examine(zone, *two)["DMARC"]

    assert policy.verdict == "wrong"
    assert "v=DMARC1; p=reject or v=DMARC1; p=none" in policy.change


@pytest.mark.parametrize(
    "text,verdict,change",
    [
        ("v=DMARC1; p=reject; sp=none", "warn", '"v=DMARC1; p=reject; sp=quarantine"'),
        ("v=DMARC1; p=none; sp=reject", "ok", ""),
        ("v=DMARC1; p=reject", "ok", ""),
        ("v=DMARC1; p=none", "warn", '"v=DMARC1; p=quarantine"'),
    ],
)
def test_a_domain_above_decides_for_those_below(
    zone: Zone, text: str, verdict: str, change: str
) -> None:
    above = txt("_dmarc.muster.example", text)

    (policy,) = examine(zone, above, mail_from="noreply@north.muster.example")["DMARC"]

    assert policy.verdict == verdict, policy
    assert change in policy.change
    assert not change or "Publish: _dmarc.muster.example. " in policy.change


# -- Whether SPF or DKIM proves whose mail it is


def aligned(zone: Zone, policy: str, **settings: str) -> list[tuple[str, str]]:
    """Return what is said of alignment below a policy, as what was looked at and the verdict."""
    records = [txt("_dmarc.muster.example", policy)] if policy else []
    found = examine(zone, *records, **settings)
    return [
        (each.what, each.verdict)
        for what in ("SPF", "DKIM")
        for each in found[what]
        if "aligned" in each.says or "proves nothing" in each.says
    ]


@pytest.mark.parametrize(
    "policy,verdict",
    [
        ("v=DMARC1; p=reject", "wrong"),
        ("v=DMARC1; p=quarantine; sp=none", "wrong"),
        ("v=DMARC1; p=none", "warn"),
        ("", "warn"),
    ],
)
def test_a_return_path_elsewhere_proves_nothing(zone: Zone, policy: str, verdict: str) -> None:
    found = aligned(zone, policy, bounce_address="back@elsewhere.example")

    assert found == [("SPF of elsewhere.example", verdict)]


def test_what_becomes_of_mail_that_nothing_proves_is_said(zone: Zone) -> None:
    found = examine(
        zone,
        txt("_dmarc.muster.example", "v=DMARC1; p=reject"),
        bounce_address="back@elsewhere.example",
    )

    worst = found["SPF"][-1]
    assert "Unless they are signed for muster.example, p=reject has them refused" in worst.says
    assert "DKIM_KEY_FILE" in worst.change


@pytest.mark.parametrize(
    "policy,settings,expected",
    [
        ("", {"bounce_address": "back@lists.muster.example"}, []),
        (
            "; aspf=s",
            {"bounce_address": "back@lists.muster.example"},
            [("SPF of lists.muster.example", "wrong")],
        ),
        (
            "; aspf=r; adkim=s",
            {"bounce_address": "back@lists.muster.example"},
            [],
        ),
        (
            "",
            {
                "bounce_address": "back@lists.muster.example",
                "mail_from": "noreply@north.muster.example",
            },
            [],
        ),
        (
            "; aspf=S",
            {
                "bounce_address": "back@muster.example",
                "mail_from": "noreply@north.muster.example",
            },
            [("SPF of muster.example", "wrong")],
        ),
        (
            "; psd=y",
            {
                "bounce_address": "back@lists.muster.example",
                "mail_from": "noreply@north.muster.example",
            },
            [("SPF of lists.muster.example", "wrong")],
        ),
    ],
)
def test_a_return_path_is_aligned_within_an_organisation(
    zone: Zone, policy: str, settings: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    assert aligned(zone, f"v=DMARC1; p=reject{policy}", **settings) == expected


@pytest.mark.parametrize(
    "policy,signs,sends,verdict",
    [
        ("", "muster.example", "muster.example", "ok"),
        ("; adkim=s", "muster.example", "muster.example", "ok"),
        ("; adkim=r", "lists.muster.example", "muster.example", "ok"),
        ("; adkim=s", "lists.muster.example", "muster.example", "wrong"),
        ("; adkim=s", "muster.example", "north.muster.example", "wrong"),
        ("", "lists.muster.example", "north.muster.example", "ok"),
        ("; adkim=s; aspf=r", "lists.muster.example", "north.muster.example", "wrong"),
    ],
)
def test_a_signature_is_aligned_as_strictly_as_the_policy_asks(
    zone: Zone, policy: str, signs: str, sends: str, verdict: str
) -> None:
    found = aligned(
        zone,
        f"v=DMARC1; p=reject{policy}",
        dkim_key=key_of("rsa"),
        dkim_domain=signs,
        mail_from=f"noreply@{sends}",
    )

    assert found == [(f"DKIM of {signs}", verdict)]


def test_without_a_policy_a_domain_proves_those_below_it(zone: Zone) -> None:
    found = aligned(
        zone, "", bounce_address="back@muster.example", mail_from="noreply@north.muster.example"
    )

    assert found == []


def test_the_highest_policy_says_who_belongs_together(zone: Zone) -> None:
    zone.lines.append(txt("_dmarc.north.muster.example", "v=DMARC1; p=reject"))

    found = aligned(
        zone,
        "v=DMARC1; p=none",
        bounce_address="back@south.muster.example",
        mail_from="noreply@north.muster.example",
    )

    assert found == []


def test_a_signature_proves_what_the_return_path_does_not(zone: Zone) -> None:
    found = aligned(
        zone,
        "v=DMARC1; p=reject",
        dkim_key=key_of("rsa"),
        bounce_address="back@elsewhere.example",
    )

    assert found == [("DKIM of muster.example", "ok")]


# -- DKIM


@pytest.mark.parametrize(
    "change,verdict,says",
    [
        (("v=DKIM1; k=rsa; ", ""), "ok", "has the key"),
        (("k=rsa;", "k = rsa ; h = sha1 : sha256 ; s=email; t=s;"), "ok", "has the key"),
        (("p=MIIB", "p=MI IB"), "ok", "has the key"),
        (("k=rsa", "k=ed25519"), "wrong", "k=ed25519"),
        (("k=rsa", "k=rsa; h=sha1"), "wrong", "h=sha1"),
        (("k=rsa", "k=rsa; s=tlsrpt"), "wrong", "not for mail"),
        (("k=rsa", "k=rsa; t=y:s"), "warn", "t=y"),
        (("DKIM1", "DKIM2"), "wrong", "v=DKIM1"),
        (("p=MIIB", "P=MIIB"), "wrong", "has no key"),
        (("p=MIIB", 'p=MII"B'), "wrong", "has another key"),
        (("p=MIIB", "p=MIIBä"), "wrong", "has another key"),
        (("p=MIIB", "p=MII\u00a0B"), "wrong", "has another key"),
        (("p=MIIB", "p=<MIIB>=="), "wrong", "has another key"),
        (("p=MIIB", "p=; n=MIIB"), "wrong", "has no key"),
    ],
)
def test_a_key_has_to_be_one_for_our_signatures(
    zone: Zone, change: tuple[str, str], verdict: str, says: str
) -> None:
    published = record_of(key_of("rsa")).replace(*change)

    key, aligned = examine(
        zone, txt("muster._domainkey.muster.example", published), dkim_key=key_of("rsa")
    )["DKIM"]

    assert key.verdict == verdict, key
    assert says in key.says
    assert verdict == "ok" or record_of(key_of("rsa"))[:200] in key.change
    assert aligned.verdict == "ok"


def test_an_ed25519_key_is_not_one_of_rsa(zone: Zone) -> None:
    published = record_of(key_of("ed25519")).replace("k=ed25519; ", "")

    key, _ = examine(
        zone, txt("muster._domainkey.muster.example", published), dkim_key=key_of("ed25519")
    )["DKIM"]

    assert key.verdict == "wrong"
    assert "k=rsa" in key.says


def test_two_keys_at_one_name_are_told(zone: Zone) -> None:
    records = [txt("muster._domainkey.muster.example", record_of(key_of("rsa")))] * 2
    records[1] = txt("muster._domainkey.muster.example", "v=DKIM1; p=QUJD")

    key, _ = examine(zone, *records, dkim_key=key_of("rsa"))["DKIM"]

    assert key.verdict == "wrong"
    assert "several records" in key.says
