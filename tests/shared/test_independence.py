"""No service reads another's code: each could be moved to a repository of its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("events", "signups", "notifications")


def imported_by(source: str, package: tuple[str, ...]) -> Iterator[str]:
    """Yield the full name of all that a module of `package` imports, relative names resolved."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else ()
            module = ".".join((*above, *filter(None, [node.module])))
            yield from (f"{module}.{alias.name}" for alias in node.names)


def sisters_in(source: str, package: tuple[str, ...]) -> list[str]:
    """Return what the module takes from another folder of services/ than its own."""
    names = [name.split(".") for name in imported_by(source, package)]
    return [
        ".".join(parts) for parts in names if parts[0] == "services" and parts[1:2] != [package[1]]
    ]


def modules_below(*folders: str) -> list[Path]:
    return [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_imports_another(service: str) -> None:
    for file in modules_below(f"services/{service}"):
        assert sisters_in(file.read_text(), file.relative_to(ROOT).parent.parts) == [], file


@pytest.mark.parametrize(
    "line",
    [
        "from services.signups import rules",
        "from services import signups",
        "import services.signups.rules",
        "import services",
        "from ..signups import rules",
        "from .. import signups",
    ],
)
def test_an_import_of_a_sister_service_is_seen(line: str) -> None:
    assert sisters_in(line, ("services", "events"))


@pytest.mark.parametrize(
    "line", ["from . import rules", "from .rules import kinds", "from shared import web"]
)
def test_an_import_from_its_own_folder_is_none_of_a_sister(line: str) -> None:
    assert not sisters_in(line, ("services", "events"))


def test_shared_imports_no_service() -> None:
    for file in modules_below("shared"):
        names = imported_by(file.read_text(), file.relative_to(ROOT).parent.parts)
        assert not [name for name in names if name.split(".")[0] == "services"], file


def test_only_one_room_speaks_to_the_broker() -> None:
    for file in modules_below("shared", "services"):
        names = imported_by(file.read_text(), file.relative_to(ROOT).parent.parts)
        assert file.parent.name == "broker" or "pika" not in {
            name.split(".")[0] for name in names
        }, file
