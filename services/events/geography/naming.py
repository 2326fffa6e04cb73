"""Loading the names of constituencies, authorities and wards by their GSS codes."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from shared.database import insert

from ..models import PlaceName
from .files import CsvFile, WrongFile, csv_files

KINDS = {
    **dict.fromkeys(("E14", "W07", "S14", "N05", "N06"), "constituency"),
    **dict.fromkeys(("E06", "E07", "E08", "E09", "W06", "S12", "N09"), "authority"),
    **dict.fromkeys(("E05", "W05", "S13", "N08"), "ward"),
}
"""What a GSS code stands for, by its first three characters."""

CODE = re.compile(r"[EWSN]\d{8}")
CODE_COLUMN = re.compile(r"code|gss_code|(pcon|lad|wd)\d\dcd")
NAME_COLUMN = re.compile(r"name|(pcon|lad|wd)\d\dnm")
EXPECTED = (
    'Expected was JSON like {"E14001334": "Lincoln"}, or CSV with a column of GSS codes'
    " (PCON24CD, LAD24CD, WD24CD or code) and one of names (PCON24NM, LAD24NM, WD24NM or name)."
)
LONGEST = 200
AT_ONCE = 1000


def read_names(path: Path) -> dict[str, str]:
    """Return the names in a JSON or CSV file, in a zip or in a folder. Raises WrongFile."""
    if path.suffix.lower() == ".json" and path.is_file():
        found = read_json(path)
    else:
        found = {code: name for file in csv_files(path, EXPECTED) for code, name in read_csv(file)}
    kept = {code: name for code, name in found.items() if kind_of(code) and name}
    if not kept:
        raise WrongFile(f"{path}: there are no names of places in it.\n{EXPECTED}")
    return kept


def read_json(path: Path) -> dict[str, str]:
    """Return the texts of a JSON object."""
    try:
        found: Any = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise WrongFile(f"{path}: this cannot be read as JSON.\n{EXPECTED}") from error
    pairs = found.items() if isinstance(found, dict) else ()
    return {code: name.strip()[:LONGEST] for code, name in pairs if isinstance(name, str)}


def read_csv(file: CsvFile) -> Iterator[tuple[str, str]]:
    """Yield the codes and names of a CSV file; nothing where it has no such columns."""
    header = [text.strip().lower() for text in file.header]
    codes = [at for at, text in enumerate(header) if CODE_COLUMN.fullmatch(text)]
    names = [at for at, text in enumerate(header) if NAME_COLUMN.fullmatch(text)]
    if not codes or not names:
        return
    with file.open() as lines:
        for cells in csv.reader(lines):
            if len(cells) > max(codes[0], names[0]):
                yield cells[codes[0]].strip(), cells[names[0]].strip()[:LONGEST]


def kind_of(code: str) -> str:
    """Return what a GSS code stands for: a constituency, an authority, a ward or nothing here."""
    return KINDS.get(code[:3], "") if CODE.fullmatch(code) else ""


def load_names(session: Session, names: dict[str, str]) -> Counter[str]:
    """Write names, over those that were there; return how many of each kind."""
    rows = [{"code": code, "kind": kind_of(code), "name": name} for code, name in names.items()]
    table: Any = PlaceName.__table__
    statement = insert(session, table)
    newer = {"kind": statement.excluded.kind, "name": statement.excluded.name}
    upsert = statement.on_conflict_do_update(index_elements=["code"], set_=newer)
    for start in range(0, len(rows), AT_ONCE):
        session.execute(upsert, rows[start : start + AT_ONCE])
    return Counter(row["kind"] for row in rows)
