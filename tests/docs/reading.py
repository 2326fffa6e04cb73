"""Taking apart what the documentation says, so that it can be held against the code."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "CONTRIBUTING.md", "docs/operations.md", "docs/privacy.md", "docs/feeds.md")


def page(name: str) -> str:
    """Return the text of a page."""
    return (ROOT / name).read_text(encoding="utf-8")


def section(text: str, title: str) -> str:
    """Return what stands below a heading, up to the next one of its rank."""
    level = re.search(rf"^(#+) {re.escape(title)}$", text, re.MULTILINE)
    assert level, f"no heading {title}"
    rest = text[level.end() :]
    end = re.search(rf"^#{{1,{len(level[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def quoted(text: str) -> list[str]:
    """Return what stands in backticks."""
    return re.findall(r"`([^`\n]+)`", text)


def command_lines(text: str) -> list[str]:
    """Return the indented lines: what a reader is to type."""
    return [line.strip() for line in text.splitlines() if line.startswith("    ")]


def rows(text: str) -> list[list[str]]:
    """Return the cells of all table rows, headings left out."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rules = [number for number, row in enumerate(cells) if set("".join(row)) <= {"-"}]
    skipped = {*rules, *(number - 1 for number in rules)}
    return [row for number, row in enumerate(cells) if number not in skipped]
