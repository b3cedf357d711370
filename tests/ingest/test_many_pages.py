"""A PDF of ten thousand pages costs no more than its limits."""

import time
from pathlib import Path

import pytest

from loresmith.errors import Unreadable
from loresmith.ingest.confined import ConfinedReader, Limits

PAGES = 10_000


def long_pdf(pages: int) -> bytes:
    """`pages` pages that share one content stream."""
    stream = b"BT /F 11 Tf 72 700 Td (The relief valve of this page opens at 4 bar, as on every page.) Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {pages} /Kids [{' '.join(f'{5 + n} 0 R' for n in range(pages))}] >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream),
    ]
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
    page += b" /Resources << /Font << /F 3 0 R >> >> >>"
    objects += [page] * pages
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def test_a_pdf_of_ten_thousand_pages_is_read_or_set_aside_in_its_time_and_the_next_file_is_read(tmp_path: Path) -> None:
    path, note = tmp_path / "long.pdf", tmp_path / "note.md"
    path.write_bytes(long_pdf(PAGES))
    note.write_text("# A note\n\nThe valve opens at 4 bar.\n")
    with ConfinedReader(Limits(seconds=1.5, memory_mb=1024)) as reader:
        reader.read(note)  # the child is there, so that no time of starting counts
        began = time.monotonic()
        with pytest.raises(Unreadable, match=r"more than 1\.5 seconds"):
            reader.read(path)
        assert time.monotonic() - began < 10
        assert reader.read(note)[1].title == "A note"


def test_the_pages_of_a_long_pdf_are_counted_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "long.pdf"
    path.write_bytes(long_pdf(30))
    with ConfinedReader(Limits(seconds=60, memory_mb=1024)) as reader:
        assert reader.read(path)[1].pages == 30
