"""Zip archives that claim to be documents, looked at before anything in them is parsed."""

import zipfile
import zlib
from pathlib import Path

from loresmith.errors import Unreadable

DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)
"""What reading an archive raises where it is none, broken, cut off, or packed in an unknown way."""
_LARGEST_BYTES = 300 << 20
"""Of all parts together, unpacked."""
_HIGHEST_RATIO = 200
"""Unpacked to packed size of one part, above 1 MB; text reaches about 20."""
_MOST_PARTS = 20_000
_XML_SUFFIXES = (".xml", ".rels", ".xhtml", ".html", ".htm", ".opf", ".ncx", ".vml")
_ENCRYPTED = 1
"""Bit of a zip entry's flags."""


def check_archive(path: Path, forbidden: str = "<!DOCTYPE") -> None:
    """Nothing in the archive is encrypted, unpacks to an absurd size or, in its XML, holds `forbidden`.

    Raises:
        Unreadable: one of these is the case.
        DAMAGED: it is no archive, or a part of its XML cannot be unpacked.
    """
    marks = [forbidden.encode(encoding) for encoding in ("ascii", "utf-16-le", "utf-16-be")]
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        total = sum(part.file_size for part in parts)
        if len(parts) > _MOST_PARTS or total > _LARGEST_BYTES:
            raise Unreadable(path, f"it would unpack to {total / 1e6:.0f} MB in {len(parts)} parts; a zip bomb?")
        for part in parts:
            if part.flag_bits & _ENCRYPTED:
                raise Unreadable(path, "encrypted; needs a password")
            if part.file_size > 1 << 20 and part.file_size > _HIGHEST_RATIO * max(1, part.compress_size):
                raise Unreadable(path, f"{part.filename} would unpack {_HIGHEST_RATIO} times over; a zip bomb?")
            if part.filename.lower().endswith(_XML_SUFFIXES):
                raw = archive.read(part)
                if any(mark in raw for mark in marks):
                    raise Unreadable(path, f"{part.filename} declares XML entities, which no honest document does")
