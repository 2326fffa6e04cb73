"""Reading the ONS Postcode Directory as it is published: a zip or its folder, a large CSV within.

The columns of constituencies, authorities and wards carry years in their names, so that columns are
found by patterns.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from .files import CsvFile, WrongFile, counted, csv_files

COLUMNS = {
    "pcds": re.compile(r"pcds"),
    "lat": re.compile(r"lat"),
    "long": re.compile(r"long"),
    "doterm": re.compile(r"doterm"),
    "pcon": re.compile(r"pcon|pcon\d\dcd"),
    "oslaua or ladNNcd": re.compile(r"oslaua|lad\d\dcd"),
    "oswd, osward or wdNNcd": re.compile(r"oswd|osward|wd\d\dcd"),
}
EXPECTED = (
    "Expected was the ONS Postcode Directory (ONSPD) as the Office for National Statistics"
    " publishes it: the zip, the folder it unpacks to, or the large CSV in its folder Data."
)
NO_LATITUDE = 90.0
"""Postcodes without a place have the latitude 99.999999."""


class Row(NamedTuple):
    """A postcode in use, with the place it lies at and the codes of what it lies in."""

    postcode: str
    latitude: float
    longitude: float
    constituency_code: str
    authority_code: str
    ward_code: str


@dataclass(frozen=True)
class Directory:
    """The files of a directory, and how many bytes they have in all."""

    source: str
    files: list[CsvFile]

    @property
    def size(self) -> int:
        """Return how many bytes there are to read."""
        return sum(file.size for file in self.files)

    def rows(self, progress: Callable[[int], None]) -> Iterator[Row]:
        """Yield the postcodes in use that have a place; tell `progress` of bytes as they are read.

        Raises WrongFile.
        """
        for file in self.files:
            yield from read_rows(file, progress)


def open_directory(path: Path) -> Directory:
    """Find the postcodes in a zip, in a folder or in a CSV. Raises WrongFile.

    The directory comes as one large file and once more cut up by areas: only one of them is read.
    """
    found = [file for file in csv_files(path, EXPECTED) if not missing(file.header)]
    if not found:
        raise WrongFile(f"{path}: {what_is_missing(path)}\n{EXPECTED}")
    whole = [file for file in found if "multi" not in file.name.lower()]
    chosen = [max(whole, key=lambda file: file.size)] if whole else found
    return Directory(source=path.name, files=chosen)


def what_is_missing(path: Path) -> str:
    """Say which columns the file lacks that comes closest."""
    headers = [file.header for file in csv_files(path, EXPECTED)]
    if not headers:
        return "there is no CSV file in it."
    lacking = min((missing(header) for header in headers), key=len)
    if len(lacking) == len(COLUMNS):
        return "none of its columns is one of a postcode directory."
    return f"it has no column {', no '.join(lacking)}."


def missing(header: list[str]) -> list[str]:
    """Return the columns that a header lacks."""
    return [name for name in COLUMNS if column_of(header, name) is None]


def column_of(header: list[str], name: str) -> int | None:
    """Return where a column stands; of several years the newest."""
    fitting = [
        (text, at)
        for at, text in enumerate(header)
        if COLUMNS[name].fullmatch(text.strip().lower())
    ]
    return max(fitting)[1] if fitting else None


def read_rows(file: CsvFile, progress: Callable[[int], None]) -> Iterator[Row]:
    """Yield the postcodes of one file."""
    columns = [column_of(file.header, name) for name in COLUMNS]
    pick = itemgetter(*(column for column in columns if column is not None))
    with file.open() as lines:
        reader = csv.reader(counted(lines, progress))
        next(reader)
        try:
            for cells in reader:
                if cells and (row := read_row(*pick(cells))):
                    yield row
        except (IndexError, ValueError, csv.Error) as error:
            raise WrongFile(
                f"{file.name}, line {reader.line_num}: this is no line of a postcode directory."
            ) from error


def read_row(  # noqa: PLR0913 - the seven columns of the directory
    postcode: str,
    latitude: str,
    longitude: str,
    terminated: str,
    constituency: str,
    authority: str,
    ward: str,
) -> Row | None:
    """Return a postcode that is in use and has a place, or None."""
    if terminated.strip() or not postcode.strip():
        return None
    north, east = float(latitude or 99), float(longitude or 0)
    if north > NO_LATITUDE:
        return None
    key = postcode.replace(" ", "").upper()
    return Row(key, north, east, code(constituency), code(authority), code(ward))


def code(text: str) -> str:
    """Return a GSS code; those like L99999999 stand for none."""
    text = text.strip()
    return "" if text.endswith("99999999") else text
