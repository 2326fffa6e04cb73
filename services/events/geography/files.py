"""CSV files of the Office for National Statistics: in a zip, in a folder, or by themselves."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from shared.refusals import Refusal

CHUNK = 256 * 1024


class WrongFile(Refusal):
    """This file cannot be read."""


@dataclass(frozen=True)
class CsvFile:
    """A CSV file with the names of its columns; `size` counts bytes."""

    name: str
    size: int
    header: list[str]
    archive: Path | None
    """The zip that it lies in."""

    @contextmanager
    def open(self) -> Iterator[IO[str]]:
        """Open the file as text. Raises WrongFile."""
        with (
            opened(self.archive, self.name) as raw,
            io.TextIOWrapper(raw, "utf-8-sig", errors="replace", newline="") as text,
        ):
            yield text


def counted(lines: IO[str], progress: Callable[[int], None]) -> Iterator[str]:
    """Yield the lines; tell `progress` of every so many letters, which here are bytes."""
    read = 0
    for line in lines:
        read += len(line)
        if read >= CHUNK:
            progress(read)
            read = 0
        yield line
    progress(read)


@contextmanager
def opened(archive: Path | None, name: str) -> Iterator[IO[bytes]]:
    """Open a file, or a file in a zip, for reading bytes. Raises WrongFile."""
    try:
        if archive is None:
            with Path(name).open("rb") as raw:
                yield raw
        else:
            with zipfile.ZipFile(archive) as box, box.open(name) as raw:
                yield raw
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise WrongFile(f"{archive}: this zip is damaged; please fetch it again.") from error
    except OSError as error:
        raise WrongFile(f"{archive or name}: {error.strerror or error}.") from error


def csv_files(path: Path, expected: str) -> list[CsvFile]:
    """Return the CSV files in a zip or a folder, or the file itself. Raises WrongFile."""
    if not path.exists():
        raise WrongFile(f"{path}: there is no such file.\n{expected}")
    if path.is_dir():
        found = sorted(each for each in path.rglob("*") if each.suffix.lower() == ".csv")
        return [described(str(each), each.stat().st_size, None) for each in found]
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as box:
            inside = [each for each in box.infolist() if each.filename.lower().endswith(".csv")]
        return [described(each.filename, each.file_size, path) for each in inside]
    if path.suffix.lower() == ".csv":
        return [described(str(path), path.stat().st_size, None)]
    raise WrongFile(f"{path}: this is neither a zip nor a CSV.\n{expected}")


def described(name: str, size: int, archive: Path | None) -> CsvFile:
    """Return a CSV file with its header read."""
    with opened(archive, name) as raw:
        first = raw.readline(64 * 1024).decode("utf-8-sig", errors="replace")
    header = next(csv.reader([first.replace("\0", "").splitlines()[0] if first else ""]), [])
    return CsvFile(name=name, size=size, header=header, archive=archive)
