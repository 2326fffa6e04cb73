"""What the documentation names is there: commands, files, functions, settings and tables."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import click
import pytest

from docs.generate import SERVICES, generated
from services.__main__ import muster
from shared.tables import METADATA
from tests.docs.reading import PAGES, ROOT, command_lines, page, quoted, rows, section

PERSONAL = {"first_name", "email", "phone", "recipient", "body"}


@pytest.mark.parametrize("path", generated(), ids=lambda path: path.name)
def test_what_is_generated_is_up_to_date(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == generated()[path], "run `make generate`"


def test_the_readme_is_short_enough_to_be_read() -> None:
    assert len(page("README.md").splitlines()) <= 250


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page(name)):
        assert (ROOT / name).parent.joinpath(target).exists(), target


@pytest.mark.parametrize("name", PAGES)
def test_every_path_named_is_there(name: str) -> None:
    for words in quoted(page(name)):
        if re.fullmatch(r"(services|shared|deploy|tests|docs)/[\w./-]*", words):
            assert (ROOT / words).exists(), words


@pytest.mark.parametrize("name", PAGES)
def test_every_target_of_make_is_there(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", page("Makefile"), re.MULTILINE))
    said = [*quoted(page(name)), *command_lines(page(name))]

    for target in re.findall(r"\bmake ([a-z-]+)", "\n".join(said)):
        assert target in targets, target


def test_one_sign_up_passes_through_ten_files_at_most() -> None:
    steps = re.findall(
        r"^\d+\. `([^`]+)`: (.*)$", section(page("README.md"), "Follow one sign-up"), re.MULTILINE
    )

    assert 5 <= len(steps) <= 10
    for path, words in steps:
        source = (ROOT / path).read_text(encoding="utf-8")
        for name in quoted(words):
            assert re.search(rf"^(def|class) {name}\b", source, re.MULTILINE), f"{name} in {path}"


def test_every_command_of_muster_is_there() -> None:
    for first, _ in rows(section(page("docs/operations.md"), "Commands")):
        start, *others = quoted(first)
        *group, name = start.removeprefix("muster ").split()
        for command in [name, *others]:
            assert find_command([*group, command]), first


def find_command(words: list[str]) -> click.Command | None:
    found: click.Command | None = muster
    for word in words:
        found = found.commands.get(word) if isinstance(found, click.Group) else None
    return found


def test_every_command_is_named() -> None:
    named = " ".join(row[0] for row in rows(section(page("docs/operations.md"), "Commands")))

    for name, command in muster.commands.items():
        for inner in command.commands if isinstance(command, click.Group) else [name]:
            assert f"`{inner}`" in named or f" {inner}`" in named or name in ("run", "demo"), name


def test_the_settings_of_compose_are_those_of_the_file() -> None:
    read = set(re.findall(r"\$\{([A-Z_]+)", page("docker-compose.yml")))
    table = rows(section(page("docs/operations.md"), "Compose"))
    told = {name for row in table for name in quoted(row[0]) if name.isupper()}

    assert told == read


def test_every_process_of_compose_is_told() -> None:
    services = section_of_yaml(page("docker-compose.yml"), "services")
    table = rows(section(page("docs/operations.md"), "Compose"))
    told = {name for row in table for name in quoted(row[0]) if not name.isupper()}

    assert told == set(services)


def section_of_yaml(text: str, name: str) -> list[str]:
    """Return the keys below a top-level key."""
    below = re.split(r"^(?=\S)", text, flags=re.MULTILINE)
    (part,) = [part for part in below if part.startswith(f"{name}:")]
    return re.findall(r"^  ([a-z-]+):", part, re.MULTILINE)


@pytest.mark.parametrize("name", PAGES)
def test_what_is_scaled_is_a_process(name: str) -> None:
    for process in re.findall(r"--scale ([a-z-]+)=", page(name)):
        assert process in section_of_yaml(page("docker-compose.yml"), "services")


def test_every_table_with_personal_fields_is_named() -> None:
    told = page("docs/privacy.md")

    for service in SERVICES:
        tables = import_module(f"services.{service}.models").Base.metadata.tables
        for table in [*tables.values(), *METADATA.tables.values()]:
            personal = PERSONAL & {column.name for column in table.columns}
            if personal:
                assert f"`{table.name}`" in told, f"{service}.{table.name} has {personal}"


def test_every_table_that_is_named_exists() -> None:
    tables = set(METADATA.tables)
    for service in SERVICES:
        tables |= set(import_module(f"services.{service}.models").Base.metadata.tables)

    for row in rows(page("docs/privacy.md")):
        for name in quoted(row[0]):
            assert name in (*tables, *SERVICES), name


def test_the_changelog_knows_this_version() -> None:
    (version,) = re.findall(r'^version = "(.+)"$', page("pyproject.toml"), re.MULTILINE)

    assert f"## {version}" in page("CHANGELOG.md")
